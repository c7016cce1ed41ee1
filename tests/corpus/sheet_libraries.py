"""Workbooks by XlsxWriter, openpyxl and xlwt, and encrypted ones by msoffcrypto-tool."""

import datetime as dt
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.corpus.people import Person
from tests.corpus.planted import Case, Plant

HEAD = ("氏名", "カナ", "メール", "電話")


def _as_number(person: Person) -> tuple[str, ...]:
    return person.name, person.email, str(person.number), person.born


def _grid(sheet: Any, people: list[Person], *, row: int = 1) -> None:
    """Write rows with XlsxWriter or xlwt, which count from 0."""
    for column, word in enumerate(HEAD):
        sheet.write(row - 1, column, word)
    for down, person in enumerate(people):
        for column, cell in enumerate(person.cells):
            sheet.write(row + down, column, cell)


def xlsxwriter_everything(path: Path, plant: Plant) -> None:
    """Every hiding place that XlsxWriter can make."""
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path))
    shown = book.add_worksheet("一覧")
    _grid(shown, plant.rows("cells", 10, place="sheet “一覧”", first_row=2))
    _grid(
        book.add_worksheet("Second"),
        plant.rows("second sheet", 10, place="sheet “Second”", first_row=5),
        row=4,
    )
    hidden = book.add_worksheet("控え")
    _grid(hidden, plant.rows("hidden sheet", 10, place="hidden sheet “控え”", first_row=2))
    hidden.hide()
    very = book.add_worksheet("深い")
    _grid(very, plant.rows("very hidden sheet", 4, place="hidden sheet “深い”", first_row=2))
    very.very_hidden()
    aside = book.add_worksheet("Aside")
    _grid(aside, plant.rows("hidden row", 2, place="sheet “Aside”", first_row=2))
    aside.set_row(1, None, None, {"hidden": True})
    aside.set_row(2, None, None, {"hidden": True})
    for down, person in enumerate(
        plant.rows("hidden column", 2, place="sheet “Aside”", first_row=11)
    ):
        aside.write(10 + down, 20, person.line)
    aside.set_column(20, 20, None, None, {"hidden": True})
    aside.write_comment("A1", plant.line("comment", place="comment"), {"author": "x"})
    aside.set_header("&C" + plant.line("header/footer", place="header").replace("&", "&&"))
    aside.set_footer("&L" + plant.line("header/footer", place="header").replace("&", "&&"))
    aside.insert_textbox(3, 3, plant.line("text box", place="drawing"))
    aside.data_validation(
        "F1",
        {
            "validate": "any",
            "input_title": "t",
            "input_message": plant.line("prompt", place="prompt"),
        },
    )
    aside.merge_range("H1:J3", plant.line("merged cells", place="sheet “Aside”"))
    aside.write_formula("K1", '="a"', None, plant.line("formula value", place="sheet “Aside”"))
    bold = book.add_format({"bold": True})
    person = plant.rows("rich text", 1, place="sheet “Aside”")[0]
    aside.write_rich_string(
        "K2", bold, person.name[:2], person.name[2:] + " ", bold, person.email + " ", person.phone
    )
    aside.write_url(
        "K3",
        f"mailto:{plant.rows('link', 1, strings=lambda p: (p.email,))[0].email}",
        string="mail",
    )
    numbers = book.add_worksheet("数値")
    days = book.add_format({"num_format": "yyyy/mm/dd"})
    people = plant.rows(
        "numbers and dates", 10, place="sheet “数値”", first_row=1, strings=_as_number
    )
    for down, each in enumerate(people):
        numbers.write(down, 0, each.name)
        numbers.write(down, 1, each.email)
        numbers.write_number(down, 2, each.number)
        numbers.write_datetime(down, 3, dt.datetime.fromisoformat(each.born), days)
    chart = book.add_chart({"type": "column"})
    cached = plant.line("chart cache", place="chart")
    chart.add_series(
        {
            "name": plant.line("chart cache", place="chart"),
            "categories": "='[Elsewhere.xlsx]S'!$A$1:$A$2",
            "values": "='[Elsewhere.xlsx]S'!$B$1:$B$2",
            "categories_data": [cached, "b"],
            "values_data": [1, 2],
        }
    )
    chart.set_title({"name": plant.line("chart title", place="chart")})
    shown.insert_chart("H2", chart)
    book.set_properties(
        {"title": "t", "comments": plant.line("document property", place="properties")}
    )
    book.set_custom_property("Note", plant.line("document property", place="properties"))
    book.define_name("Secret", f'="{plant.line("defined name")}"')
    book.close()


def xlsxwriter_streamed(path: Path, plant: Plant) -> None:
    """Strings in the cells themselves, not in a table of strings."""
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    _grid(book.add_worksheet("S"), plant.rows("cells", 20, place="sheet “S”", first_row=2))
    book.close()


def openpyxl_everything(path: Path, plant: Plant) -> None:
    """Every hiding place that openpyxl can make."""
    from openpyxl import Workbook
    from openpyxl.comments import Comment

    book = Workbook()
    shown = book.active
    shown.title = "名簿"
    shown.append(HEAD)
    for person in plant.rows("cells", 10, place="sheet “名簿”", first_row=2):
        shown.append(person.cells)
    for title, state, kind in (
        ("Hidden2", "hidden", "hidden sheet"),
        ("Very", "veryHidden", "very hidden sheet"),
    ):
        sheet = book.create_sheet(title)
        sheet.sheet_state = state
        for person in plant.rows(kind, 6, place=f"hidden sheet “{title}”", first_row=1):
            sheet.append(person.cells)
    aside = book.create_sheet("Aside")
    for person in plant.rows(
        "numbers and dates", 8, place="sheet “Aside”", first_row=1, strings=_as_number
    ):
        aside.append([person.name, person.email, person.number, dt.date.fromisoformat(person.born)])
    for person in plant.rows("hidden row", 2, place="sheet “Aside”", first_row=9):
        aside.append(person.cells)
    aside.row_dimensions[9].hidden = aside.row_dimensions[10].hidden = True
    aside["A1"].comment = Comment(plant.line("comment", place="comment"), "author")
    aside.oddHeader.center.text = plant.line("header/footer", place="header")
    aside.merge_cells("H1:J4")
    aside["H1"] = plant.line("merged cells", place="sheet “Aside”")
    book.properties.description = plant.line("document property", place="properties")
    book.properties.keywords = plant.line("document property", place="properties")
    book.save(path)


def xlwt_everything(path: Path, plant: Plant) -> None:
    """A BIFF 8 workbook as old scripts write it."""
    import xlwt

    book = xlwt.Workbook(encoding="cp932")
    _grid(book.add_sheet("一覧"), plant.rows("cells", 10, place="sheet “一覧”", first_row=2))
    hidden = book.add_sheet("控え")
    _grid(hidden, plant.rows("hidden sheet", 8, place="hidden sheet “控え”", first_row=2))
    hidden.visibility = 1
    very = book.add_sheet("深い")
    _grid(very, plant.rows("very hidden sheet", 4, place="hidden sheet “深い”", first_row=2))
    very.visibility = 2
    aside = book.add_sheet("Aside")
    days = xlwt.easyxf(num_format_str="yyyy/mm/dd")
    for down, person in enumerate(
        plant.rows("numbers and dates", 8, place="sheet “Aside”", first_row=1, strings=_as_number)
    ):
        aside.write(down, 0, person.name)
        aside.write(down, 1, person.email)
        aside.write(down, 2, person.number)
        aside.write(down, 3, dt.date.fromisoformat(person.born), days)
    aside.write_merge(0, 2, 6, 8, plant.line("merged cells", place="sheet “Aside”"))
    aside.row(9).hidden = True
    aside.write(9, 0, plant.line("hidden row", place="sheet “Aside”"))
    (narrow,) = plant.rows("header/footer", 1, strings=lambda each: (each.email, each.phone))
    aside.header_str = f"{narrow.email} {narrow.phone}".encode("ascii", "ignore")  # all it takes
    book.save(str(path))


def encrypted(path: Path, plant: Plant, *, password: str) -> None:
    """A workbook by openpyxl, encrypted as Excel does ([MS-OFFCRYPTO] agile)."""
    import msoffcrypto
    from openpyxl import Workbook

    book = Workbook()
    for person in plant.rows("encrypted", 10):
        book.active.append(person.cells)
    plain = io.BytesIO()
    book.save(plain)
    plain.seek(0)
    with path.open("wb") as target:
        msoffcrypto.OfficeFile(plain).encrypt(password, target)


def cases() -> Iterator[Case]:
    """What this module makes."""
    # Numbers and dates are no strings in the octets, so the proof of `evidence` would fail them.
    told = {"proof": False}
    yield Case(
        file="xlsxwriter/everything.xlsx",
        format="xlsx",
        producer="XlsxWriter",
        build=xlsxwriter_everything,
        **told,
    )
    yield Case(
        file="xlsxwriter/streamed.xlsx",
        format="xlsx",
        producer="XlsxWriter",
        build=xlsxwriter_streamed,
    )
    yield Case(
        file="openpyxl/everything.xlsx",
        format="xlsx",
        producer="openpyxl",
        build=openpyxl_everything,
        **told,
    )
    yield Case(
        file="xlwt/everything.xls", format="xls", producer="xlwt", build=xlwt_everything, **told
    )
    yield Case(
        file="msoffcrypto/password.xlsx", format="xlsx", producer="msoffcrypto-tool", twin=False, proof=False,
        build=lambda path, plant: encrypted(path, plant, password="十分に長い"),
        state="unreadable", reasons=("encrypted",),
    )  # fmt: skip
    yield Case(
        file="msoffcrypto/velvet.xlsx", format="xlsx", producer="msoffcrypto-tool", twin=False, proof=False,
        build=lambda path, plant: encrypted(path, plant, password="VelvetSweatshop"),
        note="opens without asking: the password that Excel tries by itself ([MS-OFFCRYPTO] §2.4.2.3)",
    )  # fmt: skip
