"""Number formats of Excel's records, and the cells that have one ([MS-XLS] §2.4.126, §2.4.353)."""

from collections.abc import Callable
from typing import Final

from guard.extract.biffcells import styles
from guard.extract.numberformats import Formats, NumberFormat, telling

_FORMATS: Final = {0x1E, 0x041E}
_STYLES: Final = {0xE0: (2, 2), 0x0443: (1, 1), 0x0243: (1, 1)}
"""Records of styles: where the number of the format stands, and in how many octets."""

RECORDS: Final = _FORMATS | set(_STYLES)

_NUMBERED: Final = 5
"""Version from which a format says its number; before, they are counted."""

_WIDE: Final = 8
"""Version from which strings have their length in two octets."""


class BookFormats:
    """What a workbook says of formats before its sheets begin."""

    def __init__(self) -> None:
        self._codes: dict[int, str] = {}
        self._styles: list[int] = []
        self._telling: Formats | None = None
        self.placed: dict[str, dict[int, dict[int, NumberFormat]]] = {}
        """Formats that tell by name of the sheet, then by 0-based row and column."""

    @property
    def telling(self) -> Formats:
        """Formats that show more than the number, by number of the style."""
        if self._telling is None:
            self._telling = telling(self._codes, self._styles)
        return self._telling

    def take(
        self, kind: int, payload: bytes, version: int, text: Callable[[bytes, int], str]
    ) -> None:
        """
        Note what a record of `RECORDS` says; *text* reads a string behind its length.

        Raises:
            IndexError, TornError: It is shorter than it has to be.
        """
        self._telling = None
        if at := _STYLES.get(kind):
            start, length = at
            self._styles.append(int.from_bytes(payload[start : start + length], "little"))
        elif version >= _NUMBERED:
            which = int.from_bytes(payload[:2], "little")
            self._codes[which] = text(payload[2:], 2 if version == _WIDE else 1)
        else:
            octets = payload[2:] if kind == 0x041E else payload
            self._codes[len(self._codes)] = text(octets, 1)

    def place(self, sheet: str, kind: int, payload: bytes) -> None:
        """
        Note the cells of a record whose formats tell.

        Raises:
            struct.error: It is shorter than it has to be.
        """
        row = int.from_bytes(payload[:2], "little")
        for column, style in styles(kind, payload):
            if format_ := self.telling.get(style):
                self.placed.setdefault(sheet, {}).setdefault(row, {})[column] = format_
