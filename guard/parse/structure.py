"""
The tree of a message's parts (RFC 2046), walked by offsets: one search a boundary.

What programs read in different ways becomes a `Defect`. It hides content where some reader would
show text that the parts found here do not hold; where every reader ends up with the same octets
in the same parts, it does not.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from guard.model.message import Defect
from guard.parse import cms
from guard.parse.embedded import is_coded, is_text
from guard.parse.heading import STRUCTURAL, Head, heading
from guard.parse.limits import DEPTH, PARTS
from guard.parse.shreds import parted
from guard.parse.transfer import undo

_BOUNDARY_LINE: Final = re.compile(rb"^--[^\s-][!-~ ]{0,69}\r?$", re.MULTILINE)
_DELIMITER_END: Final = re.compile(rb"(--)?[ \t]*(?:\r?\n|\Z)")

MESSAGES: Final = {"message/rfc822", "message/global", "message/news"}
"""Media types of whole messages within a message (RFC 2046 §5.2.1, RFC 6532 §3.7)."""

_OUT_OF_SIGHT: Final = {
    "message/partial": "partial-message",
    "message/external-body": "external-body",
    "multipart/encrypted": "encrypted",
}
"""Types whose content cannot be seen by anybody in between."""

_SMIME: Final = {"application/pkcs7-mime", "application/x-pkcs7-mime"}
"""Types of a part within a signature or an envelope (RFC 8551 §3.2)."""

_NO_BOUNDARIES: Final = {"base64", "x-uuencode"}
"""Encodings in whose letters no boundary can be written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A part without parts."""

    number: str
    """As in IMAP (RFC 3501 §6.4.5)."""

    head: Head
    octets: bytes
    """As they stand, transfer encoding and all."""


@dataclass(slots=True)
class Tree:
    """All that a walk found."""

    head: Head
    """Of the message itself."""

    leaves: list[Leaf] = field(default_factory=list)
    messages: list[tuple[str, Head]] = field(default_factory=list)
    """Messages within the message: part number and header."""

    heads: list[tuple[str, Head]] = field(default_factory=list)
    """Parts that are no messages: number and header."""

    beside: list[tuple[str, bytes]] = field(default_factory=list)
    """Text that stands before the first part of a multipart, or behind its last."""

    defects: dict[Defect, None] = field(default_factory=dict)
    """In the order found, each once."""

    parts: int = 0
    """Parts walked so far, those with parts in them too."""

    octets: bytes = b""
    """The whole message."""

    spans: dict[str, tuple[int, int]] = field(default_factory=dict)
    """
    For each part of a multipart: where in `octets` its delimiter line starts, and where the next.

    Parts of messages within the message are left out, and one that nothing closes.
    """

    def note(self, code: str, part: str = "", *, hides: bool = False) -> None:
        """Write a defect down."""
        self.defects[Defect(code=code, part=part, hides_content=hides)] = None


def walk(octets: bytes) -> Tree:
    """Find the parts of a message. Anything is a message."""
    tree = Tree(head=Head(), octets=octets)
    _entity(tree, octets, (0, len(octets)), "", depth=0, root=True, default="text/plain")
    return tree


def _entity(
    tree: Tree,
    data: bytes,
    span: tuple[int, int],
    number: str,
    *,
    depth: int,
    root: bool,
    default: str,
) -> None:
    """
    Walk one part, or, for *root*, a whole message, whose parts are numbered below *number*.

    A message that has no parts has its text at ``.1`` (RFC 3501 §6.4.5).
    """
    head, body = heading(
        data, span, default, lambda code, hides: tree.note(code, number, hides=hides)
    )
    if root and depth == 0:
        tree.head = head
    elif root:
        tree.messages.append((number, head))
    else:
        tree.heads.append((number, head))
    kind = head.content_type.value
    own = (f"{number}.1" if number else "1") if root else number
    if code := _OUT_OF_SIGHT.get(kind):
        tree.note(code, own, hides=True)
    tree.parts += 1
    deep = depth >= DEPTH and (kind.startswith("multipart/") or kind in MESSAGES)
    if deep:
        tree.note("too-deep", own, hides=True)
    elif kind.startswith("multipart/"):
        if _multipart(tree, data, (body, span[1]), number, head, depth):
            return
    elif kind in MESSAGES:
        inner, problem = undo(data[body : span[1]], head.encoding)
        if problem:
            tree.note(problem, own, hides=problem == "unknown-encoding" and not is_plain(inner))
        _entity(tree, inner, (0, len(inner)), own, depth=depth + 1, root=True, default="text/plain")
        return
    elif kind in _SMIME and _signed(tree, data[body : span[1]], own, head, depth):
        return
    leaf = Leaf(number=own, head=head, octets=data[body : span[1]])
    if head.encoding not in _NO_BOUNDARIES and parted(leaf.octets):
        # Somebody quotes a message as it stands, or another program sees parts here.
        tree.note("parted-text", own)
    tree.leaves.append(leaf)


def _signed(tree: Tree, octets: bytes, number: str, head: Head, depth: int) -> bool:
    """Walk what stands within a signature; `False` if it stands elsewhere, or cannot be read."""
    inner, _ = undo(octets, head.encoding)
    try:
        content = cms.content(inner)
    except cms.EncryptedError:
        tree.note("encrypted", number, hides=True)
        return False
    except cms.NotReadError:
        tree.note("opaque-smime", number, hides=True)
        return False
    if content is None:
        return False
    if depth >= DEPTH:
        tree.note("too-deep", number, hides=True)
        return False
    span = (0, len(content))
    _entity(tree, content, span, f"{number}.1", depth=depth + 1, root=False, default="text/plain")
    return True


def _multipart(
    tree: Tree, data: bytes, span: tuple[int, int], number: str, head: Head, depth: int
) -> bool:
    """Walk the parts of a multipart; `False` if it has none and is to be read as one text."""
    boundary = head.content_type.params.get("boundary", "").rstrip()
    if not boundary:
        tree.note("no-boundary", number, hides=True)
        return False
    delimiters = list(_delimiters(data, span, b"--" + boundary.encode("utf-8", "replace")))
    if not delimiters:
        # An empty multipart is odd, but there is nothing in it to hide.
        tree.note("boundary-not-found", number, hides=bool(data[slice(*span)].strip()))
        return False
    before = data[span[0] : delimiters[0][0]]
    if not _usual_preamble(before):
        _beside(tree, "preamble", number, before)
    default = "message/rfc822" if head.content_type.value == "multipart/digest" else "text/plain"
    closed = False
    ends = [*(start for start, _, _ in delimiters[1:]), None]
    for count, ((at, start, closing), following) in enumerate(
        zip(delimiters, ends, strict=True), start=1
    ):
        if closing:
            closed = True
            if data[start : span[1]].strip(b" \t\r\n\0"):
                _beside(tree, "epilogue", number, data[start : span[1]])
            break
        if tree.parts >= PARTS:
            tree.note("too-many-parts", hides=True)
            return True
        inner = f"{number}.{count}" if number else str(count)
        end = span[1] if following is None else _before_line_end(data, start, following)
        if following is not None and data is tree.octets:
            tree.spans[inner] = (at, following)
        _entity(tree, data, (start, end), inner, depth=depth + 1, root=False, default=default)
    if not closed:
        # Everybody reads the last part to the end then, and so does this walk: nothing is hidden.
        tree.note("no-closing-boundary", number)
    return True


def _delimiters(
    data: bytes, span: tuple[int, int], dashed: bytes
) -> Iterator[tuple[int, int, bool]]:
    """Give each delimiter line: where it starts, where the part behind it starts, if it closes."""
    at = data.find(dashed, *span)
    while at >= 0:
        end = _DELIMITER_END.match(data, at + len(dashed), span[1])
        if end and (at == span[0] or data[at - 1] == 0x0A):
            yield at, end.end(), end[1] is not None
        at = data.find(dashed, at + len(dashed), span[1])


def _before_line_end(data: bytes, start: int, end: int) -> int:
    """Leave out the line end before a delimiter, which belongs to it (RFC 2046 §5.1.1)."""
    if end > start and data[end - 1] == 0x0A:
        end -= 1
        if end > start and data[end - 1] == 0x0D:
            end -= 1
    return end


def _beside(tree: Tree, code: str, number: str, octets: bytes) -> None:
    """
    Keep what stands beside the parts of a multipart: nobody shows it, or those who read on.

    Mailing lists put a line of text there. It hides content where it may be more than text.
    """
    parted = STRUCTURAL.search(octets) or _BOUNDARY_LINE.search(octets)
    tree.note(code, number, hides=bool(parted) or not is_plain(octets))
    tree.beside.append((f"{number}.{code.upper()}".lstrip("."), octets))


def is_plain(octets: bytes) -> bool:
    """Whether this is text that says what it says, to whomever decodes it how."""
    return not octets or (is_text(octets) and not is_coded(octets))


def _usual_preamble(octets: bytes) -> bool:
    """Whether this is nothing, or the sentence that old programs are told by what MIME is."""
    text = octets.strip(b" \t\r\n\0")
    if not text:
        return True
    digits = sum(0x30 <= octet <= 0x39 for octet in text)
    return (
        len(text) <= 500
        and text.isascii()
        and b"@" not in text
        and digits <= 4
        and re.search(rb"\bMIME\b|multi-?part", text, re.IGNORECASE) is not None
        and not STRUCTURAL.search(text)
    )
