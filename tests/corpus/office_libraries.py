"""Documents and presentations by python-docx, python-pptx and odfpy."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.corpus.people import Person
from tests.corpus.planted import Case, Plant


def _table(table: Any, people: list[Person]) -> None:
    """Fill the table of python-docx or python-pptx."""
    for row, person in enumerate(people):
        for column, cell in enumerate(person.cells):
            table.cell(row, column).text = cell


def _workbook(people: list[Person]) -> io.BytesIO:
    """A workbook to embed."""
    from openpyxl import Workbook

    book = Workbook()
    for person in people:
        book.active.append(person.cells)
    target = io.BytesIO()
    book.save(target)
    target.seek(0)
    return target


def docx(path: Path, plant: Plant) -> None:
    """Every hiding place that python-docx can make."""
    from docx import Document
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    document = Document()
    for person in plant.rows("text", 6):
        document.add_paragraph(person.line)
    people = plant.rows("table", 10)
    _table(document.add_table(len(people), 4), people)
    nested = plant.rows("nested table", 2)
    outer = document.add_table(1, 1)
    _table(outer.cell(0, 0).add_table(len(nested), 4), nested)
    section = document.sections[0]
    section.header.paragraphs[0].text = plant.line("header/footer", place="header")
    section.footer.paragraphs[0].text = plant.line("header/footer", place="footer")
    section.first_page_footer.paragraphs[0].text = plant.line("header/footer", place="footer")
    hidden = document.add_paragraph().add_run(plant.line("hidden text"))
    hidden.font.hidden = True
    split = plant.rows("split runs", 2)
    for person in split:
        paragraph = document.add_paragraph()
        for letter in person.line:  # as editors leave a line behind that was changed often
            paragraph.add_run(letter).bold = letter.isdigit()
    run = document.add_paragraph("remark").runs[0]
    document.add_comment(run, text=plant.line("comment", place="comment"), author="a", initials="a")
    body = document.element.body
    for tag, text, kind in (
        ("del", "delText", "deleted text"),
        ("ins", "t", "tracked change"),
    ):
        body.insert(0, parse_xml(
            f'<w:p {nsdecls("w")}><w:{tag} w:id="7" w:author="a"><w:r><w:{text}>'
            f"{plant.line(kind)}</w:{text}></w:r></w:{tag}></w:p>"
        ))  # fmt: skip
    document.core_properties.comments = plant.line("document property", place="properties")
    document.save(str(path))


def pptx(path: Path, plant: Plant) -> None:
    """Every hiding place that python-pptx can make."""
    from pptx import Presentation
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE
    from pptx.util import Inches

    deck = Presentation()
    blank = deck.slide_layouts[6]
    first, second, third = (deck.slides.add_slide(blank) for _ in range(3))
    frame = first.shapes.add_textbox(0, 0, Inches(8), Inches(4)).text_frame
    frame.text = "\n".join(person.line for person in plant.rows("text", 6, place="slide 1"))
    people = plant.rows("table", 8, place="slide 2")
    _table(second.shapes.add_table(8, 4, 0, 0, Inches(8), Inches(4)).table, people)
    away = second.shapes.add_textbox(Inches(-30), Inches(-30), Inches(4), Inches(1))
    away.text_frame.text = plant.line("beyond the page edge", place="slide 2")
    group = second.shapes.add_group_shape()
    group.shapes.add_textbox(0, 0, Inches(1), Inches(1)).text_frame.text = plant.line(
        "group", place="slide 2"
    )
    first.notes_slide.notes_text_frame.text = plant.line("notes", place="notes")
    third._element.set("show", "0")
    third.shapes.add_textbox(0, 0, Inches(8), Inches(1)).text_frame.text = plant.line(
        "hidden slide", place="slide 3"
    )
    data = CategoryChartData()
    data.categories = [person.line for person in plant.rows("chart cache", 3, place="chart")]
    data.add_series("s", (1, 2, 3))
    third.shapes.add_chart(XL_CHART_TYPE.PIE, 0, 0, Inches(3), Inches(3), data)
    third.shapes.add_ole_object(
        _workbook(plant.rows("embedded object", 6, place="sheet “Sheet”", first_row=1)), "Excel.Sheet.12",
        0, 0, Inches(2), Inches(2),
    )  # fmt: skip
    third.shapes.add_textbox(0, 0, Inches(1), Inches(1)).name = plant.line("name of a shape")
    deck.core_properties.subject = plant.line("document property", place="properties")
    deck.save(str(path))


def odfpy_ods(path: Path, plant: Plant) -> None:
    """A sheet, a hidden one and a note."""
    from odf.office import Annotation
    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.style import Style, TableProperties
    from odf.table import Table, TableCell, TableRow
    from odf.text import P

    book = OpenDocumentSpreadsheet()
    unseen = Style(name="unseen", family="table")
    unseen.addElement(TableProperties(display="false"))
    book.automaticstyles.addElement(unseen)
    for title, style, kind, place in (
        ("一覧", None, "cells", "sheet “一覧”"),
        ("控え", unseen, "hidden sheet", "hidden sheet “控え”"),
    ):
        table = Table(name=title, stylename=style) if style else Table(name=title)
        for person in plant.rows(kind, 8, place=place, first_row=1):
            row = TableRow()
            for text in person.cells:
                cell = TableCell(valuetype="string")
                cell.addElement(P(text=text))
                row.addElement(cell)
            table.addElement(row)
        book.spreadsheet.addElement(table)
    noted = TableCell(valuetype="string")
    note = Annotation()
    note.addElement(P(text=plant.line("comment")))
    noted.addElement(note)
    noted.addElement(P(text="remark"))
    row = TableRow()
    row.addElement(noted)
    table.addElement(row)
    book.save(str(path))


def odfpy_odt(path: Path, plant: Plant) -> None:
    """Paragraphs and a user-defined property."""
    from odf.meta import UserDefined
    from odf.opendocument import OpenDocumentText
    from odf.text import P, Span

    document = OpenDocumentText()
    for person in plant.rows("text", 12):
        paragraph = P(text=person.name)
        paragraph.addElement(Span(text=f" {person.email} "))
        paragraph.addElement(Span(text=person.phone))
        document.text.addElement(paragraph)
    document.meta.addElement(
        UserDefined(name="Note", text=plant.line("document property", place="properties"))
    )
    document.save(str(path))


def cases() -> Iterator[Case]:
    """What this module makes."""
    yield Case(
        file="python-docx/everything.docx", format="docx", producer="python-docx", build=docx
    )
    yield Case(
        file="python-pptx/everything.pptx", format="pptx", producer="python-pptx", build=pptx
    )
    yield Case(file="odfpy/sheets.ods", format="ods", producer="odfpy", build=odfpy_ods)
    yield Case(file="odfpy/text.odt", format="odt", producer="odfpy", build=odfpy_odt)
