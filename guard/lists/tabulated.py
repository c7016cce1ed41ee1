"""Rows of cells → a list's columns and data rows; what cannot be used of them is counted."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Final

from guard.lists.columns import SAMPLE_ROWS, Column, assign, has_values
from guard.lists.exports import exported_by
from guard.lists.headers import header_key, recognised
from guard.model.errors import SourceError

HEADER_WITHIN: Final = 20
"""Rows in which the headers are looked for; above them may stand a title."""

BROKEN: Final = 0.01
"""Share of broken rows that are left out; where there are more, nothing is taken."""

BROKEN_ROWS: Final = 10
"""Broken rows that are left out of a list that is too short for `BROKEN`."""

SHOWN: Final = 5
"""Lines that are named of each kind; the others are counted."""

Numbered = tuple[int, list[str]]
"""A line or row number of the file, 1-based, and its cells."""


@dataclass(slots=True)
class Tally:
    """What was met on the way; whole once the rows were read to their end."""

    rows: int = 0
    """Data rows so far, with those that are blank or broken."""

    blank: int = 0
    broken: int = 0
    """Rows whose cells are more or fewer than the headers."""

    blank_at: list[str] = field(default_factory=list)
    """The first `SHOWN`: ``crm.csv:17``, with the line or row of the file."""

    broken_at: list[str] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Count what another file had."""
        self.rows += other.rows
        self.blank += other.blank
        self.broken += other.broken
        self.blank_at = (self.blank_at + other.blank_at)[:SHOWN]
        self.broken_at = (self.broken_at + other.broken_at)[:SHOWN]


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
    """1-based data rows with their cells, each as wide as the headers; blank ones and a few broken
    ones are left out but counted. Iterating may raise `SourceError`."""

    tally: Tally
    program: str = ""
    """What wrote the file, where its headers say so: ``Sansan``."""

    headers: tuple[str, ...] = ()
    share: Callable[[], float | None] = lambda: None
    """How much was read so far, 0.0 to 1.0; `None` where nobody knows."""


def with_headers(
    rows: Iterator[Numbered],
    name: str,
    form: str,
    overrides: Mapping[str, str],
    *,
    some: bool = False,
    share: Callable[[], float | None] = lambda: None,
) -> Source:
    """
    Find the line with headers, and what each column holds.

    With *some*, overrides of headers that are not there are passed over: another file of the list
    may have them.

    Raises:
        SourceError: There is no usable column.
    """
    first = list(islice(rows, HEADER_WITHIN))
    merits = [recognised(cells) + named(cells, overrides) for _, cells in first]
    best = max(merits, default=0)
    at = merits.index(best) if best else -1
    if best == 1 and has_values(first[at][1]):
        at = -1  # one word that we know, in a row of data
    headers = first[at][1] if at >= 0 else None
    while headers and not headers[-1].strip():
        headers.pop()
    return _source(
        [*first[at + 1 :], *islice(rows, SAMPLE_ROWS)],
        rows,
        headers,
        first[at][0] if at >= 0 else 0,
        name=name,
        form=form,
        overrides=overrides,
        some=some,
        share=share,
    )


def below(
    headers: Sequence[str],
    rows: Iterator[Numbered],
    name: str,
    form: str,
    overrides: Mapping[str, str],
) -> Source:
    """
    Say what each column holds where it is known that *headers* are those of *rows*.

    Raises:
        SourceError: There is no usable column.
    """
    waiting = list(islice(rows, SAMPLE_ROWS))
    return _source(waiting, rows, list(headers), 0, name=name, form=form, overrides=overrides)


def _source(
    waiting: Sequence[Numbered],
    rows: Iterator[Numbered],
    headers: list[str] | None,
    header_line: int,
    *,
    name: str,
    form: str,
    overrides: Mapping[str, str],
    some: bool = False,
    share: Callable[[], float | None] = lambda: None,
) -> Source:
    sample = [cells for _, cells in waiting if any(cell.strip() for cell in cells)]
    told = {
        header: kind
        for header, kind in overrides.items()
        if not some or header_key(header) in set(map(header_key, headers or []))
    }
    columns = assign(headers, sample, told, name)
    width = len(headers) if headers is not None else max(map(len, sample), default=0)
    tally = Tally()
    return Source(
        name=name,
        form=form,
        header_line=header_line,
        columns=columns,
        rows=_even(waiting, rows, width, name, tally),
        tally=tally,
        program=exported_by(headers or []),
        headers=tuple(headers or []),
        share=share,
    )


def named(row: Sequence[str], overrides: Mapping[str, str]) -> int:
    """Count the cells of a row that *overrides* speak of."""
    return sum(cell.strip() in overrides for cell in row)


def _even(
    waiting: Sequence[Numbered],
    rows: Iterator[Numbered],
    width: int,
    name: str,
    tally: Tally,
) -> Iterator[tuple[int, list[str]]]:
    """Give numbered data rows. A few that are shorter or longer than the headers are left out."""
    for part in (waiting, rows):
        for line, cells in part:
            tally.rows += 1
            if not any(cell and not cell.isspace() for cell in cells):
                tally.blank += 1
                if tally.blank <= SHOWN:
                    tally.blank_at.append(f"{name}:{line}")
                continue
            if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
                cells = cells[:width]  # noqa: PLW2901 -- empty cells at the end say nothing
            if len(cells) != width:
                tally.broken += 1
                if tally.broken <= SHOWN:
                    tally.broken_at.append(f"{name}:{line}: {len(cells)} cells")
                continue
            yield tally.rows, cells
    _require_few(tally, width, name)


def _require_few(tally: Tally, width: int, name: str) -> None:
    """
    Refuse a list of which more than a few rows are broken: its headers are not those of its rows.

    Raises:
        SourceError: There are more than `BROKEN` and `BROKEN_ROWS`, or half of the rows.
    """
    filled = tally.rows - tally.blank
    if tally.broken <= max(BROKEN_ROWS, BROKEN * filled) and 2 * tally.broken < max(filled, 1):
        return
    where = "; ".join(tally.broken_at)
    raise SourceError(
        f"{name}: {tally.broken:,} of {filled:,} rows are broken ({where}), the headers are "
        f"{width}; up to {BROKEN:.0%} of the rows, or {BROKEN_ROWS}, would be left out. Put cells "
        "that hold the delimiter or a line break in quotation marks, or take these rows out"
    )


def cell_text(value: object) -> str:
    """Write a cell as its owner reads it: a number without ``.0``, a date as ISO 8601."""
    match value:
        case None | bool() | bytes() | memoryview():
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
