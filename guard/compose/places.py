"""Places in files, as readers and detectors name them, in the language of the one who is told."""

import re
from collections.abc import Mapping
from typing import Final

from guard.compose.language import speak


def N_(message: str) -> str:  # noqa: N802 -- the mark that the extractor of catalogues looks for
    """Mark *message* for the catalogues; it is translated where it is used."""
    return message


def _step(word: str) -> re.Pattern[str]:
    """Match *word* as a whole step of a place: a file may be called ``form.pdf``."""
    return re.compile(rf"(?:^|(?<=, )){word}(?=$|, )")


_SHAPES: Final[Mapping[re.Pattern[str], str]] = {
    # With what follows: languages join a sheet and its rows in their own ways.
    re.compile(r"hidden sheet “(?P<name>[^”]*)”, (?=rows? \d)"): N_("hidden sheet “{name}”, "),
    re.compile(r"(?<!hidden )sheet “(?P<name>[^”]*)”, (?=rows? \d)"): N_("sheet “{name}”, "),
    re.compile(r"hidden sheet “(?P<name>[^”]*)”"): N_("hidden sheet “{name}”"),
    re.compile(r"(?<!hidden )sheet “(?P<name>[^”]*)”"): N_("sheet “{name}”"),
    re.compile(r"\btable “(?P<name>[^”]*)”, (?=rows? \d)"): N_("table “{name}”, "),
    re.compile(r"\btable “(?P<name>[^”]*)”"): N_("table “{name}”"),
    re.compile(r"\brow (?P<row>\d+)"): N_("row {row}"),
    re.compile(r"\brows (?P<first>\d+)–(?P<last>\d+)"): N_("rows {first}–{last}"),
    re.compile(r"\bline (?P<line>\d+)"): N_("line {line}"),
    re.compile(r"\blines (?P<first>\d+)–(?P<last>\d+)"): N_("lines {first}–{last}"),
    re.compile(r"\bpage (?P<page>\d+)"): N_("page {page}"),
    # Whole steps of a place only: files may be called "form.pdf".
    _step("note"): N_("note"),
    _step("drawn over"): N_("drawn over"),
    _step("picture"): N_("picture"),
    _step("form"): N_("form"),
    _step("outline"): N_("outline"),
    _step("properties"): N_("properties"),
    _step("other strings"): N_("other strings"),
    _step("deleted rows"): N_("deleted rows"),
    _step("definitions"): N_("definitions"),
    _step("columns"): N_("columns"),
    _step("links"): N_("links"),
    re.compile(r"^and (?P<count>\d+) other places$"): N_("and {count} other places"),
    re.compile(r"^and more rows, not counted$"): N_("and more rows, not counted"),
}
"""What `Passage.place` and `CustomerRows.places` are made of."""


def placed(place: str, language: str) -> str:
    """Give *place* in *language*; words that are not known stay as they are."""
    _ = speak(language).gettext
    for shape, message in _SHAPES.items():

        def spoken(found: re.Match[str], message: str = message) -> str:
            # A sheet may be called anything, braces too: the name is put in last, by itself.
            said = _(message)
            for name, value in found.groupdict().items():
                said = said.replace(f"{{{name}}}", value)
            return said

        place = shape.sub(spoken, place)
    return place
