"""Leaving parts out of a message: the octets from one delimiter line to the next, and no others."""

import re
from collections.abc import Collection
from typing import Final

from guard.parse.structure import Tree, walk

_SEALED: Final = {
    "multipart/signed", "multipart/encrypted", "application/pgp-encrypted",
    "application/pgp-signature", "application/pkcs7-mime", "application/x-pkcs7-mime",
    "application/pkcs7-signature", "application/x-pkcs7-signature",
}  # fmt: skip
"""Types by which somebody vouches for a message whole (RFC 1847, RFC 3156, RFC 8551)."""

_ARMOUR: Final = re.compile(rb"^-----BEGIN PGP (?:SIGNED )?MESSAGE-----", re.MULTILINE)

_EMPTY_PART: Final = b"Content-Type: text/plain; charset=us-ascii\r\n\r\n\r\n"
"""What stands in a multipart that has no other part left: it must have one (RFC 2046 §5.1.1)."""


def removable(tree: Tree) -> frozenset[str]:
    """
    Give the numbers of the parts that a message can be sent without.

    None where programs read its structure in different ways, for they would not agree on what is
    left; and none where it is signed or encrypted, for the recipient's program would call it
    forged. Parts of a message within the message stay as they are.
    """
    heads = (tree.head, *(head for _, head in (*tree.heads, *tree.messages)))
    if tree.defects or any(head.content_type.value in _SEALED for head in heads):
        return frozenset()
    if any(_ARMOUR.search(leaf.octets) for leaf in tree.leaves):
        return frozenset()
    return frozenset(leaf.number for leaf in tree.leaves if leaf.number in tree.spans)


def without_parts(octets: bytes, parts: Collection[str]) -> bytes:
    """
    Give a message without some of its parts (numbers as in RFC 3501 §6.4.5).

    All other octets stay as they are, in their order. A multipart that would be left without any
    part gets an empty text.

    Raises:
        ValueError: One of *parts* is not `removable`.
    """
    if not parts:
        return octets
    tree = walk(octets)
    leaving = frozenset(parts)
    if not leaving <= removable(tree):
        raise ValueError("the message cannot be sent without these parts")
    kept: list[bytes] = []
    at = 0
    for number in sorted(leaving, key=lambda number: tree.spans[number]):
        start, end = tree.spans[number]
        kept.append(octets[at:start])
        beside = {other for other in tree.spans if _parent(other) == _parent(number)}
        if beside <= leaving and number == min(beside, key=lambda one: tree.spans[one]):
            delimiter = octets.index(b"\n", start) + 1
            kept += (octets[start:delimiter], _EMPTY_PART)
        at = end
    kept.append(octets[at:])
    return b"".join(kept)


def _parent(number: str) -> str:
    """Give the number of the multipart that a part stands in; empty for the message itself."""
    return number.rpartition(".")[0]
