"""Large messages on their way through a file that nobody can read."""

import asyncio
import errno
import os
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guard.memory import Memory
from guard.model.errors import GuardError, StoreFullError
from guard.model.octets import BLOCK
from guard.model.reply import Reply
from guard.submission.mail.intake import Intake, Terms
from guard.submission.mail.spool import Spool

TAG = 16
"""Octets by which AES-GCM makes a block longer (NIST SP 800-38D)."""

CANARY = b"Subject: the canary sings\r\n\r\n"


def open_files() -> set[str]:
    """What this process has open that has no name."""
    targets = set()
    for each in Path("/proc/self/fd").iterdir():
        try:
            targets.add(str(each.readlink()))
        except OSError:  # the one by which we look
            continue
    return {target for target in targets if target.endswith("(deleted)")}


def spooled(octets: bytes) -> Spool:
    spool = Spool()
    for start in range(0, len(octets), BLOCK):
        spool.append(octets[start : start + BLOCK])
    return spool


@settings(max_examples=20)
@given(st.integers(0, 3), st.integers(0, 3), st.binary(min_size=1, max_size=30))
def test_out_as_it_went_in(blocks: int, short: int, pattern: bytes) -> None:
    """R-C1: to the octet, in one piece or block by block, and as often as asked."""
    octets = (pattern * (BLOCK * blocks // len(pattern) + 1))[: max(0, BLOCK * blocks - short)]
    spool = spooled(octets)
    try:
        assert spool.whole() == octets
        assert b"".join(spool.blocks()) == octets
        assert all(len(block) <= BLOCK for block in spool.blocks())
        assert (spool.size_bytes, spool.is_ascii) == (len(octets), octets.isascii())
    finally:
        spool.close()


def test_nothing_on_disk_can_be_read() -> None:
    """R-J1: what stands in the file is not what was written, and no name leads to it."""
    before = open_files()
    spool = spooled(CANARY * 20_000)
    assert len(open_files() - before) == 1
    stored = os.pread(spool._file.fileno(), 1 << 20, 0)
    assert len(stored) == 20_000 * len(CANARY) + TAG * 3
    assert b"canary" not in stored
    assert spool.head() == b"Subject: the canary sings\r\n"
    spool.close()
    spool.close()
    assert open_files() == before


@pytest.mark.parametrize("place", [5, BLOCK + TAG + 5], ids=["first block", "second block"])
def test_damage_is_seen(place: int) -> None:
    """What is not what was written is no message: an error, which ends as 451."""
    spool = spooled(CANARY * 20_000)
    os.pwrite(spool._file.fileno(), b"\0\0", place)
    with pytest.raises(OSError, match="damaged"):
        spool.whole()
    spool.close()


def test_a_file_that_was_cut_is_seen() -> None:
    """The same for one that lost its end."""
    spool = spooled(CANARY * 20_000)
    os.ftruncate(spool._file.fileno(), BLOCK)
    with pytest.raises(OSError, match="damaged"):
        spool.whole()
    spool.close()


@pytest.mark.parametrize(
    ("code", "reply"),
    [(errno.ENOSPC, StoreFullError.reply), (errno.EIO, GuardError.reply)],
    ids=["full", "broken"],
)
async def test_a_disk_that_does_not_take_it(
    monkeypatch: pytest.MonkeyPatch, code: int, reply: Reply
) -> None:
    """R-A6: put off, with nothing left open and nothing in the budget."""
    before = open_files()
    memory = Memory(10**9)
    kept = Intake(Terms(limit_bytes=10**9, spool_bytes=BLOCK, memory=memory))
    kept.add(b"a" * BLOCK)
    await kept.settle()

    def write(*_: object) -> int:
        raise OSError(code, "no")

    monkeypatch.setattr(os, "write", write)
    for _ in range(2):
        kept.add(b"a" * BLOCK)
        await kept.settle()
    assert memory.used_bytes == 0
    assert kept.finish() == reply
    assert open_files() == before


def test_a_disk_that_takes_a_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that ends early is gone on with."""
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, octets: write(file, octets[:1000]))
    spool = spooled(CANARY * 100)
    assert spool.whole() == CANARY * 100
    spool.close()


async def test_a_client_cut_off_while_the_disk_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """R-B5: the file is not closed under who writes it; then it is, and nothing is left."""
    before = open_files()
    memory = Memory(10**9)
    kept = Intake(Terms(limit_bytes=10**9, spool_bytes=BLOCK, memory=memory))
    begun, go_on, written = threading.Event(), threading.Event(), []
    write = os.write

    def slowly(file: int, octets: bytes) -> int:
        begun.set()
        assert go_on.wait(10)
        written.append(write(file, octets))
        return written[-1]

    monkeypatch.setattr(os, "write", slowly)
    kept.add(b"a" * BLOCK)
    settling = asyncio.create_task(kept.settle())
    assert await asyncio.to_thread(begun.wait, 10)
    settling.cancel()
    await asyncio.sleep(0)
    assert not settling.done()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await settling
    assert written == [BLOCK + TAG]
    kept.discard()
    assert open_files() == before
    assert memory.used_bytes == 0


async def test_a_message_given_up_leaves_nothing_open() -> None:
    """A client that goes in the middle costs neither a file nor memory."""
    before = open_files()
    memory = Memory(10**9)
    kept = Intake(Terms(limit_bytes=10**9, spool_bytes=1024, memory=memory))
    kept.add(b"a" * (BLOCK + 1))
    await kept.settle()
    assert len(open_files() - before) == 1
    assert memory.used_bytes == 1
    kept.discard()
    assert open_files() == before
    assert memory.used_bytes == 0
