"""What people do not see when they send a file is read, and called what it is."""

import io
from collections.abc import Callable

import openpyxl
import pytest
from containers import packed
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.chart import BarChart, Reference
from openpyxl.worksheet.worksheet import Worksheet

from guard.extract.budget import Budget
from guard.extract.elements import Handler, walk
from guard.extract.hidden import MOST_RUNS, Hidden, hidden_in, hidden_in_tables, letters
from guard.extract.pieces import UnreadError
from guard.extract.pivots import pivot_rows
from guard.extract.read import read
from guard.model.extract import Extract, ReadState


def saved(change: Callable[[openpyxl.Workbook, Worksheet], None]) -> bytes:
    """A workbook with four rows on a sheet called 顧客, changed."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "顧客"
    for number in range(1, 5):
        sheet.append([f"name {number}", f"n{number}@example.com", number])
    change(book, sheet)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def places(found: Extract, text: str) -> list[tuple[str, int]]:
    """Place of each passage that holds *text*, with the row that it stands in."""
    return [
        (passage.place, passage.first_row + passage.text[: passage.text.index(text)].count("\n"))
        for passage in found.passages
        if text in passage.text
    ]


both = pytest.mark.parametrize("plain", [False, True], ids=["native", "plain"])


@both
def test_hidden_rows(plain: bool) -> None:
    """They are a place of their own, with their numbers; those around them keep theirs."""

    def hide(_book: openpyxl.Workbook, sheet: Worksheet) -> None:
        sheet.row_dimensions[2].hidden = True
        sheet.row_dimensions[3].hidden = True

    found = read("a.xlsx", saved(hide), budget=Budget(), plain=plain)
    assert places(found, "n1@") == [("sheet “顧客”", 1)]
    assert places(found, "n2@") == [("sheet “顧客”, hidden rows", 2)]
    assert places(found, "n3@") == [("sheet “顧客”, hidden rows", 3)]
    assert places(found, "n4@") == [("sheet “顧客”", 4)]
    assert found.state is ReadState.READ


@both
def test_hidden_columns_and_sheets(plain: bool) -> None:
    def hide(book: openpyxl.Workbook, sheet: Worksheet) -> None:
        sheet.column_dimensions["B"].hidden = True
        secret = book.create_sheet("裏")
        secret.sheet_state = "veryHidden"
        secret.append(["secret"])

    found = read("a.xlsx", saved(hide), budget=Budget(), plain=plain)
    assert places(found, "n1@") == [("sheet “顧客” with hidden columns B", 1)]
    assert places(found, "secret") == [("very hidden sheet “裏”", 1)]


@both
def test_a_chart_belongs_to_its_sheet(plain: bool) -> None:
    def draw(_book: openpyxl.Workbook, sheet: Worksheet) -> None:
        chart = BarChart()
        chart.title = "売上の図"
        chart.add_data(Reference(sheet, min_col=3, min_row=1, max_row=4))
        sheet.add_chart(chart)

    found = read("a.xlsx", saved(draw), budget=Budget(), plain=plain)
    assert places(found, "売上の図") == [("sheet “顧客”, chart", 1)]


def test_a_filter_that_hides_here_and_there_is_no_thousand_places() -> None:
    hidden = Hidden(frozenset(range(1, 2 * MOST_RUNS, 2)))
    lines = [str(number) for number in range(1, 2 * MOST_RUNS)]

    assert list(hidden.parted(1, lines)) == [(1, lines, False)]


@given(st.sets(st.integers(1, 30)), st.integers(1, 9), st.integers(0, 25))
def test_parting_loses_no_row(rows: set[int], first: int, count: int) -> None:
    lines = [f"line {first + at}" for at in range(count)]
    parted = list(Hidden(frozenset(rows)).parted(first, lines))

    assert [line for _, part, _ in parted for line in part] == lines
    for start, part, hidden in parted:
        assert part[0] == f"line {start}"
        assert {start + at in rows for at in range(len(part))} == {hidden}


@given(st.binary(max_size=300))
def test_any_octets_end(octets: bytes) -> None:
    hidden_in(b"<sheetData hidden" + octets)
    for parse in (
        lambda: hidden_in_tables(b":visibility=" + octets),
        lambda: walk(octets, Handler()),
    ):
        with pytest.raises(UnreadError):
            parse()


@pytest.mark.parametrize(("number", "name"), [(1, "A"), (26, "Z"), (27, "AA"), (16384, "XFD")])
def test_letters(number: int, name: str) -> None:
    assert letters(number) == name


def test_hidden_rows_of_an_opendocument_sheet() -> None:
    """With rows that stand for many."""
    content = (
        '<d xmlns:table="t"><table:table table:name="顧客">'
        '<table:table-column table:number-columns-repeated="2"/>'
        '<table:table-column table:visibility="collapse"/>'
        '<table:table-row table:number-rows-repeated="3"/>'
        '<table:table-row table:number-rows-repeated="2" table:visibility="filter"/>'
        '<table:table-row table:number-rows-repeated="1048570" table:visibility="collapse"/>'
        "</table:table></d>"
    )
    hidden = hidden_in_tables(content.encode())["顧客"]

    assert hidden.columns == ((3, 3),)
    assert {1, 2, 3}.isdisjoint(hidden.rows)
    assert {4, 5, 6} <= hidden.rows
    assert len(hidden.rows) <= 100_002


DEFINITION = (
    b'<pivotCacheDefinition><cacheFields><cacheField name="Name"><sharedItems>'
    b'<s v="Ann"/><s v="Bob"/></sharedItems></cacheField>'
    b'<cacheField name="Mail"><sharedItems/></cacheField></cacheFields></pivotCacheDefinition>'
)
RECORDS = (
    b'<pivotCacheRecords><r><x v="1"/><s v="bob@example.com"/></r>'
    b'<r><x v="0"/><s v="ann@example.com"/></r><r><x v="9"/><m/></r></pivotCacheRecords>'
)


def test_pivot_rows_are_put_together_again() -> None:
    assert list(pivot_rows(DEFINITION, RECORDS)) == [
        "Name\tMail",
        "Bob\tbob@example.com",
        "Ann\tann@example.com",
        "\t",
    ]
    assert list(pivot_rows(DEFINITION, b"")) == ["Name\tMail", "Ann\tBob"]


RELATION = '<Relationship Id="{}" Type="x/{}" Target="{}"/>'


def test_the_table_behind_a_pivot_has_its_sheet() -> None:
    def relations(*given: str) -> str:
        return f"<Relationships>{''.join(given)}</Relationships>"

    r = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    octets = packed(
        {
            "[Content_Types].xml": "<Types/>",
            "xl/workbook.xml": f'<workbook xmlns:r="{r}"><sheets><sheet name="集計" r:id="r1"/>'
            "</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": relations(
                RELATION.format("r1", "worksheet", "worksheets/sheet1.xml")
            ),
            "xl/worksheets/sheet1.xml": "<worksheet><sheetData/></worksheet>",
            "xl/worksheets/_rels/sheet1.xml.rels": relations(
                RELATION.format("r1", "pivotTable", "../pivotTables/pivotTable1.xml")
            ),
            "xl/pivotTables/pivotTable1.xml": "<pivotTableDefinition/>",
            "xl/pivotTables/_rels/pivotTable1.xml.rels": relations(
                RELATION.format("r1", "def", "/xl/pivotCache/pivotCacheDefinition1.xml")
            ),
            "xl/pivotCache/pivotCacheDefinition1.xml": DEFINITION,
            "xl/pivotCache/pivotCacheRecords1.xml": RECORDS,
        }
    )
    found = read("a.xlsx", octets, budget=Budget(), plain=True)

    assert places(found, "Bob\tbob@example.com") == [("sheet “集計”, pivot cache", 2)]


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def test_strands_of_a_document() -> None:
    """What is deleted, hidden or in a box tears no line apart, and is found under its name."""
    body = (
        "<w:p><w:r><w:t>090-12</w:t></w:r><w:del><w:r><w:delText>gone </w:delText></w:r></w:del>"
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>un</w:t></w:r>"
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>seen</w:t></w:r>"
        "<w:r><w:pict><w:txbxContent><w:p><w:r><w:t>boxed</w:t></w:r></w:p></w:txbxContent>"
        "</w:pict></w:r><w:r><w:rPr><w:vanish w:val='0'/></w:rPr><w:t>34</w:t></w:r></w:p>"
        "<w:p><w:del><w:r><w:delText>next</w:delText></w:r></w:del></w:p>"
    )
    octets = packed(
        {
            "[Content_Types].xml": "<Types/>",
            "word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>",
        }
    )
    found = read("a.docx", octets, budget=Budget())

    assert {passage.place: passage.text for passage in found.passages} == {
        "": "090-1234",
        "deleted text": "gone\nnext",
        "hidden text": "unseen",
        "text box": "boxed",
    }


def test_a_hidden_slide_and_its_notes() -> None:
    r = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    octets = packed(
        {
            "[Content_Types].xml": "<Types/>",
            "ppt/presentation.xml": f'<p xmlns:r="{r}"><sldId id="256" r:id="r9"/>'
            '<sldId id="257" r:id="r1"/></p>',
            "ppt/_rels/presentation.xml.rels": "<Relationships>"
            + RELATION.format("r9", "slide", "slides/slide9.xml")
            + RELATION.format("r1", "slide", "slides/slide1.xml")
            + "</Relationships>",
            "ppt/slides/slide9.xml": "<sld><p><t>first</t></p></sld>",
            "ppt/slides/slide1.xml": '<sld show="0"><p><t>second</t></p></sld>',
            "ppt/slides/_rels/slide1.xml.rels": "<Relationships>"
            + RELATION.format("r1", "notesSlide", "../notesSlides/notesSlide4.xml")
            + "</Relationships>",
            "ppt/notesSlides/notesSlide4.xml": "<notes><p><t>said</t></p></notes>",
        }
    )
    found = read("a.pptx", octets, budget=Budget())

    assert places(found, "first") == [("slide 1", 1)]
    assert places(found, "second") == [("hidden slide 2", 1)]
    assert places(found, "said") == [("hidden slide 2, notes", 1)]
