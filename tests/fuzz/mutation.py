"""Octets that were right once: what a mistaken or malicious client makes of them."""

from hypothesis import strategies as st

TRICKY = st.sampled_from(
    [
        *(b"\r", b"\n", b"\r\n", b"\0", b".", b"\r\n.\r\n", b"<", b">", b"@", b" ", b"\t", b":"),
        *(b'"', b"\\", b"=", b"=?", b"?=", b",", b";", b"(", b")", b"[", b"]", b"%", b"+", b"*"),
        *(b"\x1b", b"\x7f", b"\xff", b"\xc0\x80", b"\xed\xa0\x80", "花".encode(), "＠".encode()),
        *("\u200b".encode(), b"LAST", b"9" * 20, b"-1", b"FROM:", b"TO:", b"a@b.test"),
    ]
)


@st.composite
def mutated(draw: st.DrawFn, whole: st.SearchStrategy[bytes], most: int = 4) -> bytes:
    """Octets of *whole* after up to *most* changes: put in, taken out, written over, doubled."""
    octets = draw(whole)
    for _ in range(draw(st.integers(0, most))):
        start = draw(st.integers(0, len(octets)))
        end = min(len(octets), start + draw(st.integers(0, 6)))
        new = draw(TRICKY | st.binary(max_size=3) | st.just(octets[start:end] * 2))
        octets = octets[:start] + new + octets[end:]
    return octets


def cut(octets: bytes, sizes: list[int]) -> list[bytes]:
    """The octets in pieces of these sizes, the last of them again and again."""
    pieces: list[bytes] = []
    sizes = sizes or [max(1, len(octets))]
    at = 0
    while at < len(octets):
        size = sizes[min(len(pieces), len(sizes) - 1)]
        pieces.append(octets[at : at + size])
        at += size
    return pieces


SIZES = st.lists(st.integers(1, 5) | st.integers(1, 64), max_size=6)
"""Of pieces, for `cut`."""
