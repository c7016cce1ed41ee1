"""The text in an XML part of an Office or OpenDocument file, in one pass of expat."""

from collections.abc import Iterator
from typing import Final

from guard.extract.attributes import Attributes
from guard.extract.elements import new_parser

_LINES: Final = {"p", "h", "tr", "table-row", "row", "comment", "si", "footnote", "endnote"}
"""Elements that end a line; in a cell a paragraph does not."""

_CELLS: Final = {"tc", "table-cell", "covered-table-cell", "cell"}
_ROWS: Final = {"tr", "table-row", "row"}
_BREAKS: Final = {"br", "cr", "line-break"}
_RUNS: Final = {
    "t", "r", "a", "span", "s", "hyperlink", "ins", "del", "smartTag", "sdt", "sdtContent", "fld",
    "fldSimple", "ruby", "rubyBase", "ruby-base", "bookmark-ref", "text-input", "meta",
}  # fmt: skip
"""Elements within a line: a word may go on from one to the next."""

_ASIDE: Final = {
    "instrText", "delInstrText", "posOffset", "align", "pctWidth", "pctHeight", "rt", "ruby-text",
    "rPh",
}  # fmt: skip
"""Text that would tear a line apart where it stands: field codes, readings, sizes."""

_STRANDS: Final = {
    "del": "deleted text",
    "moveFrom": "deleted text",
    "tracked-changes": "deleted text",
    "txbxContent": "text box",
    "text-box": "text box",
    "annotation": "comment",
}
"""Elements whose text is no part of the lines around it, and what it is called."""

HIDDEN: Final = "hidden text"


class XmlText:
    """
    Collects text while expat parses; entities are refused, not expanded.

    `strands` have a line a paragraph or row, with tabs between cells: under no name what everybody
    sees, and under names of their own what was deleted, hidden, or stands in a box beside it.
    `aside` has what would tear lines apart, and attribute values.
    """

    def __init__(self) -> None:
        self._strands: dict[str, list[str]] = {"": []}
        self._names = [""]
        self._seen = self._strands[""]
        self._aside: list[str] = []
        self._attributes = Attributes()
        self._cells = 0
        self._asides = 0
        self._vanished = False
        self._bare = False
        """Text came since the last tag: an element of no known kind ends its line then."""

    @classmethod
    def of(cls, octets: bytes) -> "XmlText":
        """
        Parse one part.

        Raises:
            UnreadError: It declares entities.
            ExpatError: It is no well-formed XML.
        """
        collected = cls()
        parser = new_parser()
        parser.StartElementHandler = collected._start
        parser.EndElementHandler = collected._end
        parser.CharacterDataHandler = collected._text
        parser.Parse(octets, True)
        return collected

    @property
    def strands(self) -> Iterator[tuple[str, str]]:
        """Name and text of each strand that says anything; lines with something on them."""
        for name, pieces in self._strands.items():
            lines = "".join(pieces).replace(" \t", "\t").split("\n")
            text = "\n".join(line.strip(" ").rstrip("\t ") for line in lines if line.strip())
            if text:
                yield name, text

    @property
    def aside(self) -> str:
        """The rest, without repeats."""
        pieces = (piece.strip() for piece in self._aside + self._attributes.found)
        return "\n".join(dict.fromkeys(piece for piece in pieces if piece))

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        self._bare = False
        # Of relations only those that lead out of the file say something: links.
        if attributes and (local != "Relationship" or attributes.get("TargetMode") == "External"):
            self._attributes.take(name, local, attributes)
        if local in _STRANDS:
            self._enter(_STRANDS[local])
        elif local in _ASIDE:
            self._asides += 1
        elif local in _CELLS:
            self._cells += 1
        elif local in _ROWS:
            self._seen.append("\n")
        elif local in _BREAKS:
            self._seen.append(" " if self._cells else "\n")
        elif local == "tab" and not attributes:  # with attributes it is a stop, not a tab
            self._seen.append("\t")
        elif local == "s" and not self._cells:
            self._seen.append(" ")
        elif local == "noBreakHyphen":
            self._seen.append("-")
        elif local == "vanish" and not self._vanished:
            self._vanish(attributes)

    def _vanish(self, attributes: dict[str, str]) -> None:
        """Begin hidden text (ECMA-376 §17.3.2.41), which lasts to the end of the run."""
        said = next((value for key, value in attributes.items() if key.endswith("val")), "true")
        if said not in {"0", "false", "off"}:
            self._vanished = True
            self._enter(HIDDEN)

    def _enter(self, name: str) -> None:
        self._names.append(name)
        self._seen = self._strands.setdefault(name, [])

    def _leave(self) -> None:
        self._names.pop()
        self._seen = self._strands[self._names[-1]]

    def _end(self, name: str) -> None:
        local = name.rpartition(" ")[2]
        if local in _STRANDS:
            self._leave()
        elif local in _ASIDE:
            self._asides -= 1
        elif local in _CELLS:
            self._cells -= 1
            self._seen.append("\t")
        elif local in _ROWS:
            self._seen.append("\n")
        elif self._vanished and local in {"r", "p"}:
            self._vanished = False
            self._leave()
        elif local in _LINES or (self._bare and local not in _RUNS):
            self._end_line()
        self._bare = False

    def _end_line(self) -> None:
        """End a line; what was taken out of it on the way ends with it."""
        end = " " if self._cells else "\n"
        ending = [self._seen] if len(self._names) > 1 else self._strands.values()
        for pieces in ending:
            pieces.append(end)

    def _text(self, text: str) -> None:
        (self._aside if self._asides else self._seen).append(text)
        self._bare = True
