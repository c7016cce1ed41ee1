"""Workbooks whose parts stand elsewhere, or in another encoding, than programs put them."""

import pytest
from containers import packed

from guard.extract.budget import Budget
from guard.extract.kinds import Kind, kind_of
from guard.extract.read import read
from guard.model.extract import ReadState, Reason

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


def relations(**targets: str) -> str:
    return (
        f'<Relationships xmlns="{PACKAGE}">'
        + "".join(
            f'<Relationship Id="{kind}" Type="{TYPES}/{kind}" Target="{target}"/>'
            for kind, target in targets.items()
        )
        + "</Relationships>"
    )


def workbook(folder: str = "xl/", encoding: str = "utf-8") -> dict[str, str | bytes]:
    """A workbook with two strings, one of them shared, and a number that shows as a telephone's."""
    book = (
        f'<workbook xmlns="{MAIN}" xmlns:r="{TYPES}"><sheets>'
        '<sheet name="顧客" sheetId="1" r:id="worksheet"/></sheets></workbook>'
    )
    sheet = (
        f'<worksheet xmlns="{MAIN}"><sheetData><row r="2"><c r="B2" t="s"><v>0</v></c>'
        '<c r="C2" s="1"><v>9012345678</v></c><c r="D2" t="inlineStr"><is><t>山田</t></is></c>'
        "</row></sheetData></worksheet>"
    )
    styles = (
        f'<styleSheet xmlns="{MAIN}"><numFmts><numFmt numFmtId="170" formatCode="000-0000-0000"/>'
        '</numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="170"/></cellXfs></styleSheet>'
    )
    strings = f'<sst xmlns="{MAIN}"><si><t>ann@example.com</t></si></sst>'
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        f'<Override PartName="/{folder}workbook.xml" ContentType="{CONTENT}"/></Types>'
    )
    head = f'<?xml version="1.0" encoding="{encoding}"?>'
    return {
        "[Content_Types].xml": types,
        "_rels/.rels": relations(officeDocument=f"{folder}workbook.xml"),
        f"{folder}workbook.xml": book,
        f"{folder}_rels/workbook.xml.rels": relations(
            worksheet="tables/one.xml", sharedStrings="words.xml", styles="looks.xml"
        ),
        f"{folder}tables/one.xml": (head + sheet).encode(encoding, "xmlcharrefreplace"),
        f"{folder}words.xml": strings,
        f"{folder}looks.xml": styles,
    }


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize(
    ("folder", "encoding"),
    [
        ("xl/", "utf-8"),
        ("book/", "utf-8"),
        ("", "utf-8"),
        ("XL/", "utf-8"),
        ("xl/", "utf-16"),
        ("xl/", "iso-8859-1"),
        ("book/", "utf-16"),
    ],
)
def test_wherever_and_however(folder: str, encoding: str, plain: bool) -> None:
    """A row is a row, with its sheet's name."""
    octets = packed(workbook(folder, encoding))
    assert kind_of(octets) is Kind.XLSX
    found = read("a.xlsx", octets, budget=Budget(), plain=plain)
    rows = {passage.place: passage.text for passage in found.passages}
    assert rows["sheet “顧客”"] == "ann@example.com\t090-1234-5678\t山田\t9012345678"
    assert found.state is ReadState.READ


def test_a_second_workbook_in_the_usual_place() -> None:
    """Programs open the one that the package names; what the other says is read, too."""
    parts = workbook("book/")
    parts |= {
        "xl/workbook.xml": "<workbook/>",
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData><row r="1">'
        '<c r="A1" t="inlineStr"><is><t>bob@example.com</t></is></c></row></sheetData></worksheet>',
    }
    found = read("a.xlsx", packed(parts), budget=Budget())
    assert "ann@example.com\t090-1234-5678" in found.text
    assert "bob@example.com" in found.text


def test_a_sheet_that_no_workbook_shows() -> None:
    parts = workbook()
    parts["xl/worksheets/lost.xml"] = (
        f'<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1" t="inlineStr"><is>'
        "<t>lost@example.com</t></is></c></row></sheetData></worksheet>"
    )
    found = read("a.xlsx", packed(parts), budget=Budget())
    assert "lost@example.com" in found.text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("head", ['<?xml version="1.0"?>', ""])
def test_entities_in_any_encoding(encoding: str, head: str) -> None:
    """What they come to is not known, for they are never expanded."""
    octets = (
        f'{head}<!DOCTYPE a [<!ENTITY b "ann@"><!ENTITY c "example.com">]><a>&b;&c;</a>'.encode(
            encoding
        )
    )
    assert read("a.xml", octets, budget=Budget()).reasons == (Reason.LIMIT,)
