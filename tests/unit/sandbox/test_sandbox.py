"""What kills a child kills nothing else."""

import asyncio
import io
import os
import select
import signal
import socket
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from guard.model.extract import ReadState, Reason
from guard.model.message import Attachment
from guard.sandbox import Limits, Sandbox, wire

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def attachment(octets: bytes, name: str = "file") -> Attachment:
    """A file as it hangs on a mail."""
    return Attachment(part="2", name=name, content_type="application/octet-stream", octets=octets)


def two_cells() -> bytes:
    """A workbook with text in A1 and in the last cell that a sheet has."""
    sheet_type = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{sheet_type}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{sheet_type}.worksheet+xml"/>'
        "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="a" '
        f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="S" sheetId="1" r:id="b"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="b" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        "</Relationships>",
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData>'
        '<row r="1"><c r="A1" t="inlineStr"><is><t>first</t></is></c></row>'
        '<row r="1048576"><c r="XFD1048576"><v>9012345678</v></c></row>'
        "</sheetData></worksheet>",
    }
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return target.getvalue()


def slow_html() -> bytes:
    """A page that takes the reader some tenths of a second."""
    return b"<html>" + b"<p title='a'>text</p>" * 40_000


def children_of(pid: int | None) -> set[int]:
    """Processes, zombies too, whose parent is *pid*."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            if parent == pid:
                found.add(int(entry.name))
    return found


@pytest_asyncio.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """One with a single slot and the default limits."""
    made = Sandbox(slots=1)
    await made.start()
    yield made
    await made.stop()


async def read_with(limits: Limits, octets: bytes) -> tuple[ReadState, tuple[Reason, ...]]:
    """Read one file under *limits*."""
    sandbox = Sandbox(slots=1, limits=limits)
    await sandbox.start()
    try:
        (found,) = await sandbox.read([attachment(octets)])
        (after,) = await sandbox.read([attachment(b"still alive")])
        assert after.text == "still alive"
    finally:
        await sandbox.stop()
    return found.state, found.reasons


async def test_two_cells_are_read_by_the_plain_reader(sandbox: Sandbox) -> None:
    """The native reader dies of this workbook; the second child reads it whole."""
    zygote = sandbox.zygote_pid
    (found,) = await sandbox.read([attachment(two_cells(), "two.xlsx")])
    assert found.state is ReadState.READ
    assert [(passage.first_row, passage.text) for passage in found.passages[:2]] == [
        (1, "first"),
        (1_048_576, "9012345678"),
    ]
    assert sandbox.zygote_pid == zygote


async def test_timeout() -> None:
    """A child that takes too long is killed."""
    limits = Limits(wall_s=0.05)
    sandbox = Sandbox(slots=1, limits=limits)
    await sandbox.start()
    (found,) = await sandbox.read([attachment(slow_html() * 25)])
    await sandbox.stop()
    assert (found.state, found.reasons) == (ReadState.UNREADABLE, (Reason.TIMEOUT,))


async def test_processor_time() -> None:
    """So is one that computes too long."""
    found = await read_with(Limits(cpu_s=1), slow_html() * 40)
    assert found == (ReadState.UNREADABLE, (Reason.TIMEOUT,))


async def test_memory() -> None:
    """One that asks for too much memory crashes, and the plain reader is no better off."""
    limits = Limits(memory_bytes=150 * 1024 * 1024)
    assert await read_with(limits, "あ".encode() * 15_000_000) == (
        ReadState.UNREADABLE,
        (Reason.CRASH,),
    )


async def test_answer_beyond_the_cap() -> None:
    """More than may come back is a crash, not a flood."""
    found = await read_with(Limits(answer_bytes=1_000), b"a" * 2_000)
    assert found == (ReadState.UNREADABLE, (Reason.CRASH,))


async def test_time_of_a_mail() -> None:
    """When a mail's time is spent, the rest of its files is not begun."""
    sandbox = Sandbox(slots=1, limits=Limits(mail_s=0.001))
    await sandbox.start()
    # A timer may fire a moment early; what is left of it is spent on the second at the latest.
    found = await sandbox.read([attachment(b"a"), attachment(b"b"), attachment(b"c")])
    await sandbox.stop()
    assert found[2].reasons == (Reason.LIMIT,)


async def test_entries_of_a_mail() -> None:
    """Files within files are counted over all attachments of a mail."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("a.txt", "a")
        archive.writestr("b.txt", "b")
    sandbox = Sandbox(slots=1, limits=Limits(entries=3))
    await sandbox.start()
    first, second = await sandbox.read([attachment(target.getvalue())] * 2)
    await sandbox.stop()
    assert (first.state, second.reasons) == (ReadState.READ, (Reason.LIMIT,))


async def test_a_hundred_files_leave_nothing_behind(sandbox: Sandbox) -> None:
    """No zombie, no descriptor, on either side."""

    def descriptors(pid: int | None) -> int:
        return len(list(Path(f"/proc/{pid or 'self'}/fd").iterdir()))

    async def settled() -> tuple[int, int]:
        """What there is once the last child is buried and the next one born."""
        nursery = sandbox._nursery
        while not (
            len(children_of(nursery.pid)) == len(nursery._living) == nursery._idle.qsize() == 1
        ):
            await asyncio.sleep(0.005)
        return descriptors(None), descriptors(sandbox.zygote_pid)

    await sandbox.read([attachment(b"warm up")])
    before = await settled()
    found = await sandbox.read([attachment(b"row")] * 100)
    assert {file.text for file in found} == {"row"}
    assert await settled() == before


def test_a_zygote_whose_guard_is_gone() -> None:
    """It ends without a word: Ctrl-C may come while it starts."""
    ours, its = socket.socketpair()
    with its:
        ours.close()
        fd = its.fileno()
        words = [sys.executable, "-m", "guard.sandbox.zygote", str(fd), str(1 << 30), "10"]
        ended = subprocess.run(words, pass_fds=[fd], capture_output=True, check=False, timeout=60)

    assert (ended.returncode, ended.stderr) == (0, b"")


async def test_killed_zygote_is_replaced(sandbox: Sandbox) -> None:
    """Reading goes on in the children of another, and no child of the first is left."""
    first = sandbox.zygote_pid
    assert first is not None
    orphans = [os.pidfd_open(pid) for pid in children_of(first)]
    assert orphans
    os.kill(first, signal.SIGKILL)
    (found,) = await sandbox.read([attachment(b"row")])
    assert found.text == "row"
    while sandbox.zygote_pid in {first, None}:  # a child of the first may have been as quick
        await asyncio.sleep(0.005)
    assert all(ends(pidfd) for pidfd in orphans)


async def test_killed_zygote_while_reading(sandbox: Sandbox) -> None:
    """A file whose child died of its zygote is read again, by the same reader."""
    task = asyncio.create_task(sandbox.read([attachment(slow_html())]))
    zygote = sandbox.zygote_pid
    assert zygote is not None
    while len(children_of(zygote)) < 2:  # the one that reads, and the next
        await asyncio.sleep(0)
    os.kill(zygote, signal.SIGKILL)
    (found,) = await task
    assert found.state is ReadState.READ


async def test_cancelled_reading_frees_its_slot(sandbox: Sandbox) -> None:
    """A client that goes away leaves no child running."""
    task = asyncio.create_task(sandbox.read([attachment(slow_html() * 25)]))
    while len(children_of(sandbox.zygote_pid)) < 2:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    (found,) = await sandbox.read([attachment(b"next")])
    assert found.text == "next"
    while len(children_of(sandbox.zygote_pid)) != 1:
        await asyncio.sleep(0.005)


async def test_many_mails_at_once() -> None:
    """More mails than slots wait their turn; each gets its own files back."""
    sandbox = Sandbox(slots=2)
    await sandbox.start()
    mails = [[attachment(f"{mail} {file}".encode()) for file in range(3)] for mail in range(20)]
    answers = await asyncio.gather(*(sandbox.read(mail) for mail in mails))
    await sandbox.stop()
    assert [[file.text for file in answer] for answer in answers] == [
        [f"{mail} {file}" for file in range(3)] for mail in range(20)
    ]


async def test_stop_ends_all_processes() -> None:
    """After stop neither the zygote nor a child is left; stopping twice is no error."""
    sandbox = Sandbox(slots=3)
    await sandbox.start()
    zygote = sandbox.zygote_pid
    children = children_of(zygote)
    await sandbox.stop()
    await sandbox.stop()
    assert not any(Path(f"/proc/{pid}").exists() for pid in {zygote, *children})


GUARD = """
import asyncio
from guard.sandbox import Sandbox
async def main():
    sandbox = Sandbox(slots=2)
    await sandbox.start()
    print(sandbox.zygote_pid, flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""


def test_killed_guard_leaves_no_orphans() -> None:
    """When the guard is killed, its zygote ends by itself, and its children with it."""
    with subprocess.Popen([sys.executable, "-c", GUARD], stdout=subprocess.PIPE) as guard:
        assert guard.stdout is not None
        zygote = int(guard.stdout.readline())
        family = {zygote, *children_of(zygote)}
        watched = [os.pidfd_open(pid) for pid in family]
        guard.kill()
        assert all(ends(pidfd) for pidfd in watched)


def ends(pidfd: int) -> bool:
    """Whether a process ends soon; its descriptor is closed."""
    readable, _, _ = select.select([pidfd], [], [], 20)
    os.close(pidfd)
    return bool(readable)


def test_interrupt_prints_nothing() -> None:
    """Ctrl-C reaches the guard alone: no traceback of a zygote."""
    with subprocess.Popen(
        [sys.executable, "-c", GUARD],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
    ) as guard:
        assert guard.stdout is not None
        assert guard.stderr is not None
        zygote = int(guard.stdout.readline())
        pidfd = os.pidfd_open(zygote)
        os.killpg(guard.pid, signal.SIGINT)
        os.kill(zygote, signal.SIGINT)
        talk = guard.stderr.read()
        assert ends(pidfd)
    assert talk.count("Traceback") <= 2  # the guard's own KeyboardInterrupt
    assert "zygote" not in talk


@pytest.mark.parametrize(
    "head",
    [
        {"state": "read", "reasons": ["limit"], "families": [], "passages": []},
        {"state": "partial", "reasons": [], "families": [], "passages": []},
        {"state": "read", "reasons": [], "families": [], "passages": [["", 1, -1]]},
        {"state": "sure", "reasons": [], "families": [], "passages": []},
        {"state": "unreadable", "reasons": ["because"], "families": [], "passages": []},
        {"state": "read", "reasons": [], "families": [], "passages": [["", "x", 1]]},
        {"reasons": [], "families": [], "passages": []},
        {"state": "read", "reasons": [], "families": ["ham"], "passages": []},
        [],
    ],
)
def test_answers_are_not_trusted(head) -> None:
    """A child that was taken over can at worst say something false, not something malformed."""

    def take_in() -> None:
        wire.texts_bytes(head)
        wire.unpack_answer("x", {"entries": 1, "expanded_bytes": 1, **head}, b"x")

    with pytest.raises((ValueError, TypeError, KeyError)):
        take_in()


def test_network_namespace_is_optional() -> None:
    """Where the system forbids it, reading goes on without."""
    code = "from guard.sandbox.confinement import leave_network; print(leave_network())"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    assert done.stdout.strip() in {b"True", b"False"}
