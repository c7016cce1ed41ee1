"""PDF files written for one test."""

from collections.abc import Sequence

CATALOG = b"<</Type/Catalog/Pages 2 0 R%s>>"
FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"


def stream(content: bytes, head: bytes = b"") -> bytes:
    """A stream object."""
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (head, len(content), content)


def shown(*lines: str, x: int = 50) -> bytes:
    """Operators that write these lines, so far from the left edge."""
    return b"\n".join(
        b"BT /F 10 Tf %d %d Td (%s) Tj ET" % (x, 700 - 20 * at, line.encode("cp1252"))
        for at, line in enumerate(lines)
    )


def pdf_of(objects: Sequence[bytes], trailer: bytes = b"") -> bytes:
    """A file with these objects, the first of them its catalog, and a table that fits."""
    out = bytearray(b"%PDF-1.7\n")
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    out += b"trailer\n<</Size %d/Root 1 0 R%s>>\n" % (len(objects) + 1, trailer)
    out += b"startxref\n%d\n%%%%EOF\n" % start
    return bytes(out)


def one_page(
    content: bytes,
    *others: bytes,
    page: bytes = b"",
    catalog: bytes = b"",
    resources: bytes = b"",
    trailer: bytes = b"",
    kids: bytes = b"3 0 R",
    count: int = 1,
) -> bytes:
    """A file of one page; objects 6 and up are *others*, to be named in the dictionaries."""
    return pdf_of(
        [
            CATALOG % catalog,
            b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, count),
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R"
            b"/Resources<</Font<</F 5 0 R>>%s>>%s>>" % (resources, page),
            content if content.startswith(b"<<") else stream(content),
            FONT,
            *others,
        ],
        trailer,
    )
