"""Message octets as they go over the wire."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.upstream.stuffing import BLOCK, check_lines, wire_blocks

LINES = st.lists(st.sampled_from([b"\r\n", b".\r\n", b"..\r\n", b"a.\r\n", b".a\r\n"]), max_size=8)


def cut(octets: bytes, borders: list[int]) -> list[bytes]:
    places = sorted(min(border, len(octets)) for border in borders)
    return [octets[a:b] for a, b in zip([0, *places], [*places, len(octets)], strict=True)]


@given(LINES.map(b"".join), st.lists(st.integers(0, 30), max_size=5))
def test_dots_are_doubled_where_a_line_begins(octets: bytes, borders: list[int]) -> None:
    """R-B4: and nowhere else, however the chunks are cut."""
    lines = octets.split(b"\r\n")[:-1]
    expected = b"".join((b"." if x.startswith(b".") else b"") + x + b"\r\n" for x in lines)
    chunks = cut(octets, borders)
    check_lines(chunks)
    assert b"".join(wire_blocks(chunks)) == expected + b".\r\n"


@pytest.mark.parametrize("shift", range(-4, 5))
def test_dots_at_the_border_of_a_block(shift: int) -> None:
    """R-B4: a border within CRLF and dot changes nothing; the last block has the final dot."""
    octets = b"x" * (BLOCK + shift) + b"\r\n.\r\n..\r\n"
    blocks = list(wire_blocks([octets]))
    assert b"".join(blocks) == b"x" * (BLOCK + shift) + b"\r\n..\r\n...\r\n.\r\n"
    assert blocks[-1].endswith(b"\r\n.\r\n") or blocks[-1] == b".\r\n"


def test_a_small_message_is_one_block() -> None:
    """Trace line, message and final dot leave in one packet."""
    assert list(wire_blocks([b"Received: x\r\n", b"a\r\n"])) == [b"Received: x\r\na\r\n.\r\n"]


@given(st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b"a"]), max_size=8))
def test_only_crlf_lines_pass(chunks: list[bytes]) -> None:
    """R-B4: the writer refuses a bare CR, a bare LF and a last line without end."""
    octets = b"".join(chunks)
    rest = octets.replace(b"\r\n", b"")
    good = b"\r" not in rest and b"\n" not in rest and (not octets or octets.endswith(b"\r\n"))
    if good:
        check_lines(chunks)
    else:
        with pytest.raises(ValueError, match="CRLF"):
            check_lines(chunks)
