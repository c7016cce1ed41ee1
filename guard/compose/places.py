"""Places in files, as readers and detectors name them, in the language of the one who is told."""

import re
from collections.abc import Mapping
from typing import Final

from guard.compose.language import speak


def N_(message: str) -> str:  # noqa: N802 -- the mark that the extractor of catalogues looks for
    """Mark *message* for the catalogues; it is translated where it is used."""
    return message


_SHAPES: Final[Mapping[re.Pattern[str], str]] = {
    # With what follows: languages join a sheet and its rows in their own ways.
    re.compile(r"hidden sheet “(?P<name>[^”]*)”, (?=rows? \d)"): N_("hidden sheet “{name}”, "),
    re.compile(r"(?<!hidden )sheet “(?P<name>[^”]*)”, (?=rows? \d)"): N_("sheet “{name}”, "),
    re.compile(r"hidden sheet “(?P<name>[^”]*)”"): N_("hidden sheet “{name}”"),
    re.compile(r"(?<!hidden )sheet “(?P<name>[^”]*)”"): N_("sheet “{name}”"),
    re.compile(r"\brow (?P<row>\d+)"): N_("row {row}"),
    re.compile(r"\brows (?P<first>\d+)–(?P<last>\d+)"): N_("rows {first}–{last}"),
    re.compile(r"\bline (?P<line>\d+)"): N_("line {line}"),
    re.compile(r"\blines (?P<first>\d+)–(?P<last>\d+)"): N_("lines {first}–{last}"),
    re.compile(r"\bpage (?P<page>\d+)"): N_("page {page}"),
    # Behind the name of a file or of a sheet, and at the end: a file may be called so, too.
    re.compile(r"\bslide (?P<slide>\d+)(?=$|, )"): N_("slide {slide}"),
    re.compile(r"\bnotes (?P<slide>\d+)(?=$|, )"): N_("notes of slide {slide}"),
    re.compile(r"(?:^|(?<=, ))header or footer$"): N_("header or footer"),
    re.compile(r"(?:^|(?<=, ))header$"): N_("header"),
    re.compile(r"(?:^|(?<=, ))footer$"): N_("footer"),
    re.compile(r"(?:^|(?<=, ))footnotes$"): N_("footnotes"),
    re.compile(r"(?:^|(?<=, ))endnotes$"): N_("endnotes"),
    re.compile(r"(?:^|(?<=, ))comments$"): N_("comments"),
    re.compile(r"(?:^|(?<=, ))text box$"): N_("text box"),
    re.compile(r"(?:^|(?<=, ))deleted text$"): N_("deleted text"),
    re.compile(r"(?:^|(?<=, ))field codes$"): N_("field codes"),
    re.compile(r"(?:^|(?<=, ))properties$"): N_("properties"),
    re.compile(r"(?:^|(?<=, ))links$"): N_("links"),
    re.compile(r"(?:^|(?<=, ))drawing$"): N_("drawing"),
    re.compile(r"(?:^|(?<=, ))macros$"): N_("macros"),
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
