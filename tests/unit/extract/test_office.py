"""Workbooks, documents and presentations, with everything that people overlook in them."""

import io
import zipfile
from datetime import date, datetime

import openpyxl
import pytest
from containers import packed
from openpyxl.comments import Comment

from guard.extract.budget import Budget
from guard.extract.read import read
from guard.model.extract import Extract, ReadState, Reason


def workbook() -> bytes:
    """Two sheets, one of them hidden, and text in the corners."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "顧客"
    sheet.cell(3, 2, "山田 太郎")
    sheet.cell(3, 3, 9012345678.0)
    sheet.cell(3, 4, date(1980, 1, 2))
    sheet.cell(3, 5, datetime(2026, 1, 2, 3, 4, 5))  # noqa: DTZ001 -- Excel knows no zones
    sheet.cell(3, 6, True)
    sheet.cell(4, 2, "two\nlines")
    sheet.cell(3, 2).comment = Comment("コメント", "書いた人")
    sheet.cell(4, 3, "link").hyperlink = "mailto:linked@example.com"
    assert sheet.oddHeader is not None
    sheet.oddHeader.center.text = "ヘッダー"
    hidden = book.create_sheet("裏")
    hidden.sheet_state = "hidden"
    hidden.append(["隠し"])
    book.properties.keywords = "キーワード"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def where(found: Extract, text: str) -> str:
    """The place of the first passage that holds *text*."""
    return next(passage.place for passage in found.passages if text in passage.text)


@pytest.mark.parametrize("plain", [False, True], ids=["native", "plain"])
def test_workbook(plain: bool) -> None:
    """Both readers of xlsx find cells, comments, headers, links and properties."""
    found = read("a.xlsx", workbook(), budget=Budget(), plain=plain)
    sheet = next(passage for passage in found.passages if passage.place == "sheet “顧客”")
    row = sheet.text.split("\n")[3 - sheet.first_row].split("\t")
    assert row[:2] == ["山田 太郎", "9012345678"]
    assert "two lines" in sheet.text
    assert where(found, "隠し") == "hidden sheet “裏”"
    assert where(found, "コメント") == "sheet “顧客”, comment at B3"
    assert where(found, "キーワード") == "properties"
    assert "ヘッダー" in found.text
    assert "linked@example.com" in found.text
    assert found.state is ReadState.READ


@pytest.mark.parametrize("plain", [False, True])
def test_formulas_without_values(plain: bool) -> None:
    """What a program would compute on opening is read from the formula; values stay values."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(['="山田"&" "&"太郎"', '="090-"&"1234"'])
    sheet.append(["value"])
    target = io.BytesIO()
    book.save(target)
    found = read("a.xlsx", target.getvalue(), budget=Budget(), plain=plain)
    assert where(found, "山田 太郎\t090-1234") == "sheet “Sheet”, formulas"
    assert found.state is ReadState.READ


def test_dates_are_iso() -> None:
    """A birthday reads as a date, not as a serial number."""
    found = read("a.xlsx", workbook(), budget=Budget())
    assert "1980-01-02\t2026-01-02 03:04:05\tTRUE" in found.text


@pytest.mark.parametrize("plain", [False, True])
def test_entities_are_refused(plain: bool) -> None:
    """An entity in a part ends in a limit."""
    octets = io.BytesIO(workbook())
    with zipfile.ZipFile(octets, "a") as archive:
        archive.writestr("xl/drawings/d.xml", "<!DOCTYPE a [<!ENTITY b 'x'>]><a>&b;</a>")
    found = read("a.xlsx", octets.getvalue(), budget=Budget(), plain=plain)
    assert (found.state, found.reasons) == (ReadState.PARTIAL, (Reason.LIMIT,))


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def docx(body: str, **more: str | bytes) -> bytes:
    """A document."""
    parts = {
        name.replace("__", "/").replace("_xml", ".xml"): octets for name, octets in more.items()
    }
    return packed(
        {
            "[Content_Types].xml": "<Types/>",
            "word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>",
            **parts,
        }
    )


def p(*runs: str) -> str:
    """A paragraph of runs."""
    return "<w:p>" + "".join(f"<w:r><w:t>{run}</w:t></w:r>" for run in runs) + "</w:p>"


def test_document() -> None:
    """Paragraphs are lines, table rows have tabs, words go on over runs; the margins count too."""
    found = read(
        "a.docx",
        docx(
            p("090-12", "34")
            + f"<w:tbl><w:tr><w:tc>{p('山田')}</w:tc><w:tc>{p('太郎')}</w:tc></w:tr></w:tbl>"
            + "<w:p><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t></w:r></w:p>"
            + "<w:p><w:r><w:instrText>HYPERLINK x</w:instrText></w:r>"
            + "<w:del><w:r><w:delText>消した</w:delText></w:r></w:del></w:p>",
            word__header1_xml=f"<w:hdr {W}>{p('ヘッダー')}</w:hdr>",
            word__comments_xml=f"<w:comments {W}>{p('コメント')}</w:comments>",
        ),
        budget=Budget(),
    )
    assert found.passages[0].text == "090-1234\n山田\t太郎\na\tb\nc"
    assert where(found, "ヘッダー") == "header"
    assert where(found, "コメント") == "comments"
    assert where(found, "消した") == "deleted text"
    assert found.state is ReadState.READ


def test_embedded_workbook() -> None:
    """A workbook in a document is read; an object that is not known is told."""
    octets = docx(p("see"), **{"word__embeddings__a.xlsx": workbook()})
    assert where(read("a.docx", octets, budget=Budget()), "隠し") == (
        "a.docx/word/embeddings/a.xlsx, hidden sheet “裏”"
    )
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    found = read("a.docx", docx(p("see"), **{"word__embeddings__o.bin": ole}), budget=Budget())
    assert (found.state, found.reasons) == (ReadState.PARTIAL, (Reason.CORRUPT,))


def test_scan_in_a_document() -> None:
    """A document that is a picture says so; one with text and a logo does not."""
    picture = b"\x89PNG\r\n\x1a\n" + bytes(50)
    assert read("a.docx", docx(p(""), word__media__i_png=picture), budget=Budget()).reasons == (
        Reason.IMAGE_ONLY,
    )
    text = docx(p("some text that a person wrote"), word__media__i_png=picture)
    assert read("a.docx", text, budget=Budget()).state is ReadState.READ


def test_presentation() -> None:
    """Slides come in their order, with their notes."""
    a = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    slides = {
        f"ppt/slides/slide{n}.xml": f"<s {a}><a:p><a:r><a:t>text {n}</a:t></a:r></a:p></s>"
        for n in (10, 9)
    }
    notes = {"ppt/notesSlides/notesSlide9.xml": f"<s {a}><a:p><a:t>note</a:t></a:p></s>"}
    octets = packed({"[Content_Types].xml": "<Types/>", **slides, **notes})
    found = read("a.pptx", octets, budget=Budget())
    assert [(passage.place, passage.text) for passage in found.passages] == [
        ("slide 9", "text 9"),
        ("slide 10", "text 10"),
        ("slide 9, notes", "note"),
    ]


ODF = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
)


def ods(manifest: str = "") -> bytes:
    """A spreadsheet with two cells, one of them annotated."""
    cells = (
        '<table:table-cell office:value-type="string"><text:p>山田</text:p>'
        "<office:annotation><text:p>メモ</text:p></office:annotation></table:table-cell>"
        '<table:table-cell office:value-type="float" office:value="9012345678">'
        "<text:p>9012345678</text:p></table:table-cell>"
    )
    return packed(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": f"<manifest>{manifest}</manifest>",
            "content.xml": f"<office:document-content {ODF}><office:body><office:spreadsheet>"
            f'<table:table table:name="顧客"><table:table-row>{cells}</table:table-row>'
            "</table:table></office:spreadsheet></office:body></office:document-content>",
        }
    )


@pytest.mark.parametrize("plain", [False, True], ids=["native", "plain"])
def test_ods(plain: bool) -> None:
    """Cells and their notes."""
    found = read("a.ods", ods(), budget=Budget(), plain=plain)
    assert "9012345678" in found.text
    assert "山田" in found.text
    assert "メモ" in found.text
    assert found.state is ReadState.READ


def test_encrypted_opendocument() -> None:
    """Parts that the manifest calls encrypted are not read as garbage."""
    assert read("a.ods", ods("<encryption-data/>"), budget=Budget()).reasons == (Reason.ENCRYPTED,)
