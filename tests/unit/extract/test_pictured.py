"""Documents, slides and sheets that are pictures of text, beside a little text."""

import io
import zipfile

import openpyxl
import pytest
from containers import packed
from openpyxl.drawing.image import Image as SheetImage
from PIL import Image

from guard.extract.budget import Budget
from guard.extract.read import read
from guard.model.extract import Extract, ReadState, Reason

EMU = 12_700
FOOTER = "Example Trading Co., Ltd.  Confidential  page 1 of 1"
LETTER = "A line of a letter in which somebody has something to say. " * 10
NAMES = (
    " ".join(
        f'xmlns:{short}="http://schemas.openxmlformats.org/{name}"'
        for short, name in (
            ("w", "wordprocessingml/2006/main"),
            ("wp", "drawingml/2006/wordprocessingDrawing"),
            ("a", "drawingml/2006/main"),
            ("p", "presentationml/2006/main"),
            ("r", "officeDocument/2006/relationships"),
            ("mc", "markup-compatibility/2006"),
        )
    )
    + ' xmlns:v="urn:schemas-microsoft-com:vml"'
)
BLIP = '<a:blip r:embed="rId1"/>'
SECTION = "<w:sectPr><w:pgSz w:w='11906' w:h='16838'/></w:sectPr>"


def png(width: int = 60, height: int = 80) -> bytes:
    target = io.BytesIO()
    Image.new("L", (width, height), 255).save(target, "PNG")
    return target.getvalue()


def scans(found: Extract) -> list[str]:
    """The places that are said to be pictures; whether a reason says so, too, is checked here."""
    named = [passage.place for passage in found.passages if passage.place.endswith("picture")]
    assert found.reasons == ((Reason.IMAGE_ONLY,) if named else ())
    assert found.state is (ReadState.PARTIAL if named else ReadState.READ)
    return named


def inline(width: int, height: int, more: str = "", kind: str = "inline") -> str:
    """A drawing of so many points."""
    return (
        f"<w:p><w:r><w:drawing><wp:{kind} {more}>"
        f"<wp:extent cx='{width * EMU}' cy='{height * EMU}'/>"
        f"<a:graphic>{BLIP}</a:graphic></wp:{kind}></w:drawing></w:r></w:p>"
    )


def shape(width: int, height: int) -> str:
    """The same as Word 2003 wrote it."""
    return (
        f"<w:p><w:r><w:pict><v:shape style='width:{width}pt;height:{height}pt'>"
        "<v:imagedata r:id='rId1'/></v:shape></w:pict></w:r></w:p>"
    )


@pytest.mark.parametrize(
    ("body", "text", "is_scan"),
    [
        pytest.param(inline(450, 640), FOOTER, True, id="scan, footer"),
        pytest.param(inline(450, 640), LETTER, True, id="scan behind a letter"),
        pytest.param(shape(450, 640), FOOTER, True, id="scan of old"),
        pytest.param(inline(420, 300), FOOTER, True, id="pasted table"),
        pytest.param(inline(420, 200) * 14, LETTER[:450], True, id="pasted tables"),
        pytest.param(inline(420, 200) * 3, LETTER, False, id="illustrated"),
        pytest.param(inline(60, 60), FOOTER, False, id="logo"),
        pytest.param(
            inline(600, 840, "behindDoc='1'", "anchor"), LETTER, False, id="behind a letter"
        ),
        pytest.param(
            f"<w:object>{shape(450, 640)}</w:object>", FOOTER, False, id="preview of an object"
        ),
        pytest.param(
            inline(300, 200) + f"<mc:Fallback>{shape(450, 640)}</mc:Fallback>",
            FOOTER,
            False,
            id="said twice",
        ),
    ],
)
def test_document(body: str, text: str, is_scan: bool) -> None:
    """A large picture is one, whatever text is on other pages; a logo is not."""
    document = f"<w:document {NAMES}><w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p>{body}{SECTION}"
    octets = packed(
        {
            "[Content_Types].xml": "<Types/>",
            "word/document.xml": f"{document}</w:body></w:document>",
            "word/media/image1.png": png(),
        }
    )
    assert scans(read("a.docx", octets, budget=Budget())) == (["picture"] if is_scan else [])


def pic(width: int, height: int) -> str:
    size = f"<a:ext cx='{width * EMU}' cy='{height * EMU}'/>"
    return f"<p:pic>{BLIP}<p:spPr><a:xfrm>{size}</a:xfrm></p:spPr></p:pic>"


def deck(*slides: str) -> bytes:
    """A presentation of 720 by 540 points; its layout has text of its own."""
    return packed(
        {
            "[Content_Types].xml": "<Types/>",
            "ppt/presentation.xml": f"<p:presentation {NAMES}><p:sldSz cx='{720 * EMU}'"
            f" cy='{540 * EMU}'/></p:presentation>",
            "ppt/slideLayouts/slideLayout1.xml": f"<p:sldLayout {NAMES}><a:p><a:t>Click to edit"
            " the title of this slide</a:t></a:p></p:sldLayout>",
            "ppt/media/image1.png": png(),
            **{
                f"ppt/slides/slide{number}.xml": f"<p:sld {NAMES}>{slide}</p:sld>"
                for number, slide in enumerate(slides, start=1)
            },
        }
    )


def words(text: str) -> str:
    return f"<p:sp><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:sp>"


def test_slides() -> None:
    """Slides are looked at one by one; a group makes its pictures larger or smaller."""
    group = (
        "<p:grpSp><p:grpSpPr><a:xfrm><a:ext cx='{}' cy='{}'/><a:chExt cx='1000000' cy='1000000'/>"
        "</a:xfrm></p:grpSpPr>%s</p:grpSp>"
    )
    octets = deck(
        words(LETTER) + pic(700, 500),
        words("Customers, fiscal 2026") + pic(500, 400),
        pic(100, 50) + words("A title"),
        group.format(9_000_000, 9_000_000) % pic(60, 50) + words("A title"),
        group.format(100_000, 100_000) % pic(600, 500) + words("A title"),
        f"<p:bg>{BLIP}</p:bg>" + words("A title"),
        f"<p:graphicFrame>{pic(600, 500)}</p:graphicFrame>" + words("An object"),
        words("A title") + f"<p:pic>{BLIP}</p:pic>",
    )
    assert scans(read("a.pptx", octets, budget=Budget())) == [
        "slide 2, picture",
        "slide 4, picture",
        "slide 6, picture",
        "slide 8, picture",
    ]


@pytest.mark.parametrize("plain", [False, True], ids=["native", "plain"])
def test_sheets(plain: bool) -> None:
    """A sheet with a picture and hardly a cell is named; one with cells and the picture is not."""
    book = openpyxl.Workbook()
    for title, rows, pixels in [("写し", 1, 900), ("表", 60, 900), ("印", 1, 60)]:
        sheet = book.create_sheet(title)
        for number in range(rows):
            sheet.append([f"row {number}", "a cell"])
        sheet.add_image(SheetImage(io.BytesIO(png(pixels, pixels))), "C3")
    target = io.BytesIO()
    book.save(target)
    found = read("a.xlsx", target.getvalue(), budget=Budget(), plain=plain)
    assert scans(found) == ["sheet “写し”, picture"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_wherever_and_however(encoding: str) -> None:
    """A part is known by what it is: its package may put it elsewhere, in another encoding."""
    folder = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    octets = packed(
        {
            "[Content_Types].xml": "<Types/>",
            "_rels/.rels": f'<Relationships xmlns="{package}"><Relationship Id="rId1"'
            f' Type="{folder}/officeDocument" Target="letters/main.xml"/></Relationships>',
            "letters/main.xml": f"<?xml version='1.0' encoding='{encoding}'?><w:document {NAMES}>"
            f"<w:body>{inline(450, 640)}<w:p><w:r><w:t>{LETTER}</w:t></w:r></w:p></w:body>"
            "</w:document>".encode(encoding),
            "letters/image1.png": png(),
        }
    )
    assert scans(read("a.docx", octets, budget=Budget())) == ["picture"]


def test_sheets_elsewhere() -> None:
    """The same of the pictures over a sheet."""
    book = openpyxl.Workbook()
    book.active.add_image(SheetImage(io.BytesIO(png(900, 900))), "A1")  # type: ignore[union-attr]
    target = io.BytesIO()
    book.save(target)
    parts = {}
    with zipfile.ZipFile(target) as package:
        for name in package.namelist():
            octets = package.read(name)
            if name.endswith((".rels", "].xml")):
                octets = octets.replace(b'"/xl/', b'"/book/').replace(b'"xl/', b'"book/')
            parts[name.replace("xl/", "book/")] = octets
    found = read("a.xlsx", packed(parts), budget=Budget())
    assert scans(found) == ["sheet “Sheet”, picture"]


ODF = (
    " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "text", "table", "drawing", "number")
    )
    + ' xmlns:draw="urn:x:draw" xmlns:svg="urn:x:svg"'
)


def frame(width: str, height: str, within: str = "<draw:image/>") -> str:
    return f"<draw:frame svg:width='{width}' svg:height='{height}'>{within}</draw:frame>"


@pytest.mark.parametrize(
    ("body", "named"),
    [
        pytest.param(
            f"<office:text><text:p>{LETTER}</text:p><text:p>{frame('17cm', '24cm')}</text:p>"
            "</office:text>",
            ["picture"],
            id="text with a scan",
        ),
        pytest.param(
            f"<office:text><text:p>{LETTER}</text:p><text:p>{frame('17cm', '60mm')}</text:p>"
            "</office:text>",
            [],
            id="text with a picture",
        ),
        pytest.param(
            f"<office:text><text:p>{FOOTER}</text:p>"
            f"{frame('17cm', '24cm', '<draw:object/><draw:image/>')}</office:text>",
            [],
            id="text with an object",
        ),
        pytest.param(
            f"<office:presentation><draw:page><text:p>{LETTER}</text:p>{frame('20cm', '14cm')}"
            f"</draw:page><draw:page><text:p>Title</text:p>{frame('20cm', '14cm')}</draw:page>"
            "</office:presentation>",
            ["slide 2, picture"],
            id="slides",
        ),
        pytest.param(
            "<office:spreadsheet><table:table table:name='表'><table:table-row><table:table-cell>"
            f"<text:p>{FOOTER}</text:p>{frame('6.5in', '7in')}</table:table-cell>"
            "</table:table-row></table:table></office:spreadsheet>",
            ["sheet “表”, picture"],
            id="sheet",
        ),
    ],
)
def test_open_document(body: str, named: list[str]) -> None:
    """The same in OpenDocument."""
    kind = "spreadsheet" if "office:spreadsheet" in body else "text"
    styles = "<office:automatic-styles><number:text/></office:automatic-styles>"
    octets = packed(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}",
            "META-INF/manifest.xml": "<manifest/>",
            "content.xml": f"<office:document-content {ODF}>{styles}<office:body>{body}"
            "</office:body></office:document-content>",
            "Pictures/1.png": png(),
        }
    )
    assert scans(read("a.odt", octets, budget=Budget())) == named


@pytest.mark.parametrize(
    ("twips", "text", "is_scan"),
    [
        pytest.param("\\picwgoal9000 \\pichgoal12000", FOOTER, True, id="scan, footer"),
        pytest.param("\\picwgoal9000\\pichgoal12000", LETTER, False, id="beside a letter"),
        pytest.param("\\picwgoal1200\\pichgoal1200", FOOTER, False, id="logo"),
    ],
)
def test_rich_text(twips: str, text: str, is_scan: bool) -> None:
    """RTF says of each picture how large it is shown."""
    octets = "{\\rtf1\\ansi " + text + "\\par{\\pict\\pngblip" + twips + " 89504e47}}"
    found = read("a.rtf", octets.encode(), budget=Budget())
    assert found.reasons == ((Reason.IMAGE_ONLY,) if is_scan else ())
