"""
Makes one document with LibreOffice's own interface (UNO).

Run by the Python that `uno` belongs to, with a job as JSON on standard input and the port of a
listening LibreOffice as argument; imports nothing of the corpus for that reason. Lines of text come
with the job, by hiding place.
"""

import contextlib
import html
import json
import sys
from typing import Any

import uno
from com.sun.star.awt import Point, Size
from com.sun.star.beans import PropertyValue
from com.sun.star.sheet.DataPilotFieldOrientation import DATA, ROW
from com.sun.star.table import CellRangeAddress
from com.sun.star.text.ControlCharacter import PARAGRAPH_BREAK
from com.sun.star.util import NumberFormat

HERE = "workbook-stands-here"
"""Where a workbook goes, once the document is a file: alive it cannot be reached without a window."""


def value(name: str, content: Any) -> PropertyValue:
    """A named argument."""
    return PropertyValue(Name=name, Value=content)


def place(shape: Any, x: int, y: int) -> Any:
    """Give a shape a place and a size, in 1/100 mm."""
    shape.Position = Point(x, y)
    shape.Size = Size(15000, 1500)
    return shape


def fill(sheet: Any, rows: list[list[Any]], *, top: int = 0, left: int = 0) -> None:
    """Write strings and numbers into cells."""
    for down, row in enumerate(rows):
        for across, content in enumerate(row):
            cell = sheet.getCellByPosition(left + across, top + down)
            if isinstance(content, int):
                cell.Value = float(content)  # many do not fit into a 32-bit integer
            else:
                cell.String = content


def calc(document: Any, job: dict[str, Any]) -> None:
    """A workbook with every hiding place that Calc has."""
    sheets = document.Sheets
    for name in ("Second", "控え", "数値", "Data", "Aside"):
        sheets.insertNewByName(name, sheets.Count)
    shown = sheets.getByIndex(0)
    shown.Name = "一覧"
    fill(shown, job["cells"])
    fill(sheets.getByName("Second"), job["second sheet"], top=3)
    fill(sheets.getByName("控え"), job["hidden sheet"])
    numbers = sheets.getByName("数値")
    fill(numbers, [[name, email, number] for name, email, number, _ in job["numbers and dates"]])
    for down, (_, _, _, born) in enumerate(job["numbers and dates"]):
        cell = numbers.getCellByPosition(3, down)
        cell.setFormula(born)  # Calc takes it for a date
        cell.NumberFormat = document.NumberFormats.getStandardFormat(
            NumberFormat.DATE, cell.CharLocale
        )
    aside = sheets.getByName("Aside")
    fill(aside, job["hidden row"], top=4)
    for row in range(4, 4 + len(job["hidden row"])):
        aside.Rows.getByIndex(row).IsVisible = False
    fill(aside, [[line] for line in job["hidden column"]], top=10, left=10)
    aside.Columns.getByIndex(10).IsVisible = False
    aside.getCellRangeByName("F1:H3").merge(True)
    aside.getCellRangeByName("F1").String = job["merged cells"]
    aside.Annotations.insertNew(aside.getCellRangeByName("A1").CellAddress, job["comment"])
    box = place(document.createInstance("com.sun.star.drawing.TextShape"), 2000, 9000)
    aside.DrawPage.add(box)
    box.String = job["text box"]
    page = document.StyleFamilies.getByName("PageStyles").getByIndex(0)
    page.HeaderIsOn = True
    header = page.RightPageHeaderContent
    header.CenterText.String = job["header/footer"]
    page.RightPageHeaderContent = header
    pivot(document, job)
    chart(sheets.getByName("Data"), aside, job)
    sheets.getByName("控え").IsVisible = False
    document.DocumentProperties.Subject = job["document property"]


def with_workbook(document: Any, job: dict[str, Any]) -> str:
    """Store a flat file with the workbook in it, close the document, and give the file's path."""
    path = job["scratch"] + "/workbook.fodt"
    document.storeToURL(
        uno.systemPathToFileUrl(path), (value("FilterName", "OpenDocument Text Flat XML"),)
    )
    document.close(True)
    with open(path, encoding="utf-8") as file:
        content = file.read()
    rows = "".join(
        "<table:table-row>"
        + "".join(
            '<table:table-cell office:value-type="string">'
            f"<text:p>{html.escape(cell)}</text:p></table:table-cell>"
            for cell in row
        )
        + "</table:table-row>"
        for row in job["rows"]["embedded object"]
    )
    workbook = (
        '<draw:frame draw:name="o" text:anchor-type="as-char" svg:width="9cm" svg:height="3cm">'
        '<draw:object><office:document office:version="1.2" '
        'office:mimetype="application/vnd.oasis.opendocument.spreadsheet"><office:body>'
        f'<office:spreadsheet><table:table table:name="Inner">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document></draw:object></draw:frame>"
    )
    with open(path, "w", encoding="utf-8") as file:
        file.write(content.replace(HERE, workbook))
    return path


def pivot(document: Any, job: dict[str, Any]) -> None:
    """A pivot table that remembers names which nobody sees in its sheet of data any more."""
    data = document.Sheets.getByName("Data")
    rows = [["who", "count"], *([line, number] for number, line in enumerate(job["pivot cache"]))]
    fill(data, rows, top=20)
    aside = document.Sheets.getByName("Aside")
    tables = aside.DataPilotTables
    descriptor = tables.createDataPilotDescriptor()
    descriptor.setSourceRange(
        CellRangeAddress(
            Sheet=4, StartColumn=0, StartRow=20, EndColumn=1, EndRow=20 + len(rows) - 1
        )
    )
    descriptor.DataPilotFields.getByIndex(0).Orientation = ROW
    descriptor.DataPilotFields.getByIndex(1).Orientation = DATA
    tables.insertNewByName("pivot", aside.getCellRangeByName("A30").CellAddress, descriptor)
    aside.getCellRangeByName("A28:C50").clearContents(1 | 2 | 4)


def chart(data: Any, target: Any, job: dict[str, Any]) -> None:
    """A chart whose cells are overwritten later; its title stays."""
    fill(data, [[line, number] for number, line in enumerate(job["chart data"])])
    area = data.getCellRangeByName(f"A1:B{len(job['chart data'])}").RangeAddress
    rectangle = uno.createUnoStruct("com.sun.star.awt.Rectangle", 1000, 20000, 9000, 6000)
    target.Charts.addNewByName("chart", rectangle, (area,), False, True)
    inner = target.Charts.getByName("chart").EmbeddedObject
    inner.HasMainTitle = True
    inner.Title.String = job["chart title"]


def writer(document: Any, job: dict[str, Any]) -> None:
    """A text document with every hiding place that Writer has."""
    text = document.Text
    cursor = text.createTextCursor()

    def paragraph(line: str) -> None:
        text.insertString(cursor, line, False)
        text.insertControlCharacter(cursor, PARAGRAPH_BREAK, False)

    for line in job["text"]:
        paragraph(line)
    table = document.createInstance("com.sun.star.text.TextTable")
    table.initialize(len(job["table"]), 4)
    text.insertTextContent(cursor, table, False)
    table.setDataArray(tuple(map(tuple, job["table"])))
    cursor.gotoEnd(False)
    for kind, service in (
        ("footnote", "com.sun.star.text.Footnote"),
        ("endnote", "com.sun.star.text.Endnote"),
    ):
        note = document.createInstance(service)
        text.insertTextContent(cursor, note, False)
        note.Text.String = job[kind]
    paragraph(HERE)
    frame = document.createInstance("com.sun.star.text.TextFrame")
    frame.setSize(Size(15000, 1500))
    text.insertTextContent(cursor, frame, False)
    frame.Text.insertString(frame.Text.createTextCursor(), job["text box"], False)
    cursor.CharHidden = True
    paragraph(job["hidden text"])
    cursor.CharHidden = False
    page = document.StyleFamilies.getByName("PageStyles").getByName("Standard")
    page.HeaderIsOn = page.FooterIsOn = True
    page.HeaderText.String = job["header"]
    page.FooterText.String = job["footer"]
    paragraph("")
    paragraph(job["deleted text"])
    document.DocumentProperties.Description = job["document property"]
    document.RecordChanges = True
    search = document.createSearchDescriptor()
    search.SearchString = job["deleted text"]
    document.findFirst(search).String = ""
    text.insertString(text.End, job["tracked change"], False)


def impress(document: Any, job: dict[str, Any]) -> None:
    """A presentation with every hiding place that Impress has."""
    pages = document.DrawPages
    for _ in range(2):
        pages.insertNewByIndex(pages.Count)
    for number in range(3):
        slide = pages.getByIndex(number)
        for shape in [slide.getByIndex(at) for at in range(slide.Count)]:
            slide.remove(shape)

    def box(slide: Any, line: str, x: int, y: int) -> None:
        shape = place(document.createInstance("com.sun.star.drawing.TextShape"), x, y)
        slide.add(shape)
        shape.String = line

    first, second, third = (pages.getByIndex(number) for number in range(3))
    for down, line in enumerate(job["text"]):
        box(first, line, 1000, 1000 + 1500 * down)
    box(second, job["beyond the page edge"], 60000, 60000)
    table = document.createInstance("com.sun.star.drawing.TableShape")
    second.add(place(table, 1000, 1000))
    model = table.Model
    model.Rows.insertByIndex(0, len(job["table"]) - 1)
    model.Columns.insertByIndex(0, 3)
    for down, row in enumerate(job["table"]):
        for across, content in enumerate(row):
            model.getCellByPosition(across, down).String = content
    third.Visible = False
    box(third, job["hidden slide"], 1000, 1000)
    notes = place(document.createInstance("com.sun.star.presentation.NotesShape"), 1000, 9000)
    first.NotesPage.add(notes)
    notes.String = job["notes"]
    remark = second.createAndInsertAnnotation()
    remark.Author = "author"
    remark.TextRange.String = job["comment"]
    document.DocumentProperties.Description = job["document property"]


def web(document: Any, job: dict[str, Any]) -> None:
    """Plain paragraphs and a table, for filters that keep no more."""
    text = document.Text
    cursor = text.createTextCursor()
    for line in job["text"]:
        text.insertString(cursor, line, False)
        text.insertControlCharacter(cursor, PARAGRAPH_BREAK, False)


MAKERS = {
    "calc": (calc, "scalc"),
    "writer": (writer, "swriter"),
    "impress": (impress, "simpress"),
    "web": (web, "swriter"),
}


def main() -> None:
    """Make, save, close."""
    job = json.load(sys.stdin)
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext(
        "com.sun.star.bridge.UnoUrlResolver", local
    )
    context = resolver.resolve(
        f"uno:socket,host=127.0.0.1,port={sys.argv[1]};urp;StarOffice.ComponentContext"
    )
    desktop = context.ServiceManager.createInstanceWithContext(
        "com.sun.star.frame.Desktop", context
    )
    maker, factory = MAKERS[job["make"]]

    def opened(url: str) -> Any:
        return desktop.loadComponentFromURL(url, "_blank", 0, (value("Hidden", True),))

    document = opened(f"private:factory/{factory}")
    try:
        maker(document, job["rows"])
        if job["make"] == "writer":
            document = opened(uno.systemPathToFileUrl(with_workbook(document, job)))
        arguments = [value("FilterName", job["filter"])]
        if job["options"]:
            arguments.append(value("FilterOptions", job["options"]))
        if job["password"]:
            arguments.append(value("Password", job["password"]))
        if job["data"]:
            data = tuple(value(name, content) for name, content in job["data"].items())
            arguments.append(
                value("FilterData", uno.Any("[]com.sun.star.beans.PropertyValue", data))
            )
        document.storeToURL(uno.systemPathToFileUrl(job["path"]), tuple(arguments))
    finally:
        with contextlib.suppress(Exception):  # it is stored; some releases end here
            document.close(True)


if __name__ == "__main__":
    main()
