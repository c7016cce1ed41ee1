"""
Several files as one list: their rows one after the other, under columns that hold the same.

A column of one file goes with that of another by what it holds, whatever its header and place.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from guard.lists.columns import Column, UnknownColumnError
from guard.lists.headers import header_key
from guard.lists.kinds import Kind
from guard.lists.sources import source
from guard.lists.tabulated import Source, Tally
from guard.model.errors import SourceError

SUFFIXES: Final = frozenset({".csv", ".tsv", ".tab", ".txt", ".xlsx", ".xlsm", ".xls", ".ods"})
"""Endings of the files that are taken from a folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One file of a list."""

    name: str
    first: int
    """Its first data row in the list, 1-based."""

    last: int


@dataclass(slots=True, kw_only=True)
class Gathered:
    """A whole list, open for one reading."""

    columns: tuple[Column, ...]
    """Places in the cells of `rows`; the header is that of the first file that has one."""

    rows: Iterator[tuple[int, Sequence[str]]]
    """Numbered through all files, as `Source.rows`."""

    described: tuple[str, ...]
    """Of each file for people: form, header row, columns."""

    share: Callable[[], float | None]
    tally: Tally = field(default_factory=Tally)
    """Whole once `rows` ended."""

    parts: list[Part] = field(default_factory=list)
    """Filled as the files end."""

    passed: tuple[str, ...] = ()
    """Files of a folder that were passed over: no lists by their names."""


def files_in(paths: Sequence[Path]) -> tuple[list[Path], list[str]]:
    """
    Give the files of *paths*, those of a folder by name; and names that were passed over.

    Raises:
        SourceError: A folder cannot be read, or has no file of a list.
    """
    files: list[Path] = []
    passed: list[str] = []
    for path in paths:
        if not path.is_dir():
            files.append(path)
            continue
        try:
            found = sorted(file for file in path.iterdir() if not file.name.startswith((".", "~$")))
        except OSError as error:
            raise SourceError(f"{path}: cannot be read ({error.strerror})") from error
        taken = [file for file in found if file.is_file() and file.suffix.lower() in SUFFIXES]
        if not taken:
            raise SourceError(f"{path}: has no file that ends in {', '.join(sorted(SUFFIXES))}")
        files += taken
        passed += [file.name for file in found if file not in taken]
    return files, passed


@contextmanager
def gathered(
    paths: Sequence[Path],
    *,
    overrides: Mapping[str, str] | None = None,
    sheet: str | None = None,
) -> Iterator[Gathered]:
    """
    Open files, and folders of files, as one list.

    *overrides* map headers to kinds; one of several files is enough to have such a header.

    Raises:
        SourceError: One cannot be read or has no usable column.
    """
    files, passed = files_in(paths)
    told = overrides or {}
    if len(files) == 1:
        with source(files[0], overrides=told, sheet=sheet) as opened:
            yield one(opened, passed=tuple(passed))
        return
    looks = [_look(file, told, sheet) for file in files]
    _require_headers(told, looks)
    merged = _merged(looks)
    sizes = [max(1, file.stat().st_size) for file in files]
    reading = _Reading(files, told, sheet, merged, sizes)
    whole = Gathered(
        columns=tuple(
            Column(place=place, header=header, kind=kind)
            for place, ((kind, _), header) in enumerate(merged.items())
        ),
        rows=iter(()),
        described=tuple(description(look) for look in looks),
        share=reading.share,
        passed=tuple(passed),
    )
    whole.rows = reading.rows(whole)
    try:
        yield whole
    finally:
        reading.close()


def one(opened: Source, *, passed: tuple[str, ...] = ()) -> Gathered:
    """Give a list that is one source."""
    whole = Gathered(
        columns=opened.columns,
        rows=iter(()),
        described=(description(opened),),
        share=opened.share,
        tally=opened.tally,
        passed=passed,
    )

    def rows() -> Iterator[tuple[int, Sequence[str]]]:
        yield from opened.rows
        _require_rows(opened.tally, opened.name)
        whole.parts.append(Part(name=opened.name, first=1, last=opened.tally.rows))

    whole.rows = rows()
    return whole


def description(opened: Source) -> str:
    """Say what a file is, and what its columns were found to hold."""
    header = f"header row {opened.header_line}" if opened.header_line else "no header row"
    by = f", exported from {opened.program}" if opened.program else ""
    columns = "   ".join(f"{column.header} → {column.kind}" for column in opened.columns)
    return f"{opened.name}: {opened.form}, {header}{by}\nColumns found:   {columns}"


_Slot = tuple[Kind, int]
"""A kind, and which of several columns of it in one file."""


def _slots(columns: Sequence[Column]) -> dict[_Slot, Column]:
    found: dict[_Slot, Column] = {}
    for column in columns:
        before = sum(kind is column.kind for kind, _ in found)
        found[column.kind, before] = column
    return found


def _merged(looks: Sequence[Source]) -> dict[_Slot, str]:
    """Give every slot that some file has, with its header in the first one."""
    merged: dict[_Slot, str] = {}
    for look in looks:
        for slot, column in _slots(look.columns).items():
            merged.setdefault(slot, column.header)
    return merged


def _look(file: Path, overrides: Mapping[str, str], sheet: str | None) -> Source:
    """See what a file has; its rows are not to be read."""
    with source(file, overrides=overrides, sheet=sheet, some=True) as opened:
        return opened


def _require_headers(overrides: Mapping[str, str], looks: Sequence[Source]) -> None:
    there = {header_key(header) for look in looks for header in look.headers}
    for header in overrides:
        if header_key(header) not in there:
            names = ", ".join(look.name for look in looks[:3])
            raise UnknownColumnError(f"{names}: no column is called “{header}”")


def _require_rows(tally: Tally, name: str) -> None:
    """One of several files may be empty; a list of which all are was not exported."""
    if tally.rows == tally.blank:
        raise SourceError(f"{name}: no rows follow the header; export it anew")


class _Reading:
    """Files that are read one after the other, one of them open."""

    def __init__(
        self,
        files: Sequence[Path],
        overrides: Mapping[str, str],
        sheet: str | None,
        merged: Mapping[_Slot, str],
        sizes: Sequence[int],
    ) -> None:
        self._files = files
        self._overrides = overrides
        self._sheet = sheet
        self._merged = merged
        self._sizes = sizes
        self._done = 0
        self._open: Source | None = None
        self._rows: Iterator[tuple[int, Sequence[str]]] = iter(())

    def rows(self, whole: Gathered) -> Iterator[tuple[int, Sequence[str]]]:
        """Give the rows of all files, numbered through."""
        self._rows = self._all(whole)
        return self._rows

    def share(self) -> float | None:
        """Say how much was read of all, by the sizes of the files."""
        within = self._open.share() if self._open is not None else 0.0
        size = self._sizes[self._done] if self._done < len(self._sizes) else 0
        return (sum(self._sizes[: self._done]) + (within or 0.0) * size) / sum(self._sizes)

    def close(self) -> None:
        """Close the file that is open, where the rows were not read to their end."""
        close = getattr(self._rows, "close", None)
        if close is not None:
            close()

    def _all(self, whole: Gathered) -> Iterator[tuple[int, Sequence[str]]]:
        before = 0
        for file in self._files:
            with source(file, overrides=self._overrides, sheet=self._sheet, some=True) as opened:
                self._open = opened
                slots = _slots(opened.columns)
                if not slots.keys() <= self._merged.keys():
                    raise SourceError(f"{file.name}: was changed while it was read; try again")
                places = [slots[slot].place if slot in slots else None for slot in self._merged]
                for number, cells in opened.rows:
                    yield (
                        before + number,
                        ["" if place is None else cells[place] for place in places],
                    )
                whole.tally.add(opened.tally)
                self._open = None
            self._done += 1
            whole.parts.append(
                Part(name=file.name, first=before + 1, last=before + opened.tally.rows)
            )
            before += opened.tally.rows
        _require_rows(whole.tally, ", ".join(file.name for file in self._files[:3]))
