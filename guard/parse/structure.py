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
from guard.parse.embedded import is_coded, is_text
from guard.parse.fields import Field, structured
from guard.parse.limits import DEPTH, HEADER_BYTES, HEADERS_BYTES, PARTS
from guard.parse.transfer import encoding_of, undo
from guard.parse.words import raw_text

_FIELD: Final = re.compile(rb"([!-9;-~]{1,200})[ \t]*:([^\n]*\n?(?:[ \t][^\n]*\n?)*)")
_MBOX_LINE: Final = re.compile(rb">?From [^\n]*\n")
_EMPTY_LINE: Final = re.compile(rb"\r?\n")
_STRUCTURAL: Final = re.compile(
    rb"^(?:content-[a-z-]+|mime-version)[ \t]*:", re.IGNORECASE | re.MULTILINE
)
_BOUNDARY_LINE: Final = re.compile(rb"^--[^\s-][!-~ ]{0,69}\r?$", re.MULTILINE)
_DELIMITER_END: Final = re.compile(rb"(--)?[ \t]*(?:\r?\n|\Z)")

_ONCE: Final = ("content-type", "content-transfer-encoding", "content-disposition")

MESSAGES: Final = {"message/rfc822", "message/global", "message/news"}
"""Media types of whole messages within a message (RFC 2046 §5.2.1, RFC 6532 §3.7)."""

_OUT_OF_SIGHT: Final = {
    "message/partial": "partial-message",
    "message/external-body": "external-body",
    "multipart/encrypted": "encrypted",
    "application/pkcs7-mime": "opaque-smime",
    "application/x-pkcs7-mime": "opaque-smime",
}
"""Types whose content cannot be seen by anybody in between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The header fields of one part, undecoded but for those that give it its structure."""

    fields: tuple[tuple[str, bytes], ...]
    """Name as it stood, and the octets after the colon, folds and all."""

    content_type: Field
    disposition: Field
    encoding: str
    """Transfer encoding as `encoding_of` names it."""

    def get(self, name: str) -> str:
        """Give the first field called *name* (lower case), unfolded; empty if there is none."""
        return next((raw_text(raw) for given, raw in self.fields if given.lower() == name), "")


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
    tree = Tree(head=_NO_HEAD, octets=octets)
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
    head, body = _head(tree, data, span, number, default)
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
    tree.leaves.append(Leaf(number=own, head=head, octets=data[body : span[1]]))


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
    parted = _STRUCTURAL.search(octets) or _BOUNDARY_LINE.search(octets)
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
        and not _STRUCTURAL.search(text)
    )


def _head(
    tree: Tree, data: bytes, span: tuple[int, int], number: str, default: str
) -> tuple[Head, int]:
    """Read the header fields of a part; also where its body starts."""
    at, end = span
    if first := _MBOX_LINE.match(data, at, end):
        at = first.end()
    limit = min(end, at + HEADERS_BYTES)
    fields: list[tuple[str, bytes]] = []
    while found := _FIELD.match(data, at, limit):
        raw = found[2]
        if len(raw) > HEADER_BYTES:
            raw = raw[:HEADER_BYTES]
            tree.note("header-too-long", number, hides=True)
        fields.append((found[1].decode("ascii"), raw))
        at = found.end()
    if at >= limit < end:
        tree.note("header-too-long", number, hides=True)
        at = data.find(b"\n\r\n", at - 1, end)
        at = end if at < 0 else at + 1
    if empty := _EMPTY_LINE.match(data, at, end):
        at = empty.end()
    elif at < end:
        # A line that is no field: some end the header here, some skip it.
        stop = data.find(b"\n\r\n", at, end)
        rest = data[at : min(stop if stop >= 0 else end, at + HEADERS_BYTES)]
        tree.note("broken-header", number, hides=_STRUCTURAL.search(rest) is not None)
    return _structural(tree, fields, number, default), at


def _structural(tree: Tree, fields: list[tuple[str, bytes]], number: str, default: str) -> Head:
    """Read the fields that give a part its structure; of two that differ the first counts."""
    values: dict[str, list[str]] = {}
    for name, raw in fields:
        if (lower := name.lower()) in _ONCE:
            values.setdefault(lower, []).append(raw_text(raw))
    for given in values.values():
        if len({"".join(value.split()).lower() for value in given}) > 1:
            tree.note("duplicate-header", number, hides=True)
    content_type = structured(values.get("content-type", [default])[0])
    if content_type.ambiguous:
        tree.note("duplicate-parameter", number, hides=True)
    if not content_type.is_type:
        # RFC 2045 §5.2: what cannot be understood is text/plain in ASCII.
        tree.note("bad-content-type", number)
        content_type = Field(value="text/plain", params=content_type.params)
    return Head(
        fields=tuple(fields),
        content_type=content_type,
        disposition=structured(values.get("content-disposition", [""])[0]),
        encoding=encoding_of(values.get("content-transfer-encoding", [""])[0]),
    )


_NO_HEAD: Final = Head(fields=(), content_type=Field(), disposition=Field(), encoding="")
