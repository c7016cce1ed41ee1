"""Message octets as they go over the wire."""

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.model.octets import BLOCK, InMemory
from guard.upstream.stuffing import Part, chunk_blocks, is_ascii, size_bytes, wire_blocks

LINES = st.lists(st.sampled_from([b"\r\n", b".\r\n", b"..\r\n", b"a.\r\n", b".a\r\n"]), max_size=8)


def cut(octets: bytes, borders: list[int]) -> list[Part]:
    """Parts of a message, of both kinds in turn."""
    places = sorted(min(border, len(octets)) for border in borders)
    parts = [octets[a:b] for a, b in zip([0, *places], [*places, len(octets)], strict=True)]
    return [InMemory(part) if number % 2 else part for number, part in enumerate(parts)]


def given_before_the_end(blocks: Iterator[bytes]) -> bytes:
    """What went out before the octets were found to be no CRLF lines."""
    sent: list[bytes] = []
    with pytest.raises(ValueError, match="CRLF"):
        sent.extend(blocks)
    return b"".join(sent)


@given(LINES.map(b"".join), st.lists(st.integers(0, 30), max_size=5))
def test_dots_are_doubled_where_a_line_begins(octets: bytes, borders: list[int]) -> None:
    """R-B4: and nowhere else, however the parts are cut."""
    lines = octets.split(b"\r\n")[:-1]
    expected = b"".join((b"." if x.startswith(b".") else b"") + x + b"\r\n" for x in lines)
    parts = cut(octets, borders)
    assert b"".join(wire_blocks(parts)) == expected + b".\r\n"
    assert b"".join(chunk_blocks(parts)) == octets
    assert size_bytes(parts) == len(octets)
    assert is_ascii(parts)
    assert not is_ascii([*parts, InMemory(b"\xff")])
    assert not is_ascii([*parts, b"\xff"])


@pytest.mark.parametrize("shift", range(-4, 5))
def test_dots_at_the_border_of_a_block(shift: int) -> None:
    """R-B4: a border within CRLF and dot changes nothing; the last block has the final dot."""
    octets = b"x" * (BLOCK + shift) + b"\r\n.\r\n..\r\n"
    blocks = list(wire_blocks([octets]))
    assert b"".join(blocks) == b"x" * (BLOCK + shift) + b"\r\n..\r\n...\r\n.\r\n"
    assert blocks[-1].endswith(b"\r\n.\r\n") or blocks[-1] == b".\r\n"


def test_a_small_message_is_one_block() -> None:
    """Trace line, message and final dot leave in one packet."""
    parts = [b"Received: x\r\n", InMemory(b"a\r\n")]
    assert list(wire_blocks(parts)) == [b"Received: x\r\na\r\n.\r\n"]
    assert list(chunk_blocks(parts)) == [b"Received: x\r\na\r\n"]


def test_a_large_message_is_many() -> None:
    """R-B5: no more than two blocks are in memory, however large it is."""
    octets = InMemory(b"x" * (BLOCK * 5 - 2) + b"\r\n")
    for blocks in (wire_blocks([b"Received: x\r\n", octets]), chunk_blocks([octets])):
        assert max(map(len, blocks)) <= BLOCK + 20


@given(st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b"a"]), max_size=8))
def test_only_crlf_lines_pass(parts: Sequence[bytes]) -> None:
    """R-B4: the writer refuses a bare CR, a bare LF and a last line without end."""
    octets = b"".join(parts)
    rest = octets.replace(b"\r\n", b"")
    good = b"\r" not in rest and b"\n" not in rest and (not octets or octets.endswith(b"\r\n"))
    if good:
        assert b"".join(chunk_blocks(parts)) == octets
    else:
        assert given_before_the_end(wire_blocks(parts)) == b""
        assert given_before_the_end(chunk_blocks(parts)) == b""


@pytest.mark.parametrize("size", [BLOCK * 2, BLOCK * 2 + 1, BLOCK * 3 - 1])
def test_what_is_no_lines_never_goes_out_whole(size: int) -> None:
    """R-B4: of a large message blocks are on their way by then, but neither its last nor a dot."""
    for octets in (b"x" * size, b"a\nb" + b"x" * (size - 5) + b"\r\n"):
        assert len(given_before_the_end(chunk_blocks([octets]))) < size
        sent = given_before_the_end(wire_blocks([octets]))
        assert len(sent) < size
        assert b"\r\n.\r\n" not in sent
