"""The text in an XML part of an Office or OpenDocument file, in one pass of expat."""

from typing import Final
from xml.parsers import expat

from guard.extract.pieces import UnreadError
from guard.model.extract import Reason

_LINES: Final = {"p", "h", "tr", "table-row", "comment", "si", "footnote", "endnote"}
"""Elements that end a line; in a cell a paragraph does not."""

_CELLS: Final = {"tc", "table-cell", "covered-table-cell"}
_ROWS: Final = {"tr", "table-row"}
_BREAKS: Final = {"br", "cr", "line-break"}
_RUNS: Final = {
    "t", "r", "a", "span", "s", "hyperlink", "ins", "del", "smartTag", "sdt", "sdtContent", "fld",
    "fldSimple", "ruby", "rubyBase", "ruby-base", "bookmark-ref", "text-input", "meta",
}  # fmt: skip
"""Elements within a line: a word may go on from one to the next."""

_ASIDE: Final = {
    "instrText", "delInstrText", "delText", "posOffset", "align", "pctWidth", "pctHeight",
    "rt", "ruby-text", "rPh", "tracked-changes",
}  # fmt: skip
"""Text that would tear a line apart where it stands: field codes, deletions, readings, sizes."""

_SPOKEN: Final = {
    "v", "descr", "title", "Target", "prompt", "promptTitle", "error", "errorTitle", "display",
    "tooltip", "string", "author", "alt", "href", "string-value", "formula",
}  # fmt: skip
"""Attributes with text in them: cached values, alternative texts, link targets, prompts."""


class XmlText:
    """
    Collects text while expat parses; entities are refused, not expanded.

    `text` has a line a paragraph or row, with tabs between cells; `aside` what would tear lines
    apart, and attribute values.
    """

    def __init__(self) -> None:
        self._seen: list[str] = []
        self._aside: list[str] = []
        self._cells = 0
        self._asides = 0
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
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.EntityDeclHandler = refuse_entities
        parser.StartElementHandler = collected._start
        parser.EndElementHandler = collected._end
        parser.CharacterDataHandler = collected._text
        parser.Parse(octets, True)
        return collected

    @property
    def text(self) -> str:
        """Lines with something on them."""
        lines = "".join(self._seen).replace(" \t", "\t").split("\n")
        return "\n".join(line.strip(" ").rstrip("\t ") for line in lines if line.strip())

    @property
    def aside(self) -> str:
        """The rest, without repeats."""
        pieces = (piece.strip() for piece in self._aside)
        return "\n".join(dict.fromkeys(piece for piece in pieces if piece))

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        self._bare = False
        # Of relations only those that lead out of the file say something: links.
        if attributes and (local != "Relationship" or attributes.get("TargetMode") == "External"):
            for key, value in attributes.items():
                if key.rpartition(" ")[2] in _SPOKEN:
                    self._aside.append(value)
        if local in _ASIDE:
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

    def _end(self, name: str) -> None:
        local = name.rpartition(" ")[2]
        if local in _ASIDE:
            self._asides -= 1
        elif local in _CELLS:
            self._cells -= 1
            self._seen.append("\t")
        elif local in _ROWS:
            self._seen.append("\n")
        elif local in _LINES or (self._bare and local not in _RUNS):
            self._seen.append(" " if self._cells else "\n")
        self._bare = False

    def _text(self, text: str) -> None:
        (self._aside if self._asides else self._seen).append(text)
        self._bare = True


def refuse_entities(*_declaration: object) -> None:
    """Handle an entity declaration: honest Office files have none."""
    raise UnreadError(Reason.LIMIT)
