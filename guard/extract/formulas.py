"""
Formulas of a worksheet whose value nobody has computed yet.

Readers of cells give the value that a program left behind. Where it left none, a cell is empty to
them, while who opens the workbook sees what its formula comes to: ``="Ann"&" Lee"``.
"""

import re
from contextlib import suppress
from typing import Final
from xml.parsers import expat

from guard.extract.elements import new_parser

_ANY: Final = re.compile(rb"<(?:[\w.-]+:)?f[\s>]")
_JOIN: Final = re.compile(r'"\s*&\s*"')


def formulas(octets: bytes) -> str:
    """
    Give formulas without a value, a row a line, literals joined as ``&`` would join them.

    Raises:
        UnreadError: It declares entities.
    """
    # One that says anything is closed: most sheets have none, and are passed over by this alone.
    if (b"/f" not in octets and b":f" not in octets) or not _ANY.search(octets):
        return ""
    sheet = _Sheet()
    parser = new_parser()
    parser.StartElementHandler = sheet.start
    parser.EndElementHandler = sheet.end
    parser.CharacterDataHandler = sheet.text
    # Whoever reads the rest of the part tells of damage; what came before it counts.
    with suppress(expat.ExpatError):
        parser.Parse(octets, True)
    return "\n".join("\t".join(row) for row in sheet.rows if row)


class _Sheet:
    """What expat calls, one cell after the other."""

    def __init__(self) -> None:
        self.rows: list[list[str]] = [[]]
        self._formula: list[str] = []
        self._value = False
        self._in = ""

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        self._in = name.rpartition(" ")[2]
        if self._in == "row":
            self.rows.append([])
        elif self._in == "c":
            self._formula, self._value = [], False

    def end(self, name: str) -> None:
        self._in = ""
        if name.rpartition(" ")[2] == "c" and self._formula and not self._value:
            joined = _JOIN.sub("", "".join(self._formula))
            self.rows[-1].append(joined.replace('"', "").translate({9: " ", 10: " ", 13: " "}))

    def text(self, text: str) -> None:
        if self._in == "f":
            self._formula.append(text)
        elif self._in in {"v", "t"} and text:
            self._value = True
