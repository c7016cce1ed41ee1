"""Where a message ends, and whether it can be taken."""

import itertools
import tracemalloc
from typing import Any

import pytest
from false_ends import FALSE_ENDS
from hypothesis import given
from hypothesis import strategies as st

from guard.memory import Memory
from guard.model.errors import StoreFullError
from guard.model.octets import Octets
from guard.model.reply import Reply
from guard.submission.answers import STRAY, TOO_BIG, TOO_SLOW
from guard.submission.mail.data import OVERRUN, Pace, Scanner, receive, receive_chunk
from guard.submission.mail.intake import CRUMBS, UNENDED, Intake, Terms
from guard.upstream.stuffing import wire_blocks

# Octets of which ends are made, and others.
TRICKY = st.lists(st.sampled_from([b"\r", b"\n", b".", b"\r\n", b"\0", b"a"]), max_size=12)
LINES = st.lists(
    st.lists(st.sampled_from([b".", b"a", b" ", b"\xff"]), max_size=4).map(b"".join), max_size=6
).map(lambda lines: b"".join(line + b"\r\n" for line in lines))

NO_HURRY = Pace(lambda: 0.0, grace_s=1, bytes_s=1)


def intake(limit: int = 1000, **more: Any) -> Intake:
    """One that spools from a few octets on, so that small messages meet all of it."""
    values: dict[str, Any] = {"spool_bytes": 16, "memory": Memory(10**9)}
    return Intake(Terms(limit_bytes=limit, **values | more))


def content(octets: Octets | Reply) -> bytes | Reply:
    """What is in it, and let go of it."""
    if isinstance(octets, Reply):
        return octets
    try:
        whole = octets.whole()
        assert octets.size_bytes == len(whole)
        assert octets.is_ascii == whole.isascii()
        return whole
    finally:
        octets.close()


def scan(
    wire: bytes, cuts: list[int], limit: int = 1000, **more: Any
) -> tuple[bytes | Reply, bytes] | None:
    """Feed *wire* in pieces; give the verdict and what stood behind, or `None` without an end."""
    kept = intake(limit, **more)
    scanner = Scanner(kept)
    borders = [0, *sorted(cuts), len(wire)]
    try:
        for start, end in itertools.pairwise(borders):
            if start == end:
                continue
            rest = scanner.feed(wire[start:end])
            if rest is not None:
                return content(kept.finish()), rest + wire[end:]
    finally:
        kept.discard()
    return None


def reference(wire: bytes, *, normalize: bool = False) -> tuple[bytes | Reply, bytes] | None:
    """The same by the words of RFC 5321 §4.5.2, slowly."""
    end = (b"\r\n" + wire).find(b"\r\n.\r\n")
    if end < 0:
        return None
    received, rest = wire[:end], wire[end + 3 :]
    lines = received.split(b"\r\n")
    unstuffed = b"\r\n".join(line[1:] if line.startswith(b".") else line for line in lines)
    if normalize:
        unstuffed = b"\r\n".join(
            unstuffed.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        )
    bad = b"\0" if normalize else b"\r\n\0"
    stray = any(octet in unstuffed.replace(b"\r\n", b"") for octet in bad)
    return (STRAY if stray else unstuffed), rest


@given(TRICKY.map(b"".join), st.booleans(), st.data())
def test_scan_agrees_with_the_rfc(head: bytes, normalize: bool, data: st.DataObject) -> None:
    """R-B1: only CRLF.CRLF ends a message, however it is cut into packets."""
    wire = head + data.draw(st.sampled_from([b"", b"\r\n.\r\n", b"\r\n.\r\nNOOP\r\n"]))
    cuts = data.draw(st.lists(st.integers(0, len(wire)), max_size=6))
    assert scan(wire, cuts, normalize=normalize) == reference(wire, normalize=normalize)


def test_every_split_of_a_message() -> None:
    """R-B9: two packets, byte by byte, or one: always the same message, and the rest is kept."""
    wire = b"..a\r\n.\r.\n\r\nb\r\n.\r\nQUIT\r\n"
    expected = (STRAY, b"QUIT\r\n")
    assert scan(wire, list(range(len(wire)))) == expected
    assert all(scan(wire, [cut]) == expected for cut in range(len(wire) + 1))


@given(LINES, st.lists(st.integers(0, 60), max_size=4))
def test_stuffing_is_undone(octets: bytes, cuts: list[int]) -> None:
    """R-B4: what is stuffed on the way out and received again is what it was."""
    wire = b"".join(wire_blocks([octets]))
    assert scan(wire, [min(cut, len(wire)) for cut in cuts]) == (octets, b"")


@pytest.mark.parametrize("end", FALSE_ENDS)
def test_false_ends(end: bytes) -> None:
    """R-B1, R-B2: what others take for an end is refused after the true one, in one reply."""
    wire = b"Subject: a" + end + b"MAIL FROM:<eve@example.com>\r\n.\r\nNOOP\r\n"
    for cut in range(len(wire)):
        assert scan(wire, [cut]) == (STRAY, b"NOOP\r\n")
    assert scan(wire, list(range(len(wire)))) == (STRAY, b"NOOP\r\n")


def test_as_many_false_ends_as_required() -> None:
    """R-B1: 34 variants at least."""
    assert len(set(FALSE_ENDS)) >= 34


@pytest.mark.parametrize("end", [end for end in FALSE_ENDS if b"\0" not in end])
def test_false_ends_normalized(end: bytes) -> None:
    """R-B2: with ``normalize`` they end lines, and neither the message nor any other after us."""
    wire = b"Subject: a" + end + b"MAIL FROM:<eve@example.com>\r\n.\r\nNOOP\r\n"
    for cut in range(len(wire)):
        verdict = scan(wire, [cut], normalize=True)
        assert verdict is not None
        taken, rest = verdict
        assert isinstance(taken, bytes)
        assert rest == b"NOOP\r\n"
        assert taken.endswith(b"\r\nMAIL FROM:<eve@example.com>\r\n")
        again = b"".join(wire_blocks([taken]))
        assert again.find(b"\r\n.\r\n") == len(again) - 5


def test_size_is_counted_without_stuffing() -> None:
    """R-B3: a message of exactly the limit is taken, one octet more is not."""
    fits = b".\r\n" * 100
    wire = b"".join(wire_blocks([fits]))
    assert scan(wire, [], limit=300) == (fits, b"")
    assert scan(wire, [], limit=299) == (TOO_BIG, b"")
    assert scan(b"a" * 298 + b"\r\n.\r\n" + b"x" * 9000, [200], limit=300) == (
        b"a" * 298 + b"\r\n",
        b"x" * 9000,
    )


def test_size_is_counted_as_it_will_be() -> None:
    """R-B3: a line end that is put in counts."""
    assert scan(b"\n" * 150 + b"\r\n.\r\n", [], limit=302, normalize=True) == (b"\r\n" * 151, b"")
    assert scan(b"\n" * 150 + b"\r\n.\r\n", [], limit=301, normalize=True) == (TOO_BIG, b"")


def test_oversize_wins_over_stray() -> None:
    """R-B3: of what is dropped nothing is said but that it was too much."""
    assert scan(b"\n" * 500 + b"\r\n.\r\n", [], limit=300) == (TOO_BIG, b"")


@pytest.mark.parametrize(
    "unit", [b"\r\n" * 5000, b"a" * 10_000, b"..\r\n" * 2500], ids=["empty", "endless", "dots"]
)
@pytest.mark.parametrize("limit", [1_000_000, 60_000_000])
async def test_memory_stays_flat(unit: bytes, limit: int) -> None:
    """R-B5: thirty megabytes of empty lines or of one line cost a block or two, taken or not."""
    kept = intake(limit, spool_bytes=500_000)
    scanner = Scanner(kept)
    tracemalloc.start()
    try:
        for _ in range(3000):
            assert scanner.feed(unit) is None
            await kept.settle()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert scanner.feed(b"\r\n.\r\n") == b""
    octets = kept.finish()
    assert isinstance(octets, Reply) == (limit == 1_000_000)
    if not isinstance(octets, Reply):
        octets.close()
    assert peak < 2_000_000


def test_budget_of_all() -> None:
    """Octets of all messages count until they are let go of; what is beyond is put off in step."""
    memory = Memory(100)
    first = intake(memory=memory, spool_bytes=1000)
    first.add(b"x" * 58 + b"\r\n")
    octets = first.finish()
    assert not isinstance(octets, Reply)
    assert memory.used_bytes == 60

    assert scan(b"y" * 39 + b"\r\n.\r\n.", [], memory=memory, spool_bytes=1000) == (
        StoreFullError.reply,
        b".",
    )
    assert memory.used_bytes == 60
    assert memory.has_room

    octets.close()
    octets.close()
    assert memory.used_bytes == 0


async def test_slow_clients_do_not_fill_the_budget() -> None:
    """R-B5: once half of it is used, what comes goes to a file long before `spool_bytes`."""
    memory = Memory(100 * CRUMBS)
    slow = [intake(10**6, memory=memory, spool_bytes=10**6) for _ in range(40)]
    for _ in range(4):
        for each in slow:
            each.add(b"x" * CRUMBS)
            await each.settle()
    assert not any(each.refusal for each in slow)
    assert memory.used_bytes <= 51 * CRUMBS
    for each in slow:
        each.add(b"\r\n")
        assert content(each.finish()) == b"x" * CRUMBS * 4 + b"\r\n"
    assert memory.used_bytes == 0


@given(TRICKY, st.sampled_from([1, 3, 30]), st.booleans())
def test_budget_is_given_back(pieces: list[bytes], limit: int, normalize: bool) -> None:
    """However a message ends, nothing of it stays in the budget."""
    memory = Memory(20)
    kept = intake(limit, memory=memory, spool_bytes=8, normalize=normalize)
    for piece in pieces:
        kept.add(piece)
    content(kept.finish())
    assert memory.used_bytes == 0


@given(TRICKY)
def test_normalized_in_any_pieces(pieces: list[bytes]) -> None:
    """R-B2: each CR, LF and CRLF is a CRLF, wherever the pieces are cut."""
    whole = b"".join(pieces)
    expected: bytes | Reply = b"\r\n".join(
        whole.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    )
    assert isinstance(expected, bytes)
    if b"\0" in whole:
        expected = STRAY
    elif whole and not expected.endswith(b"\r\n"):
        expected = UNENDED
    kept = intake(normalize=True)
    for piece in pieces:
        kept.add(piece)
    assert content(kept.finish()) == expected


async def test_receive_gives_up_on_the_endless() -> None:
    """R-B3: far over the limit the connection is of no more use."""
    chunk = b"a" * (OVERRUN // 8)

    async def read() -> bytes:
        return chunk

    assert await receive(read, intake(), NO_HURRY, 1000) == (TOO_BIG, None)


def a_second_a_look(rate: int) -> Pace:
    times = itertools.count()
    return Pace(lambda: float(next(times)), grace_s=5, bytes_s=rate)


async def test_receive_gives_up_on_the_slow() -> None:
    """R-B7: one who sends an octet now and then is not waited for."""

    async def read(_most: int = 0) -> bytes:
        return b"a" * 99

    kept = intake(10**6)
    assert await receive(read, kept, a_second_a_look(100), 10**6) == (TOO_SLOW, None)
    assert await receive_chunk(read, 10**6, a_second_a_look(100), kept) == TOO_SLOW
    kept.discard()


async def test_the_pace_is_that_of_the_message() -> None:
    """R-B7: many chunks are not each given its own time of grace."""

    async def read(most: int) -> bytes:
        return b"a" * min(most, 99)

    kept, pace = intake(10**6), a_second_a_look(100)
    chunks = [await receive_chunk(read, 198, pace, kept) for _ in range(4)]
    kept.discard()
    assert chunks == [None, None, None, TOO_SLOW]


async def test_receive_is_patient_with_the_steady() -> None:
    """At the least rate a long message is read to its end."""
    pieces = iter([b"a" * 200] * 50 + [b"\r\n.\r\nNOOP\r\n"])

    async def read() -> bytes:
        return next(pieces)

    octets, rest = await receive(read, intake(10**6), a_second_a_look(100), 10**6)
    assert content(octets) == b"a" * 10_000 + b"\r\n"
    assert rest == b"NOOP\r\n"


@given(LINES, st.lists(st.integers(0, 60), max_size=4), st.integers(0, 5))
async def test_a_chunk_ends_where_its_size_says(
    octets: bytes, cuts: list[int], behind: int
) -> None:
    """R-C1: a chunk of BDAT comes as it is, dots and all, and what stands behind it stays."""
    wire = octets + b"x" * behind
    borders = [0, *sorted(min(cut, len(wire)) for cut in cuts), len(wire)]
    packets = [wire[a:b] for a, b in itertools.pairwise(borders) if a != b]

    async def read(most: int) -> bytes:
        given, packets[0] = packets[0][:most], packets[0][most:]
        if not packets[0]:
            del packets[0]
        return given

    kept = intake()
    assert await receive_chunk(read, len(octets), NO_HURRY, kept) is None
    assert b"".join(packets) == b"x" * behind
    assert content(kept.finish()) == octets
