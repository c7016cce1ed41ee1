"""
Pivot caches: the whole table behind a pivot, in a part that no sheet shows (ECMA-376 §18.10).

People send the summary, and the customers that it sums up go along. Each field keeps its different
values once, and a record names them by number; here the rows are put together again.
"""

from collections.abc import Iterator, Mapping

from guard.extract.elements import Handler, walk

_VALUES = frozenset({"s", "n", "d", "b", "e"})
"""Strings, numbers, dates, truth values, errors; ``m`` is missing, ``x`` a number of a value."""


class _Fields(Handler):
    """Names of the fields and their shared values."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.shared: list[list[str]] = []
        self._in_items = False

    def start(self, local: str, attributes: Mapping[str, str]) -> None:
        if local == "cacheField":
            self.names.append(attributes.get("name", ""))
            self.shared.append([])
        elif local == "sharedItems":
            self._in_items = True
        elif self._in_items and (local in _VALUES or local == "m"):
            self.shared[-1].append(attributes.get("v", ""))

    def end(self, local: str) -> None:
        if local == "sharedItems":
            self._in_items = False


class _Records(Handler):
    """The rows, each value looked up among the shared ones of its field."""

    def __init__(self, fields: _Fields) -> None:
        self._fields = fields
        self._row: list[str] = []
        self.rows: list[str] = []

    def start(self, local: str, attributes: Mapping[str, str]) -> None:
        if local == "r":
            self._row = []
        elif local == "x":
            self._row.append(self._shared(attributes.get("v", "")))
        elif local in _VALUES or local == "m":
            self._row.append(attributes.get("v", ""))

    def end(self, local: str) -> None:
        if local == "r":
            self.rows.append("\t".join(_line(value) for value in self._row))

    def _shared(self, number: str) -> str:
        """Give the value by its number in the field that comes next."""
        field = len(self._row)
        shared = self._fields.shared[field] if field < len(self._fields.shared) else []
        at = int(number) if number.isascii() and number.isdecimal() else len(shared)
        return shared[at] if at < len(shared) else ""


def pivot_rows(definition: bytes, records: bytes) -> Iterator[str]:
    """
    Give the names of the fields, then a line a record.

    Where the records are missing, a line a field with all its values.

    Raises:
        UnreadError: One of the two parts cannot be parsed.
    """
    fields = _Fields()
    walk(definition, fields)
    yield "\t".join(_line(name) for name in fields.names)
    if not records:
        yield from ("\t".join(map(_line, values)) for values in fields.shared if values)
        return
    found = _Records(fields)
    walk(records, found)
    yield from found.rows


def _line(value: str) -> str:
    return " ".join(value.split())
