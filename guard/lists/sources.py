"""
A customer list as somebody exported it: CSV or TSV in any usual encoding, xlsx, xls, ods.

Whoever gives it may be trusted, the file may not: whatever cannot be read for sure is a
`SourceError` that names line and remedy, and then nothing is imported.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Final

import python_calamine

from guard.lists.columns import SAMPLE_ROWS, Column, assign, has_values
from guard.lists.encoding import encoding_of
from guard.lists.headers import recognised
from guard.model.errors import SourceError

DELIMITERS: Final[Mapping[str, str]] = {",": "comma", "\t": "tab", ";": "semicolon", "|": "bar"}
HEADER_WITHIN: Final = 20
"""Rows in which the headers are looked for; above them may stand a title."""

_WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")

Numbered = tuple[int, list[str]]
"""A line or row number of the file, 1-based, and its cells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A list, open for one reading."""

    name: str
    """File name without folder, for messages."""

    form: str
    """For people: ``cp932, comma`` or ``sheet “顧客”``."""

    header_line: int
    """1-based line of the headers; 0 where there are none."""

    columns: tuple[Column, ...]
    rows: Iterator[tuple[int, list[str]]]
    """1-based data rows with their cells, each as wide as the headers; blank ones are left out
    but counted. Iterating may raise `SourceError`."""


@contextmanager
def source(
    path: Path, *, overrides: Mapping[str, str] | None = None, sheet: str | None = None
) -> Iterator[Source]:
    """
    Open *path* and find encoding, delimiter, headers and columns.

    *overrides* map headers to kinds of column; *sheet* names one of a workbook, else the first
    with usable headers is taken.

    Raises:
        SourceError: It cannot be read, or has no usable column.
    """
    with ExitStack() as stack:
        try:
            file = stack.enter_context(path.open("rb"))
            head = file.read(8)
            file.seek(0)
            if not head:
                raise SourceError(f"{path.name}: is empty")
            if head.startswith(_WORKBOOKS):
                opened = _workbook(path, overrides or {}, sheet)
            elif sheet is not None:
                raise SourceError(f"{path.name}: is a text file without sheets; leave out --sheet")
            else:
                encoding = encoding_of(file, path.name)
                text = stack.enter_context(io.TextIOWrapper(file, encoding, newline=""))
                opened = _text(text, path.name, encoding, overrides or {})
        except OSError as error:
            raise SourceError(f"{path}: cannot be read ({error.strerror})") from error
        yield opened


def _text(file: io.TextIOWrapper, name: str, encoding: str, overrides: Mapping[str, str]) -> Source:
    start = file.read(65536)
    file.seek(0)
    delimiter = _delimiter(start, overrides)
    rows = _csv_rows(file, delimiter, name)
    form = f"{encoding.removesuffix('-sig')}, {DELIMITERS[delimiter]}"
    return _with_headers(rows, name, form, overrides)


def _csv_rows(file: io.TextIOWrapper, delimiter: str, name: str) -> Iterator[Numbered]:
    reader = csv.reader(file, delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except OSError as error:
        raise SourceError(f"{name}:{line}: cannot be read on ({error.strerror})") from error
    except UnicodeDecodeError:
        raise SourceError(
            f"{name}:{line}: from about this line on the encoding is another; save the file again "
            "as UTF-8, or export it anew"
        ) from None
    except csv.Error as error:
        reason = str(error)
        if "field limit" in reason or "unexpected end" in reason:
            reason = "a quotation mark is opened here and not closed"
        raise SourceError(
            f"{name}:{line}: is no proper CSV ({reason}); double each quotation mark within a cell"
        ) from None


def _delimiter(start: str, overrides: Mapping[str, str]) -> str:
    """Choose the delimiter that shows most known headers, then the most even columns."""

    def merit(delimiter: str) -> tuple[int, int]:
        reader = csv.reader(io.StringIO(start), delimiter=delimiter)
        rows: list[list[str]] = []
        try:
            rows.extend(islice(reader, 40))
        except csv.Error:
            return -1, 0
        known = max(
            (recognised(row) + _named(row, overrides) for row in rows[:HEADER_WITHIN]), default=0
        )
        widths = [len(row) for row in rows[:-1] or rows if row]
        usual = max(set(widths), key=widths.count, default=1)
        return known, widths.count(usual) * (usual > 1)

    return max(DELIMITERS, key=merit)


def _named(row: Sequence[str], overrides: Mapping[str, str]) -> int:
    return sum(cell.strip() in overrides for cell in row)


def _with_headers(
    rows: Iterator[Numbered], name: str, form: str, overrides: Mapping[str, str]
) -> Source:
    """Find the line with headers, and what each column holds."""
    first = list(islice(rows, HEADER_WITHIN))
    merits = [recognised(cells) + _named(cells, overrides) for _, cells in first]
    best = max(merits, default=0)
    at = merits.index(best) if best else -1
    if best == 1 and has_values(first[at][1]):
        at = -1  # one word that we know, in a row of data
    headers = first[at][1] if at >= 0 else None
    while headers and not headers[-1].strip():
        headers.pop()
    waiting = first[at + 1 :] + list(islice(rows, SAMPLE_ROWS))
    sample = [cells for _, cells in waiting if any(cell.strip() for cell in cells)]
    columns = assign(headers, sample, overrides, name)
    width = len(headers) if headers is not None else max(map(len, sample), default=0)
    return Source(
        name=name,
        form=form,
        header_line=first[at][0] if at >= 0 else 0,
        columns=columns,
        rows=_even(waiting, rows, width, name),
    )


def _even(
    waiting: Sequence[Numbered], rows: Iterator[Numbered], width: int, name: str
) -> Iterator[tuple[int, list[str]]]:
    """Give numbered data rows. One that is shorter or longer than the headers is refused."""
    number = 0
    for part in (waiting, rows):
        for line, cells in part:
            number += 1
            if not any(cell and not cell.isspace() for cell in cells):
                continue
            if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
                cells = cells[:width]  # noqa: PLW2901 -- empty cells at the end say nothing
            if len(cells) != width:
                raise SourceError(
                    f"{name}:{line}: this row has {len(cells)} cells, the headers are {width}; put "
                    "cells that hold the delimiter or a line break in quotation marks, or take the "
                    "row out"
                )
            yield number, cells


def _workbook(path: Path, overrides: Mapping[str, str], sheet: str | None) -> Source:
    try:
        book = python_calamine.load_workbook(path)
        if sheet is not None and sheet not in book.sheet_names:
            known = ", ".join(f"“{name}”" for name in book.sheet_names)
            raise SourceError(f"{path.name}: has no sheet “{sheet}”, but {known}")
        refused: SourceError | None = None
        for name in [sheet] if sheet is not None else book.sheet_names:
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            numbered = ((n, [_cell(value) for value in row]) for n, row in enumerate(rows, start=1))
            try:
                return _with_headers(numbered, path.name, f"sheet “{name}”", overrides)
            except SourceError as error:
                refused = refused or error
    except python_calamine.PasswordError:
        raise SourceError(f"{path.name}: is encrypted; save it without a password") from None
    except python_calamine.CalamineError:
        raise SourceError(
            f"{path.name}: is no workbook that can be read; save it again as xlsx, or as CSV"
        ) from None
    raise refused or SourceError(f"{path.name}: has no sheet")


def _cell(value: object) -> str:
    """Write a cell as its owner reads it: a number without ``.0``, a date as ISO 8601."""
    match value:
        case bool():
            return ""
        case float():
            return str(int(value)) if value.is_integer() else repr(value)
        case datetime():
            return value.date().isoformat()
        case date():
            return value.isoformat()
        case time() | timedelta():
            return ""
        case _:
            return str(value)


def columns_option(text: str) -> dict[str, str]:
    """
    Read ``氏名=name,TEL=phone``.

    Raises:
        SourceError: A part has no equals sign.
    """
    overrides: dict[str, str] = {}
    for part in filter(None, re.split(r"[,、]", text)):
        header, equals, kind = part.rpartition("=")
        if not equals or not header.strip() or not kind.strip():
            raise SourceError(f"--columns: “{part}” is not HEADER=KIND, as in 氏名=name,TEL=phone")
        overrides[header.strip()] = kind.strip()
    return overrides
