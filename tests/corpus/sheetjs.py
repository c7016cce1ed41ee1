"""Workbooks in every format that SheetJS writes, from BIFF 2 to today's."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.corpus import producers
from tests.corpus.people import Person
from tests.corpus.planted import HERE, Case, Plant

_ONE_SHEET: Final = {
    "biff2",
    "biff3",
    "biff4",
    "csv",
    "txt",
    "html",
    "rtf",
    "dif",
    "sylk",
    "prn",
    "dbf",
    "eth",
}
"""Formats with a single sheet."""

_FORMATS: Final[tuple[tuple[str, str, str], ...]] = (
    ("xlsx", "xlsx", "xlsx"),
    ("xlsm", "xlsm", "xlsx"),
    ("xlsb", "xlsb", "xlsb"),
    ("biff8", "xls", "xls"),
    ("biff5", "biff5.xls", "xls (BIFF 5)"),
    ("biff4", "biff4.xls", "xls (BIFF 4)"),
    ("biff3", "biff3.xls", "xls (BIFF 3)"),
    ("biff2", "biff2.xls", "xls (BIFF 2)"),
    ("xlml", "2003.xml", "xml (Excel 2003)"),
    ("ods", "ods", "ods"),
    ("fods", "fods", "fods"),
    ("csv", "csv", "csv"),
    ("txt", "utf16.txt", "txt"),
    ("html", "html", "html"),
    ("rtf", "rtf", "rtf"),
    ("dif", "dif", "dif"),
    ("sylk", "slk", "sylk"),
    ("dbf", "dbf", "dbf"),
)
_CP932: Final = {"biff5", "biff4", "biff3", "biff2", "dif", "sylk", "dbf"}
"""Formats older than Unicode."""

_ASCII: Final = {"biff5", "biff4", "biff3", "biff2", "dbf"}
"""Formats whose writer spoils everything else."""


def _numbered(person: Person) -> tuple[str, ...]:
    return person.name, person.email, str(person.number)


def _narrow(person: Person) -> tuple[str, ...]:
    return person.email, person.phone


def _narrow_number(person: Person) -> tuple[str, ...]:
    return person.email, str(person.number)


def book(path: Path, plant: Plant, *, kind: str, shared: bool) -> None:
    """Write a workbook of *kind*, with a table of strings if *shared*."""
    named = kind not in {"csv", "txt", "html", "rtf", "dif", "sylk", "dbf", "xlml", "fods"}
    one = kind in _ONE_SHEET
    title = "Sheet1" if one or kind in _CP932 else "一覧"
    place = f"sheet “{title}”" if named and not kind.startswith("biff") else ""
    told = _narrow if kind in _ASCII else None
    people = plant.rows(
        "cells", 12, place=place, first_row=2 if place else 0,
        strings=told,
    )  # fmt: skip
    sheets = [
        {"name": title, "rows": [["name", "kana", "mail", "tel"], *(each.cells for each in people)]}
    ]
    if not one:
        for name, hidden, kind_of in (
            ("Second", 0, "second sheet"),
            ("Hidden2", 1, "hidden sheet"),
            ("Very", 2, "very hidden sheet"),
        ):
            word = "hidden sheet" if hidden and kind != "biff5" else "sheet"
            people = plant.rows(
                kind_of, 4, place=f"{word} “{name}”" if named else "", strings=told,
            )  # fmt: skip
            sheets.append({"name": name, "hidden": hidden, "rows": [each.cells for each in people]})
        numbers = plant.rows(
            "numbers and dates", 6, strings=_numbered if told is None else _narrow_number
        )
        sheets.append(
            {
                "name": "N",
                "rows": [[each.name, each.email, each.number] for each in numbers],
                "hiddenRows": True,
            }
        )
    if kind in {"xlsx", "xlsm", "xlsb", "xlml"}:
        sheets[0]["comment"] = plant.line(
            "comment", place="comment" if kind in {"xlsx", "xlsm"} else ""
        )
    properties = {}
    if kind in {"xlsx", "xlsm", "xlsb"}:
        properties = {"Title": plant.line("document property", place="properties")}
    job = {
        "path": str(path),
        "type": kind,
        "shared": shared,
        "sheets": sheets,
        "properties": properties,
        "options": {"codepage": 932} if kind in _CP932 else {},
    }
    subprocess.run(
        ["node", str(HERE / "sheetjs.mjs"), str(producers.sheetjs())],
        input=json.dumps(job), text=True, check=True,
    )  # fmt: skip


def cases() -> Iterator[Case]:
    """What this module makes."""
    for kind, suffix, name in _FORMATS:
        for shared in (True, False) if kind in {"xlsx", "xlsb"} else (False,):
            word = "shared" if shared else "book"
            yield Case(
                file=f"sheetjs/{word}.{suffix}", format=name, producer="SheetJS",
                proof=kind in {"csv", "txt", "html", "dif", "sylk", "dbf", "biff2", "biff3", "biff4"},
                build=lambda path, plant, kind=kind, shared=shared: book(path, plant, kind=kind, shared=shared),
            )  # fmt: skip
