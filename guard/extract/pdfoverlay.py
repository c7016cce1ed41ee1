"""
A PDF with a catalog of our own behind it, so that pdfium opens what its own one does not lead to.

It is an incremental update (ISO 32000-2 §7.5.6): nothing of the file is touched. Pages of which the
tree says nothing become pages, what is drawn from elsewhere is the content of one, and streams are
attached files.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

_START: Final = re.compile(rb"startxref\s+(\d{1,12})")
_RESOURCES: Final = re.compile(rb"/Resources\s*(?:(\d+\s+\d+\s+R)\b|(<<))")
_PARENTHESES: Final = re.compile(rb"<<|>>|\((?:[^()\\]|\\.)*\)", re.DOTALL)
HIGHEST: Final = 4_000_000
"""pdfium takes no object with a higher number (kMaxObjectNumber)."""


def overlaid(
    octets: bytes,
    *,
    last: int,
    drawings: Mapping[int, bytes],
    pages: Sequence[int],
    files: Sequence[int],
) -> bytes:
    """
    Give the file with a page for each of *drawings* (with their dictionaries), then *pages*.

    *files* become its attachments, in their order. No object has a higher number than *last*.
    """
    first = last + 1
    tree = first + 1
    objects: list[bytes] = []
    kids = [b"%d 0 R" % page for page in pages]
    made: list[bytes] = []
    for number, dictionary in drawings.items():
        kids.insert(len(made), b"%d 0 R" % (tree + 1 + len(made)))
        made.append(
            b"<</Type/Page/Parent %d 0 R/MediaBox[0 0 600 800]/Contents %d 0 R/Resources %s>>"
            % (tree, number, _resources(dictionary))
        )
    after = tree + 1 + len(made)
    names = b"".join(b"(%06d)%d 0 R" % (at, after + at) for at in range(len(files)))
    objects = [
        b"<</Type/Catalog/Pages %d 0 R/Names<</EmbeddedFiles<</Names[%s]>>>>>>" % (tree, names),
        b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(kids), b" ".join(kids)),
        *made,
        *(
            b"<</Type/Filespec/F(attachment %d)/EF<</F %d 0 R>>>>" % (number, number)
            for number in files
        ),
    ]
    return octets + _update(octets, first, objects)


def _update(octets: bytes, first: int, objects: Sequence[bytes]) -> bytes:
    """Write objects and a table of the kind that the file has: the kinds cannot be mixed."""
    out = bytearray(b"\n")
    places = []
    # Places count from the header, which may stand behind something else.
    base = max(0, octets.find(b"%PDF-"))
    for number, content in enumerate(objects, start=first):
        places.append(len(octets) + len(out) - base)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(octets) + len(out) - base
    found = _START.findall(octets[-2048:])
    before = int(found[-1]) if found else 0
    head = b"/Size %d/Root %d 0 R/Prev %d" % (first + len(objects) + 1, first, before)
    if octets[base + before : base + before + 64].lstrip().startswith(b"xref"):
        table = b"".join(b"%010d 00000 n \n" % place for place in places)
        out += b"xref\n%d %d\n%strailer\n<<%s>>\n" % (first, len(objects), table, head)
    else:
        places.append(start)
        table = b"".join(b"\1" + place.to_bytes(4) + b"\0\0" for place in places)
        out += b"%d 0 obj\n<</Type/XRef/W[1 4 2]/Index[%d %d]/Length %d%s>>\nstream\n" % (
            first + len(objects), first, len(places), len(table), head,
        )  # fmt: skip
        out += table + b"\nendstream\nendobj\n"
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)


def _resources(dictionary: bytes) -> bytes:
    """Give what fonts and the like the stream takes, as its dictionary says it."""
    found = _RESOURCES.search(dictionary)
    if not found:
        return b"<<>>"
    if found[1]:
        return found[1]
    depth = 0
    for token in _PARENTHESES.finditer(dictionary, found.start(2)):
        depth += {b"<<": 1, b">>": -1}.get(token[0], 0)
        if not depth:
            return dictionary[found.start(2) : token.end()]
    return b"<<>>"
