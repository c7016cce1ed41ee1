"""Cells are read as they show where their number format says more than the number."""

import io
import struct

import openpyxl
import pytest
from compounds import compound
from containers import packed
from hypothesis import given
from hypothesis import strategies as st

from guard.extract import biff12
from guard.extract.budget import Budget
from guard.extract.cellstyles import formats_of, placed
from guard.extract.numberformats import NumberFormat
from guard.extract.read import read
from guard.model.extract import ReadState

PHONE = 9012345678.0


@pytest.mark.parametrize(
    ("code", "value", "seen"),
    [
        ("00000000000", PHONE, "09012345678"),
        ("000-0000-0000", PHONE, "090-1234-5678"),
        (r"000\-0000\-0000", PHONE, "090-1234-5678"),
        (r"[<=99999999]####-####;\(00\)\ ####-####", 312345678.0, "(03) 1234-5678"),
        (r"[<=99999999]####-####;\(00\)\ ####-####", 12345678.0, "1234-5678"),
        ("[<=999]000;[<=9999]000-00;000-0000", 50001.0, "005-0001"),
        ("[<=999]000;[<=9999]000-00;000-0000", 12.0, "012"),
        ('"TEL "0', PHONE, "TEL 9012345678"),
        ('0"様"', 5.0, "5様"),
        ('"C-"00000;-0', 12.0, "C-00012"),
        ('"0"General', PHONE, "09012345678"),
        ('"0"@', "9012345678", "09012345678"),
        ("+00 00 0000 0000", 819012345678.0, "+81 90 1234 5678"),
        ("0000", -7.0, "-0007"),
        ("0000", 12345.0, "12345"),
        (r"0_ ;_ * #-#;00000", 0.0, "00000"),
    ],
)
def test_what_is_shown(code: str, value: object, seen: str) -> None:
    """Zeros in front, literals, and conditions; as Excel shows it."""
    format_ = NumberFormat.of(code)
    assert format_ is not None
    assert format_.show(value) == seen


@pytest.mark.parametrize(
    "code",
    [
        "General", "0", "0.00", "#,##0", "#,##0.00", "0%", "0.00E+00", "# ?/?", "@", "¥#,##0",
        '#,##0"円"', r'"¥"#,##0_);[Red]\("¥"#,##0\)', "_ * #,##0_ ;_ * -#,##0_ ;_ @_ ",
        "yyyy-mm-dd", 'yyyy"年"m"月"d"日"', "[h]:mm", "[$-411]ge.m.d;@", "h:mm AM/PM", '0.0"kg"',
    ],
)  # fmt: skip
def test_formats_that_only_look_good(code: str) -> None:
    """Of amounts, shares and dates nothing is made."""
    assert NumberFormat.of(code) is None


@given(
    st.text(alphabet='0#?.,;"\\[]<=>$@%E+-_*/ yGeneral様9', max_size=30),
    st.one_of(st.floats(), st.text(max_size=5), st.none(), st.booleans()),
)
def test_any_format(code: str, value: object) -> None:
    """None is too odd, nor is any value."""
    if format_ := NumberFormat.of(code):
        format_.show(value)


def workbook() -> bytes:
    """Numbers that show as telephone numbers and the like, from column B on."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.cell(2, 2, "山田")
    sheet.cell(2, 3, 9012345678).number_format = "000-0000-0000"
    sheet.cell(2, 4, 9011112222).number_format = '"TEL "0'
    sheet.cell(2, 5, 40000).number_format = "yyyy/m/d"
    sheet.cell(4, 2, 9012345679).number_format = "00000000000"
    sheet.cell(4, 3, 1200).number_format = "#,##0"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


@pytest.mark.parametrize(("plain", "date"), [(False, "2009-07-06"), (True, "40000")])
def test_a_workbook(plain: bool, date: str) -> None:
    """What is seen stands in the cell, and what it hides at the end of the row."""
    found = read("a.xlsx", workbook(), budget=Budget(), plain=plain)
    sheet = next(passage for passage in found.passages if passage.place == "sheet “Sheet”")
    assert sheet.first_row == 2
    assert sheet.text.split("\n") == [
        f"山田\t090-1234-5678\tTEL 9011112222\t{date}\t9012345678",
        "",
        "09012345679\t1200\t9012345679",
    ]
    assert found.state is ReadState.READ


STYLES = (
    b'<styleSheet><numFmts><numFmt numFmtId="170" formatCode="0000"/></numFmts>'
    b'<cellStyleXfs><xf numFmtId="0"/></cellStyleXfs>'
    b'<cellXfs><xf numFmtId="0"/><xf numFmtId="170"/></cellXfs></styleSheet>'
)


@pytest.mark.parametrize(
    "cells",
    [
        '<row r="3"><c r="B3" s="1"><v>7</v></c></row>',
        "<row r='3'><c s='1' r='B3'><v>7</v></c></row>",
        '<row/><row/><row><c/><c s="1"><v>7</v></c></row>',
        '<row r="3"><c r="&#66;3" s="1"/></row>',
        '<row r="3"><c r="B3" x=">" s="01"/></row>',
    ],
)
def test_cells_with_a_format(cells: str) -> None:
    """However a program writes where they are and which style they have."""
    sheet = f"<worksheet><sheetData>{cells}</sheetData></worksheet>".encode()
    found = placed(sheet, formats_of(STYLES))
    assert {row: list(columns) for row, columns in found.items()} == {2: [1]}


def test_a_format_for_all_cells() -> None:
    """Cells without a style have the first one."""
    styles = STYLES.replace(b'<cellXfs><xf numFmtId="0"/>', b"<cellXfs>")
    sheet = b'<worksheet><sheetData><row r="1"><c r="A1"><v>7</v></c></row></sheetData></worksheet>'
    assert list(placed(sheet, formats_of(styles))) == [0]


def record(kind: int, payload: bytes) -> bytes:
    return struct.pack("<HH", kind, len(payload)) + payload


def old_workbook() -> bytes:
    """The same in records of Excel 97 to 2003."""
    code = "000-0000-0000"
    formats = record(0x041E, struct.pack("<HHB", 170, len(code), 0) + code.encode("ascii"))
    formats += record(0xE0, struct.pack("<HH16x", 0, 0)) + record(
        0xE0, struct.pack("<HH16x", 0, 170)
    )
    bof = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 6))
    name = b"\5\0Sheet"
    head_bytes = len(bof) + len(formats) + 4 + 6 + len(name) + 4
    bound = record(0x85, struct.pack("<IH", head_bytes, 0) + name)
    sheet = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 6))
    sheet += record(0x0200, struct.pack("<IIHHH", 1, 3, 1, 5, 0))
    sheet += record(0x0203, struct.pack("<HHHd", 1, 1, 1, PHONE))
    sheet += record(0xBD, struct.pack("<HHHIHIH", 2, 2, 0, 7 << 2 | 2, 1, 90 << 2 | 2, 3))
    stream = bof + formats + bound + record(0x0A, b"") + sheet + record(10, b"")
    return compound({"Workbook": stream.ljust(8192, b"\0")})  # less would be a small stream


@pytest.mark.parametrize("plain", [False, True])
def test_an_old_workbook(plain: bool) -> None:
    found = read("a.xls", old_workbook(), budget=Budget(), plain=plain)
    lines = [
        line for p in found.passages for line in p.text.split("\n") if p.place.startswith("sh")
    ]
    assert lines[0].strip("\t") == "090-1234-5678\t9012345678"
    assert lines[1].strip("\t").split("\t") == ["7", "000-0000-0090", "90"]


def record12(kind: int, payload: bytes) -> bytes:
    head = bytes([kind & 0x7F | 0x80, kind >> 7]) if kind > 0x7F else bytes([kind])
    return head + bytes([len(payload)]) + payload


def text12(characters: str) -> bytes:
    return struct.pack("<I", len(characters)) + characters.encode("utf-16-le")


STYLES_BIN = (
    record12(615, struct.pack("<I", 1))
    + record12(44, struct.pack("<H", 170) + text12("00000000000"))
    + record12(616, b"")
    + record12(626, struct.pack("<I", 1))
    + record12(47, struct.pack("<HH12x", 0xFFFF, 170))
    + record12(627, b"")
    + record12(617, struct.pack("<I", 2))
    + record12(47, struct.pack("<HH12x", 0, 0))
    + record12(47, struct.pack("<HH12x", 0, 170))
    + record12(618, b"")
)
SHEET_BIN = (
    record12(129, b"")
    + record12(148, struct.pack("<IIII", 2, 2, 1, 2))
    + record12(145, b"")
    + record12(0, struct.pack("<I", 2) + bytes(13))
    + record12(5, struct.pack("<II", 1, 1) + struct.pack("<d", PHONE))
    + record12(5, struct.pack("<II", 2, 0) + struct.pack("<d", 7.0))
    + record12(146, b"")
    + record12(130, b"")
)


def test_records_of_a_binary_workbook() -> None:
    formats = biff12.formats_of(STYLES_BIN)
    assert list(formats) == [1]
    assert {row: list(cells) for row, cells in biff12.placed(SHEET_BIN, formats).items()} == {
        2: [1]
    }
    assert list(biff12.rows(SHEET_BIN, [], formats)) == [(3, "\t09012345678\t7\t9012345678")]


@pytest.mark.parametrize("plain", [False, True])
def test_a_binary_workbook(plain: bool) -> None:
    types = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    octets = packed(
        {
            "[Content_Types].xml": "<Types/>",
            "_rels/.rels": "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/"
            f"relationships'><Relationship Id='r1' Type='{types}/officeDocument' "
            "Target='xl/workbook.bin'/></Relationships>",
            "xl/workbook.bin": record12(131, b"")
            + record12(143, b"")
            + record12(156, struct.pack("<II", 0, 1) + text12("r1") + text12("Sheet"))
            + record12(144, b"")
            + record12(132, b""),
            "xl/_rels/workbook.bin.rels": "<Relationships xmlns='http://schemas.openxmlformats.org"
            f"/package/2006/relationships'><Relationship Id='r1' Type='{types}/worksheet' "
            "Target='worksheets/sheet1.bin'/></Relationships>",
            "xl/worksheets/sheet1.bin": SHEET_BIN,
            "xl/styles.bin": STYLES_BIN,
        }
    )
    found = read("a.xlsb", octets, budget=Budget(), plain=plain)
    cells = next(p.text for p in found.passages if p.place == "sheet “Sheet”")
    assert cells.strip("\t") == "09012345678\t7\t9012345678"
