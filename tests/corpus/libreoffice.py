"""Documents by LibreOffice, scripted over UNO, in every format that it writes."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from tests.corpus.people import Person
from tests.corpus.planted import HERE, Case, Plant

_UNO_PYTHON: Final = "/usr/bin/python3"
"""Debian's own, which `python3-uno` belongs to."""

_START_S: Final = 60.0
_office: "Office | None" = None


class Office:
    """A LibreOffice that listens, with a profile of its own."""

    def __init__(self) -> None:
        self.profile = tempfile.mkdtemp(prefix="corpus-office-")
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.process = subprocess.Popen([
            "soffice", "--headless", "--norestore", f"-env:UserInstallation=file://{self.profile}",
            f"--accept=socket,host=127.0.0.1,port={self.port};urp;",
        ], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)  # fmt: skip
        end = time.monotonic() + _START_S
        while time.monotonic() < end:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except OSError:
                time.sleep(0.2)
        raise RuntimeError("LibreOffice does not listen")

    def close(self) -> None:
        """End it and forget its profile."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)  # the wrapper started others
        self.process.wait(30)
        shutil.rmtree(self.profile, ignore_errors=True)


def office() -> Office:
    """Give the running one; start it if there is none."""
    global _office  # noqa: PLW0603 -- one for the whole run, started when it is first needed
    if _office and _office.process.poll() is not None:
        _office.close()
        _office = None
    _office = _office or Office()
    return _office


def close() -> None:
    """End it, if it runs."""
    if _office:
        _office.close()


def store(path: Path, make: str, rows: dict[str, Any], filter_name: str, **more: Any) -> None:
    """Have a document made and stored."""
    job = {
        "make": make, "rows": rows, "filter": filter_name, "path": str(path),
        "options": more.get("options", ""), "password": more.get("password", ""),
        "data": more.get("data", {}), "scratch": office().profile,
    }  # fmt: skip
    subprocess.run(
        [_UNO_PYTHON, str(HERE / "uno_documents.py"), str(office().port)],
        input=json.dumps(job), text=True, check=True,
    )  # fmt: skip


class Places:
    """What a format calls its hiding places; a kind that is not in *kept* gets filler."""

    def __init__(self, plant: Plant, kept: set[str] | None, places: dict[str, str]) -> None:
        self._plant = plant
        self._filler = Plant("filler", clean=True)
        self._kept = kept
        self._places = places

    def rows(self, kind: str, count: int = 1, *, first_row: int = 0, **more: Any) -> list[Person]:
        """As `Plant.rows`."""
        if self._kept is not None and kind not in self._kept:
            return self._filler.rows(kind, count)
        place = self._places.get(kind, "")
        return self._plant.rows(
            kind, count, place=place, first_row=first_row if place else 0, **more
        )

    def line(self, kind: str) -> str:
        """One person, as a line."""
        return self.rows(kind)[0].line


def calc_rows(places: Places) -> dict[str, Any]:
    """What stands where in the workbook."""
    numbers = places.rows(
        "numbers and dates", 8, first_row=1,
        strings=lambda each: (each.name, each.email, str(each.number), each.born),
    )  # fmt: skip
    return {
        "cells": [each.cells for each in places.rows("cells", 8, first_row=1)],
        "second sheet": [each.cells for each in places.rows("second sheet", 6, first_row=4)],
        "hidden sheet": [each.cells for each in places.rows("hidden sheet", 6, first_row=1)],
        "numbers and dates": [[each.name, each.email, each.number, each.born] for each in numbers],
        "hidden row": [each.cells for each in places.rows("hidden row", 2, first_row=5)],
        "hidden column": [each.line for each in places.rows("hidden column", 2, first_row=11)],
        "pivot cache": [each.line for each in places.rows("pivot cache", 3)],
        "chart data": [each.line for each in places.rows("chart data", 3)],
        **{
            kind: places.line(kind)
            for kind in (
                "merged cells",
                "comment",
                "text box",
                "header/footer",
                "chart title",
                "document property",
            )
        },
    }


def writer_rows(places: Places) -> dict[str, Any]:
    """What stands where in the text document."""
    kinds = (
        "footnote", "endnote", "text box", "hidden text", "header", "footer",
        "deleted text", "tracked change", "document property",
    )  # fmt: skip
    return {
        "text": [each.line for each in places.rows("text", 6)],
        "table": [each.cells for each in places.rows("table", 8)],
        "embedded object": [each.cells for each in places.rows("embedded object", 4)],
        **{kind: places.line(kind) for kind in kinds},
    }


def impress_rows(places: Places) -> dict[str, Any]:
    """What stands where in the presentation."""
    kinds = ("beyond the page edge", "hidden slide", "notes", "comment", "document property")
    return {
        "text": [each.line for each in places.rows("text", 6)],
        "table": [each.cells for each in places.rows("table", 3)],
        **{kind: places.line(kind) for kind in kinds},
    }


def web_rows(places: Places) -> dict[str, Any]:
    """Lines of text."""
    return {"text": [each.line for each in places.rows("text", 20)]}


_ROWS: Final = {"calc": calc_rows, "writer": writer_rows, "impress": impress_rows, "web": web_rows}

_SHEETS: Final = {
    "cells": "sheet “一覧”", "second sheet": "sheet “Second”", "hidden sheet": "hidden sheet “控え”",
    "numbers and dates": "sheet “数値”", "hidden row": "sheet “Aside”",
    "hidden column": "sheet “Aside”", "merged cells": "sheet “Aside”",
}  # fmt: skip
_XLSX: Final = {**_SHEETS, "comment": "comment", "text box": "drawing", "header/footer": "header",
                "chart title": "chart", "document property": "properties"}  # fmt: skip
_DOCX: Final = {"header": "header", "footer": "footer", "footnote": "footnotes", "endnote": "endnotes",
                "comment": "comment", "document property": "properties"}  # fmt: skip
_PPTX: Final = {"text": "slide 1", "table": "slide 2", "beyond the page edge": "slide 2",
                "hidden slide": "slide 3", "notes": "notes", "comment": "comment",
                "document property": "properties"}  # fmt: skip
_META: Final = {"document property": "properties"}

_CALC_HTML: Final = {
    "cells",
    "second sheet",
    "merged cells",
    "comment",
    "document property",
    "chart data",
}
_CALC_PDF: Final = {"cells", "second sheet", "merged cells", "header/footer", "text box"}
_WRITER_PDF: Final = {
    "text",
    "table",
    "footnote",
    "endnote",
    "text box",
    "header",
    "footer",
    "tracked change",
}
_IMPRESS_PDF: Final = {"text", "table"}
_ONE: Final = {"cells"}

# File, format, what is made, filter, its options, kinds that the format keeps (`None`: whatever
# `evidence` sees in the octets), names of places.
_FORMATS: Final[tuple[tuple[str, str, str, str, str, set[str] | None, dict[str, str]], ...]] = (
    ("calc.xlsx", "xlsx", "calc", "Calc MS Excel 2007 XML", "", None, _XLSX),
    ("calc.xls", "xls", "calc", "MS Excel 97", "", None, _SHEETS),
    ("calc.ods", "ods", "calc", "calc8", "", None, {**_SHEETS, **_META}),
    ("calc.fods", "fods", "calc", "OpenDocument Spreadsheet Flat XML", "", None, {}),
    ("calc.xlt", "xls", "calc", "MS Excel 97 Vorlage/Template", "", None, _SHEETS),
    ("calc.html", "html", "calc", "HTML (StarCalc)", "", _CALC_HTML, {}),
    ("calc.slk", "sylk", "calc", "SYLK", "", _ONE, {}),
    ("calc.dif", "dif", "calc", "DIF", "44,34,64", _ONE, {}),
    ("calc-cp932.csv", "csv", "calc", "Text - txt - csv (StarCalc)", "44,34,64", _ONE, {}),
    ("calc-utf8.csv", "csv", "calc", "Text - txt - csv (StarCalc)", "44,34,76", _ONE, {}),
    ("calc-eucjp.csv", "csv", "calc", "Text - txt - csv (StarCalc)", "9,34,69", _ONE, {}),
    ("calc-utf16.csv", "csv", "calc", "Text - txt - csv (StarCalc)", "9,34,65535", _ONE, {}),
    ("calc.pdf", "pdf", "calc", "calc_pdf_Export", "", _CALC_PDF, {}),
    ("writer.docx", "docx", "writer", "MS Word 2007 XML", "", None, _DOCX),
    ("writer.doc", "doc", "writer", "MS Word 97", "", None, {}),
    ("writer.odt", "odt", "writer", "writer8", "", None, _META),
    ("writer.fodt", "fodt", "writer", "OpenDocument Text Flat XML", "", None, {}),
    ("writer.rtf", "rtf", "writer", "Rich Text Format", "", None, {}),
    ("writer.html", "html", "writer", "HTML (StarWriter)", "", None, {}),
    ("writer.pdf", "pdf", "writer", "writer_pdf_Export", "", _WRITER_PDF, {}),
    ("impress.pptx", "pptx", "impress", "Impress MS PowerPoint 2007 XML", "", None, _PPTX),
    ("impress.ppt", "ppt", "impress", "MS PowerPoint 97", "", None, {}),
    ("impress.odp", "odp", "impress", "impress8", "", None, _META),
    ("impress.fodp", "fodp", "impress", "OpenDocument Presentation Flat XML", "", None, {}),
    ("impress.pdf", "pdf", "impress", "impress_pdf_Export", "", _IMPRESS_PDF, {}),
    ("web-cp932.txt", "txt", "web", "Text (encoded)", "SHIFT_JIS,CRLF", None, {}),
    ("web-utf16.txt", "txt", "web", "Text (encoded)", "UCS2,CRLF", None, {}),
)
_BIG: Final = {"impress.ppt", "impress.fodp"}
"""Files that are mostly decoration; one of each is enough."""

_LOCKED: Final = (
    ("locked.xls", "xls", "calc", "MS Excel 97"),
    ("locked.ods", "ods", "calc", "calc8"),
    ("locked.doc", "doc", "writer", "MS Word 97"),
    ("locked.odt", "odt", "writer", "writer8"),
)


def cases() -> Iterator[Case]:
    """What this module makes."""
    for name, kind, make, filter_name, options, kept, places in _FORMATS:

        def build(
            path: Path,
            plant: Plant,
            make=make,
            name=filter_name,
            options=options,
            kept=kept,
            places=places,
        ) -> None:
            store(path, make, _ROWS[make](Places(plant, kept, places)), name, options=options)

        yield Case(
            file=f"libreoffice/{name}", format=kind, producer="LibreOffice",
            build=build, proof=kept is None, twin=name not in _BIG,
        )  # fmt: skip
    for name, kind, make, filter_name in _LOCKED:

        def lock(path: Path, plant: Plant, make=make, name=filter_name) -> None:
            store(
                path,
                make,
                _ROWS[make](Places(plant, {"text", "cells"}, {})),
                name,
                password="opensesame",
            )

        yield Case(
            file=f"libreoffice/{name}", format=kind, producer="LibreOffice", build=lock,
            twin=False, proof=False, state="unreadable", reasons=("encrypted",),
        )  # fmt: skip
