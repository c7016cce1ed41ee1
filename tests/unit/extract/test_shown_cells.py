"""What cells of an OpenDocument spreadsheet show beside their values is read, too."""

import pytest
from containers import packed
from hypothesis import given
from hypothesis import strategies as st

from guard.extract.budget import Budget
from guard.extract.read import read
from guard.extract.tables import shows_more, without_rows
from guard.model.extract import Extract, ReadState

NAMES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "text", "table")
)
FLOAT = 'office:value-type="float" office:value="{}"'
DATE = 'office:value-type="date" office:date-value="{}"'


def cell(attributes: str, inner: str) -> str:
    return f"<table:table-cell {attributes}>{inner}</table:table-cell>"


def content(cells: str, before: str = "", after: str = "") -> str:
    return (
        f"<office:document-content {NAMES}><office:body><office:spreadsheet>{before}"
        f'<table:table table:name="S"><table:table-row>{cells}</table:table-row></table:table>'
        f"{after}</office:spreadsheet></office:body></office:document-content>"
    )


def opened(part: str) -> Extract:
    octets = packed(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": "<manifest/>",
            "content.xml": part,
        }
    )
    return read("a.ods", octets, budget=Budget())


HIDDEN = [
    (cell(FLOAT.format(9012345678), "<text:p>090-1234-5678</text:p>"), "090-1234-5678"),
    (cell(FLOAT.format(1), "<text:p>2345</text:p>"), "2345"),
    (cell(FLOAT.format(7), "<text:p>0007</text:p>"), "0007"),
    (cell(FLOAT.format(7), "<text:p>7 a@example.com</text:p>"), "a@example.com"),
    (cell(FLOAT.format(7), "<text:p>7<text:span>89</text:span></text:p>"), "789"),
    (cell('office:value-type="float"', "<text:p>09</text:p>"), "09"),
    (cell("", "<text:p>a@example.com</text:p>"), "a@example.com"),
    (cell(DATE.format("2020-01-02"), "<text:p>090-1234</text:p>"), "090-1234"),
    (cell(DATE.format("2020-01-02"), "<text:p>2 Suzuki Hanako</text:p>"), "Suzuki Hanako"),
    (cell(DATE.format("2020-01-02"), "<text:p>2日鈴木花子</text:p>"), "鈴木花子"),
    (cell(DATE.format("9" * 5000), "<text:p>2020</text:p>"), "2020"),
    (cell('office:value-type="boolean" office:boolean-value="true"', "<text:p>b@example</text:p>"),
     "b@example"),
    (cell('office:value-type="string" office:string-value="a"', "<text:p>b c</text:p>"), "b c"),
    (cell("", "<table:table><table:table-row>"
          + cell('office:value-type="string"', "<text:p>deep</text:p>")
          + "</table:table-row></table:table>"), "deep"),
    (cell('office:value-type="string"', '<text:p><text:a xmlns:xlink="x" xlink:href="mailto:d@x.y">'
          "d</text:a></text:p>"), "d@x.y"),
    (cell("", "").replace("cell", "covered-cell")
     + "<table:covered-table-cell><text:p>covered</text:p></table:covered-table-cell>", "covered"),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "text"), HIDDEN)
def test_what_people_see_is_read(cells: str, text: str) -> None:
    """Though the value of the cell is another, or there is none."""
    found = opened(content(cells))
    assert text in found.text
    assert found.state is ReadState.READ


@pytest.mark.parametrize(
    "cells",
    [
        cell(FLOAT.format(1234), "<text:p>1234</text:p>"),
        cell(FLOAT.format(1234), "<text:p>¥1,234</text:p>"),
        cell(FLOAT.format(-1234.5), "<text:p>-1,234.50円</text:p>"),
        cell(FLOAT.format(0.125), "<text:p>12.5%</text:p>"),
        cell(FLOAT.format(3.14159), "<text:p>3.14</text:p>"),
        cell(DATE.format("2020-01-02"), "<text:p>2020年1月2日</text:p>"),
        cell(DATE.format("2020-01-02T15:04:05"), "<text:p>令和2年1月2日 3:04 PM</text:p>"),
        cell(DATE.format("2019-05-03"), "<text:p>令和元年5月3日金曜日 午後</text:p>"),
        cell(DATE.format("2019-05-03"), "<text:p>Friday, 3rd of May 2019 R1</text:p>"),
        cell('office:value-type="string"', "<text:p>a</text:p><text:p>b</text:p>"),
        cell('office:value-type="string"', "<text:p>a<text:span>b</text:span></text:p>"),
        cell("", ""),
        "<table:table-cell/>",
    ],
)
def test_usual_cells_are_read_once(cells: str) -> None:
    """As values: a second reading of a large table takes seconds."""
    assert not shows_more(content(cells).encode())


def test_beside_the_rows() -> None:
    """What was changed, and names and filters."""
    found = opened(
        content(
            cell('office:value-type="string"', "<text:p>a</text:p>"),
            "<table:tracked-changes><table:previous><table:change-track-table-cell>"
            "<text:p>old@example.com</text:p></table:change-track-table-cell></table:previous>"
            "</table:tracked-changes>",
            "<table:title>t@example.com</table:title>",
        )
    )
    places = {passage.place: passage.text for passage in found.passages}
    assert places["deleted text"] == "old@example.com"
    assert "t@example.com" in places[""]


def test_groups_of_rows_stay_whole() -> None:
    """They may begin before the first row and end behind it."""
    row = "<table:table-row><table:table-cell/></table:table-row>"
    group = "<table:table-row-group>"
    end = "</table:table-row-group>"
    octets = f"<table:table >{group}{row}{group}{row}{end}{end}{row}</table:table>".encode()
    assert without_rows(octets).decode() == f"<table:table >{group}{group}{end}{end}</table:table>"


@given(st.binary(max_size=200))
def test_any_octets(octets: bytes) -> None:
    for before in (b"<table:table-cell ", b"<table:table ><table:table-row>", b""):
        shows_more(before + octets)
        without_rows(before + octets)
