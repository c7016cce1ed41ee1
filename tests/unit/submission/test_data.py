"""Where a message ends, and whether it can be taken."""

import itertools
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.model.reply import Reply
from guard.submission.answers import STRAY, TOO_BIG, TOO_SLOW
from guard.submission.data import MIN_RATE, OVERRUN, Scanner, has_stray, receive
from guard.upstream.stuffing import wire_blocks

# Octets of which ends are made, and others.
TRICKY = st.lists(st.sampled_from([b"\r", b"\n", b".", b"\r\n", b"\0", b"a"]), max_size=12)
LINES = st.lists(
    st.lists(st.sampled_from([b".", b"a", b" ", b"\xff"]), max_size=4).map(b"".join), max_size=6
).map(lambda lines: b"".join(line + b"\r\n" for line in lines))


def scan(wire: bytes, cuts: list[int], limit: int = 1000) -> tuple[bytes | Reply, bytes] | None:
    """Feed *wire* in pieces; give the verdict and what stood behind, or `None` without an end."""
    scanner = Scanner(limit)
    borders = [0, *sorted(cuts), len(wire)]
    for start, end in itertools.pairwise(borders):
        if start == end:
            continue
        rest = scanner.feed(wire[start:end])
        if rest is not None:
            return scanner.verdict(), rest + wire[end:]
    return None


def reference(wire: bytes) -> tuple[bytes | Reply, bytes] | None:
    """The same by the words of RFC 5321 §4.5.2, slowly."""
    end = (b"\r\n" + wire).find(b"\r\n.\r\n")
    if end < 0:
        return None
    content, rest = wire[:end], wire[end + 3 :]
    lines = content.split(b"\r\n")
    unstuffed = b"\r\n".join(line[1:] if line.startswith(b".") else line for line in lines)
    stray = any(c in line for line in lines for c in (b"\r", b"\n", b"\0"))
    return (STRAY if stray else unstuffed), rest


@given(TRICKY.map(b"".join), st.data())
def test_scan_agrees_with_the_rfc(head: bytes, data: st.DataObject) -> None:
    """R-B1: only CRLF.CRLF ends a message, however it is cut into packets."""
    wire = head + data.draw(st.sampled_from([b"", b"\r\n.\r\n", b"\r\n.\r\nNOOP\r\n"]))
    cuts = data.draw(st.lists(st.integers(0, len(wire)), max_size=6))
    assert scan(wire, cuts) == reference(wire)


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


FALSE_ENDS = [
    b"\n.\n",
    b"\n.\r\n",
    b"\r\n.\n",
    b"\r.\r",
    b"\r.\r\n",
    b"\r\n.\r",
    b"\r\n.\0\r\n",
    b"\r\n\0.\r\n",
    b"\r\r\n.\r\r\n",
    b"\r\n.\r\r\n",
    b"\n\n.\r\n",
    b"\n\r.\r\n",
    b"\r\n.\n\r\n",
]


@pytest.mark.parametrize("end", FALSE_ENDS)
def test_false_ends(end: bytes) -> None:
    """R-B1, R-B2: what others take for an end is refused after the true one, in one reply."""
    wire = b"Subject: a" + end + b"MAIL FROM:<eve@example.com>\r\n.\r\nNOOP\r\n"
    for cut in range(len(wire)):
        assert scan(wire, [cut]) == (STRAY, b"NOOP\r\n")


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


def test_oversize_wins_over_stray() -> None:
    """R-B3: of what is dropped nothing is said but that it was too much."""
    assert scan(b"\n" * 500 + b"\r\n.\r\n", [], limit=300) == (TOO_BIG, b"")


@pytest.mark.parametrize(
    "unit", [b"\r\n" * 5000, b"a" * 10_000], ids=["empty lines", "endless line"]
)
def test_memory_stays_flat(unit: bytes) -> None:
    """R-B5: thirty megabytes of empty lines, or of one line, cost no more than the limit."""
    scanner = Scanner(1_000_000)
    tracemalloc.start()
    try:
        for _ in range(3000):
            assert scanner.feed(unit) is None
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert scanner.feed(b"\r\n.\r\n") == b""
    assert scanner.verdict() is TOO_BIG
    assert peak < 4_000_000


@given(TRICKY.map(b"".join))
def test_has_stray(octets: bytes) -> None:
    """The cheap count finds what a careful reading finds."""
    rest = octets.replace(b"\r\n", b"")
    assert has_stray(octets) == any(octet in rest for octet in b"\r\n\0")


async def test_receive_gives_up_on_the_endless() -> None:
    """R-B3: far over the limit the connection is of no more use."""
    chunk = b"a" * (OVERRUN // 8)

    async def read() -> bytes:
        return chunk

    assert await receive(read, 1000, clock=lambda: 0.0, grace_s=1) == (TOO_BIG, None)


async def test_receive_gives_up_on_the_slow() -> None:
    """R-B7: one who sends an octet now and then is not waited for."""
    times = itertools.count()

    async def read() -> bytes:
        return b"a" * (MIN_RATE - 1)

    clock = lambda: float(next(times))  # noqa: E731 -- a second a look
    assert await receive(read, 10**6, clock=clock, grace_s=5) == (TOO_SLOW, None)


async def test_receive_is_patient_with_the_steady() -> None:
    """At the least rate a long message is read to its end."""
    pieces = iter([b"a" * MIN_RATE * 2] * 50 + [b"\r\n.\r\nNOOP\r\n"])
    times = itertools.count()

    async def read() -> bytes:
        return next(pieces)

    octets, rest = await receive(read, 10**6, clock=lambda: float(next(times)), grace_s=5)
    assert isinstance(octets, bytes)
    assert len(octets) == MIN_RATE * 100 + 2
    assert rest == b"NOOP\r\n"
