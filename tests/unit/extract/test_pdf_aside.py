"""Text of a PDF that is on no page: found, or else the file does not count as read."""

import zlib
from pathlib import Path

import pytest
from pdfs import FONT, one_page, pdf_of, shown, stream

from guard.extract.budget import Budget
from guard.extract.read import read
from guard.model.extract import Extract, ReadState, Reason

SAMPLES = Path(__file__).parents[2] / "samples" / "pdf"
ROW = "Taro Yamada taro@example.com"
FONTS = b"/Resources<</Font<</F 5 0 R>>>>"
BODY = shown("body of the page, which everybody sees")


def found_in(octets: bytes) -> Extract:
    return read("a.pdf", octets, budget=Budget())


def where(found: Extract, text: str = ROW) -> str:
    """The place of the first passage that holds *text*."""
    return next(passage.place for passage in found.passages if text in passage.text)


def form(content: bytes, head: bytes = b"") -> bytes:
    return stream(content, b"/Type/XObject/Subtype/Form/BBox[0 0 600 800]" + FONTS + head)


PATTERN = stream(
    shown(ROW),
    b"/Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 600 800]/XStep 600/YStep 800"
    + FONTS,
)
PACKED = stream(
    zlib.compress(shown(ROW)),
    b"/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 600 800]/XStep 600/YStep 800"
    b"/Filter/FlateDecode" + FONTS,
)
PAINTED = b"/Pattern cs /P scn 0 0 600 800 re f "
MASK = b"<</Type/ExtGState/SMask<</S/Luminosity/G 6 0 R>>>>"


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(
            one_page(PAINTED + BODY, PATTERN, resources=b"/Pattern<</P 6 0 R>>"), id="pattern"
        ),
        pytest.param(
            one_page(PAINTED + BODY, PACKED, resources=b"/Pattern<</P 6 0 R>>"), id="packed"
        ),
        pytest.param(
            one_page(
                b"/M gs 0 0 600 800 re f " + BODY,
                form(shown(ROW), b"/Group<</S/Transparency/CS/DeviceGray>>"),
                MASK,
                resources=b"/ExtGState<</M 7 0 R>>",
            ),
            id="soft mask",
        ),
        pytest.param(
            one_page(
                BODY,
                form(shown(ROW)),
                b"<</Type/Annot/Subtype/Link/Rect[0 0 600 800]/AP<</N 6 0 R>>>>",
                page=b"/Annots[7 0 R]",
            ),
            id="link",
        ),
        pytest.param(
            one_page(
                BODY,
                form(shown(ROW)),
                b"<</Type/Annot/Subtype/Stamp/F 2/Rect[0 0 600 800]/AP<</D 6 0 R>>>>",
                page=b"/Annots[7 0 R]",
            ),
            id="hidden stamp",
        ),
        pytest.param(
            one_page(
                BODY,
                stream(shown(ROW), b"/BBox[0 0 600 800]" + FONTS),
                b"<</Type/Annot/Subtype/Stamp/F 2/Rect[0 0 600 800]/AP<</D 6 0 R>>>>",
                page=b"/Annots[7 0 R]",
            ),
            id="appearance of no type",
        ),
    ],
)
def test_drawn_from_elsewhere(octets: bytes) -> None:
    """Patterns, masks and appearances are read as the pages that they are not."""
    found = found_in(octets)
    assert where(found) == "drawing"
    assert found.state is ReadState.READ


def test_drawn_twice() -> None:
    """What a form writes on the page is given once."""
    found = found_in(one_page(b"/X Do", form(shown(ROW)), resources=b"/XObject<</X 6 0 R>>"))
    assert [passage.place for passage in found.passages] == ["page 1"]


def test_glyphs_that_write() -> None:
    """A font whose glyphs are drawn by writing text is said not to be read; others are."""
    font = (
        b"<</Type/Font/Subtype/Type3/FontBBox[0 0 600 800]/FontMatrix[.001 0 0 .001 0 0]"
        b"/CharProcs<</a 7 0 R>>/Encoding<</Differences[97/a]>>/FirstChar 97/LastChar 97"
        b"/Widths[600]" + FONTS + b">>"
    )
    drawn = BODY + b" BT /T 9 Tf 50 90 Td (a) Tj ET"
    for glyph, reasons in [
        (b"600 0 0 0 600 800 d1 " + shown(ROW), (Reason.UNSUPPORTED,)),
        (b"600 0 d0\n" + shown(ROW), (Reason.UNSUPPORTED,)),
        (b"600 0 0 0 600 800 d1 0 0 9 9 re f", ()),
    ]:
        octets = one_page(drawn, font, stream(glyph)).replace(
            b"/Font<</F 5 0 R>>>>", b"/Font<</F 5 0 R/T 6 0 R>>>>", 1
        )
        assert set(reasons) <= set(found_in(octets).reasons)
        assert bool(reasons) == (Reason.UNSUPPORTED in found_in(octets).reasons)


@pytest.mark.parametrize("kind", [b"/Type/Page", b""], ids=["said", "unsaid"])
def test_tree_that_lies(kind: bytes) -> None:
    """Pages that the count leaves out are found, and a scan among them is told."""
    rest = b"/Parent 2 0 R/MediaBox[0 0 600 800]/Resources<</Font<</F 5 0 R>>/XObject<</X 8 0 R>>>>"
    picture = stream(
        bytes(40_000),
        b"/Subtype/Image/Width 200/Height 200/ColorSpace/DeviceGray/BitsPerComponent 8",
    )
    octets = one_page(
        BODY,
        b"<<%s%s/Contents 7 0 R>>" % (kind, rest),
        stream(shown(ROW)),
        picture,
        b"<<%s%s/Contents 10 0 R>>" % (kind, rest),
        stream(b"600 0 0 800 0 0 cm /X Do"),
        kids=b"3 0 R 6 0 R 9 0 R",
    )
    found = found_in(octets)
    assert where(found) == "page outside of the document"
    assert found.reasons == (Reason.IMAGE_ONLY,)


def test_associated_file() -> None:
    """A file that only a page or the catalog is associated with is opened, and no other twice."""
    octets = one_page(
        BODY,
        stream(ROW.encode()),
        b"<</Type/Filespec/F(list.csv)/AFRelationship/Data/EF<</F 6 0 R/UF 6 0 R>>>>",
        stream(b"in the list of names", b"/Type/EmbeddedFile"),
        b"<</Type/Filespec/F(known.txt)/EF<</F 8 0 R>>>>",
        catalog=b"/AF[7 0 R]/Names<</EmbeddedFiles<</Names[(known.txt)9 0 R]>>>>",
    )
    found = found_in(octets)
    assert where(found) == "a.pdf/attachment 6"
    assert found.text.count("in the list of names") == 1
    assert found.state is ReadState.READ


def updated(octets: bytes, *objects: tuple[int, bytes]) -> bytes:
    """A file with some of its objects written anew behind its end."""
    out = bytearray(octets)
    table = b""
    for number, content in objects:
        table += b"%d 1\n%010d 00000 n \n" % (number, len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    before = int(octets.rpartition(b"startxref")[2].split()[0])
    out += b"xref\n%strailer\n<</Size 99/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (
        table, before, start,
    )  # fmt: skip
    return bytes(out)


def test_earlier_revision() -> None:
    """What a page said before it was saved again is given as that."""
    first = one_page(BODY + b" " + shown("", "a line of the first day", ROW))
    second = updated(first, (4, stream(BODY + b" " + shown("", "a line of the first day"))))
    found = found_in(updated(second, (4, stream(BODY))))
    assert where(found) == "page 1, earlier revision"
    assert found.text.count("a line of the first day") == 1
    assert found.text.count("everybody") == 1
    assert found.state is ReadState.READ


def test_too_many_revisions() -> None:
    """Not all of very many are read, and that is told."""
    octets = one_page(BODY)
    for _ in range(34):
        octets = updated(octets, (4, stream(BODY)))
    assert found_in(octets).reasons == (Reason.LIMIT,)


def test_for_the_web() -> None:
    """The first part of a file that is made for the web is no earlier revision."""
    found = found_in((SAMPLES / "linearized.pdf").read_bytes())
    assert not any("revision" in passage.place for passage in found.passages)


def test_in_a_table_that_is_a_stream() -> None:
    """The same in a file whose table of objects is a stream, within which objects are packed."""
    inner = [
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources 8 0 R>>",
        FONT,
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 9 0 R" + FONTS + b">>",
        b"<</Font<</F 5 0 R>>/Pattern<</P 6 0 R>>>>",
    ]
    heads, at = [], 0
    for number, content in zip((2, 3, 5, 7, 8), inner, strict=True):
        heads.append(b"%d %d" % (number, at))
        at += len(content) + 1
    head = b" ".join(heads) + b" "
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        4: stream(PAINTED + BODY),
        6: PATTERN,
        9: stream(shown("a page that is in no tree")),
        10: stream(
            zlib.compress(head + b" ".join(inner)),
            b"/Type/ObjStm/N 5/First %d/Filter/FlateDecode" % len(head),
        ),
    }
    out = bytearray(b"%PDF-1.7\n")
    rows = {number: (2, 10, place) for place, number in enumerate((2, 3, 5, 7, 8))}
    for number, content in objects.items():
        rows[number] = (1, len(out), 0)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    rows[11] = (1, start, 0)
    table = (
        bytes(5)
        + b"\xff\xff"
        + b"".join(
            bytes([kind]) + place.to_bytes(4, "big") + index.to_bytes(2, "big")
            for _, (kind, place, index) in sorted(rows.items())
        )
    )
    out += b"11 0 obj\n" + stream(table, b"/Type/XRef/W[1 4 2]/Size 12/Root 1 0 R") + b"\nendobj\n"
    found = found_in(bytes(out + b"startxref\n%d\n%%%%EOF\n" % start))
    assert where(found) == "drawing"
    assert where(found, "in no tree") == "page outside of the document"
    assert found.state is ReadState.READ


def test_in_an_encrypted_file() -> None:
    """Strings that no page shows are found in a file that opens without its password, too."""
    found = found_in((SAMPLES / "owner-only.pdf").read_bytes())
    plain = found_in((SAMPLES / "printed.pdf").read_bytes())
    assert found.state is ReadState.READ
    assert "other strings" in {passage.place for passage in found.passages} or not any(
        passage.place == "other strings" for passage in plain.passages
    )


def test_pages_without_a_tree_have_a_table() -> None:
    """A number that nothing stands under any longer is passed over."""
    found = found_in(
        pdf_of([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[9 0 R]/Count 1>>"])
    )
    assert Reason.CORRUPT in found.reasons


def test_letters_that_the_system_has_no_font_for() -> None:
    """Japanese letters that are drawn one by one are found whatever fonts are installed."""
    font = (
        b"<</Type/Font/Subtype/Type0/BaseFont/HeiseiKakuGo-W5/Encoding/UniJIS-UCS2-H"
        b"/DescendantFonts[<</Type/Font/Subtype/CIDFontType0/BaseFont/HeiseiKakuGo-W5/DW 1000"
        b"/CIDSystemInfo<</Registry(Adobe)/Ordering(Japan1)/Supplement 2>>"
        b"/FontDescriptor<</Type/FontDescriptor/FontName/HeiseiKakuGo-W5/Flags 4/ItalicAngle 0"
        b"/FontBBox[-92 -250 1010 922]/Ascent 752/Descent -221/CapHeight 737/StemV 114>>>>]>>"
    )
    drawn = b" ".join(
        b"BT /F 10 Tf %d 600 Td <%s> Tj ET"
        % (50 + 12 * at, letter.encode("utf-16-be").hex().encode())
        for at, letter in enumerate("井上由美子")
    )
    octets = one_page(drawn, font, resources=b"/Other 6 0 R").replace(b"/F 5 0 R", b"/F 6 0 R")
    found = found_in(octets)
    assert "井上由美子" in "".join(found.text.split())
    assert found.state is ReadState.READ


def test_numbers_of_thousands_of_digits() -> None:
    """They stand for nothing, and what pages show beside them is read."""
    head = b"9" * 5000 + b" 0 "
    packed = stream(head + b"<</A(x)>>", b"/Type/ObjStm/N 1/First %d" % len(head))
    found = found_in(one_page(shown(ROW), packed))
    assert ROW in found.text
    assert found.state is ReadState.READ

    octets = one_page(shown(ROW)).replace(b"xref\n", b"xref\n" + b"9" * 5000 + b" 1\n", 1)
    assert found_in(octets).reasons == (Reason.CORRUPT,)
