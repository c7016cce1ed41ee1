"""
A customer list as somebody exported it: CSV or TSV in any usual encoding, xlsx, xls, ods.

Whoever gives it may be trusted, the file may not: whatever cannot be read for sure is a
`SourceError` that names line and remedy, and then nothing is imported.
"""

import csv
import io
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final, cast

import python_calamine

from guard.lists.encoding import encoding_of
from guard.lists.headers import recognised
from guard.lists.tabulated import (
    HEADER_WITHIN,
    Numbered,
    Source,
    cell_text,
    named,
    with_headers,
)
from guard.model.errors import SourceError

DELIMITERS: Final[Mapping[str, str]] = {",": "comma", "\t": "tab", ";": "semicolon", "|": "bar"}

_WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


@contextmanager
def source(
    path: Path,
    *,
    overrides: Mapping[str, str] | None = None,
    sheet: str | None = None,
    some: bool = False,
) -> Iterator[Source]:
    """
    Open *path* and find encoding, delimiter, headers and columns.

    *overrides* map headers to kinds of column; *sheet* names one of a workbook, else the first
    with usable headers is taken. With *some*, overrides of headers that are not there are passed
    over.

    Raises:
        SourceError: It cannot be read, or has no usable column.
    """
    with ExitStack() as stack:
        try:
            if path.exists() and not path.is_file():
                raise SourceError(f"{path}: is no regular file; save what it gives to one first")
            file = stack.enter_context(path.open("rb"))
            head = file.read(8)
            file.seek(0)
            if not head:
                raise SourceError(f"{path.name}: is empty")
            if head.startswith(_WORKBOOKS):
                opened = _workbook(path, overrides or {}, sheet, some=some)
            elif sheet is not None:
                raise SourceError(f"{path.name}: is a text file without sheets; leave out --sheet")
            else:
                encoding = encoding_of(file, path.name)
                text = stack.enter_context(io.TextIOWrapper(file, encoding, newline=""))
                opened = _text(text, path.name, encoding, overrides or {}, some=some)
        except OSError as error:
            raise SourceError(f"{path}: cannot be read ({error.strerror})") from error
        yield opened


def _text(
    file: io.TextIOWrapper, name: str, encoding: str, overrides: Mapping[str, str], *, some: bool
) -> Source:
    start = file.read(65536)
    file.seek(0)
    delimiter = _delimiter(start, overrides)
    rows = _csv_rows(file, delimiter, name)
    form = f"{encoding.removesuffix('-sig')}, {DELIMITERS[delimiter]}"
    return with_headers(rows, name, form, overrides, some=some, share=_share_of(file))


def _share_of(file: io.TextIOWrapper) -> Callable[[], float | None]:
    """Say how much of *file* was read, by its octets."""
    octets = cast("BinaryIO", file.buffer)
    size = os.fstat(file.fileno()).st_size

    def share() -> float | None:
        return min(1.0, octets.tell() / size) if size and not octets.closed else None

    return share


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
            opened_at = _open_quote(file, line, delimiter)
            if opened_at is None:
                raise SourceError(
                    f"{name}:{line}: has a cell of more than {csv.field_size_limit():,} characters "
                    "in this row; shorten it, or leave its column out"
                ) from None
            line, reason = opened_at, "a quotation mark is opened here and not closed"
        raise SourceError(
            f"{name}:{line}: is no proper CSV ({reason}); double each quotation mark within a cell"
        ) from None


def _open_quote(file: io.TextIOWrapper, line: int, delimiter: str) -> int | None:
    """
    Say in which line of the row from *line* on a quotation mark is opened for good.

    `None`: each is closed, at the end of its cell, so that it was a cell that is too long.
    """
    file.seek(0)
    opened_at: int | None = None
    for number, text in enumerate(islice(file, line - 1, None), start=line):
        single = text.replace('""', "")
        for quote in re.finditer('"', single):
            behind = single[quote.end() : quote.end() + 1]
            if opened_at is None:
                opened_at = number
            elif behind in {delimiter, "\r", "\n", ""}:
                opened_at = None
            else:
                return opened_at  # another cell's, that only seems to close it
        if opened_at is None:
            return None
    return opened_at


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
            (recognised(row) + named(row, overrides) for row in rows[:HEADER_WITHIN]), default=0
        )
        widths = [len(row) for row in rows[:-1] or rows if row]
        usual = max(set(widths), key=widths.count, default=1)
        return known, widths.count(usual) * (usual > 1)

    return max(DELIMITERS, key=merit)


def _workbook(path: Path, overrides: Mapping[str, str], sheet: str | None, *, some: bool) -> Source:
    try:
        book = python_calamine.load_workbook(path)
        if sheet is not None and sheet not in book.sheet_names:
            known = ", ".join(f"“{name}”" for name in book.sheet_names)
            raise SourceError(f"{path.name}: has no sheet “{sheet}”, but {known}")
        refused: SourceError | None = None
        for name in [sheet] if sheet is not None else book.sheet_names:
            rows = _SheetRows(book.get_sheet_by_name(name).to_python(skip_empty_area=False))
            try:
                return with_headers(
                    iter(rows),
                    path.name,
                    f"sheet “{name}”",
                    overrides,
                    some=some,
                    share=rows.share,
                )
            except SourceError as error:
                refused = refused or error
    except python_calamine.PasswordError:
        raise SourceError(f"{path.name}: is encrypted; save it without a password") from None
    except python_calamine.CalamineError:
        raise SourceError(
            f"{path.name}: is no workbook that can be read; save it again as xlsx, or as CSV"
        ) from None
    raise refused or SourceError(f"{path.name}: has no sheet")


class _SheetRows:
    """The rows of a sheet, of which it is known how many were read."""

    def __init__(self, rows: Sequence[Sequence[object]]) -> None:
        self._rows = rows
        self._read = 0

    def __iter__(self) -> Iterator[Numbered]:
        for number, row in enumerate(self._rows, start=1):
            self._read = number
            yield number, [cell_text(value) for value in row]

    def share(self) -> float | None:
        return self._read / len(self._rows) if self._rows else None


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
