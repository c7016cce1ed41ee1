"""The octets of a message, and how their lines end."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from guard.model.octets import BLOCK, HEAD, InMemory, LineEnds, head_of

TRICKY = st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b"a", b""]), max_size=12)


@given(TRICKY)
def test_line_ends_in_any_pieces(pieces: list[bytes]) -> None:
    """R-B2: the count finds what a careful reading finds, wherever the pieces are cut."""
    octets = b"".join(pieces)
    line_ends = LineEnds()
    for piece in pieces:
        line_ends.feed(piece)
    bare = octets.replace(b"\r\n", b"")
    assert line_ends.stray == (b"\r" in bare or b"\n" in bare)
    assert line_ends.clean == (not line_ends.stray and (not octets or octets.endswith(b"\r\n")))


@given(TRICKY, st.lists(st.integers(0, 20), max_size=4))
def test_head_in_any_pieces(parts: list[bytes], cuts: list[int]) -> None:
    """What stands before the first empty line, wherever the pieces are cut."""
    octets = b"".join(parts)
    borders = [0, *sorted(min(cut, len(octets)) for cut in cuts), len(octets)]
    expected = (b"\r\n" + octets).partition(b"\r\n\r\n")[0][2:]
    if (b"\r\n" + octets).find(b"\r\n\r\n") > 0:
        expected += b"\r\n"
    if octets.startswith(b"\r\n"):
        expected = b""
    assert head_of(octets[a:b] for a, b in itertools.pairwise(borders)) == expected


def test_an_endless_header_is_cut() -> None:
    """No more is read than is looked at."""
    blocks = itertools.repeat(b"x" * BLOCK)
    assert head_of(blocks) == b"x" * HEAD
    assert InMemory(b"x" * (HEAD + 10)).head() == b"x" * HEAD


def test_in_memory() -> None:
    """Small octets are one block; who wants to know is told once that they are let go of."""
    told: list[int] = []
    octets = InMemory(b"a: b\r\n\r\n\xff\r\n", lambda: told.append(1))
    assert list(octets.blocks()) == [octets.whole()] == [b"a: b\r\n\r\n\xff\r\n"]
    assert (octets.size_bytes, octets.is_ascii, octets.head()) == (11, False, b"a: b\r\n")
    octets.close()
    octets.close()
    assert told == [1]

    big = InMemory(b"x" * (BLOCK + 1))
    assert [len(block) for block in big.blocks()] == [BLOCK, 1]
    assert big.is_ascii
