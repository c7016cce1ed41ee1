"""Places in files, as readers and detectors name them, in the language of the one who is told."""

import re
from collections.abc import Mapping
from typing import Final

from guard.compose.language import speak


def N_(message: str) -> str:  # noqa: N802 -- the mark that the extractor of catalogues looks for
    """Mark *message* for the catalogues; it is translated where it is used."""
    return message


_WORDS: Final = (
    N_("attachment"),
    N_("attributes"),
    N_("beside the cells"),
    N_("beside the parts"),
    N_("bookmarks"),
    N_("chart"),
    N_("columns"),
    N_("comment"),
    N_("comments"),
    N_("definitions"),
    N_("deleted rows"),
    N_("deleted text"),
    N_("drawing"),
    N_("drawn over"),
    N_("earlier revision"),
    N_("endnotes"),
    N_("field codes"),
    N_("file name"),
    N_("footer"),
    N_("footnotes"),
    N_("form"),
    N_("formulas"),
    N_("header"),
    N_("header or footer"),
    N_("headers and prompts"),
    N_("hidden rows"),
    N_("hidden text"),
    N_("index entries"),
    N_("links"),
    N_("macros"),
    N_("markup"),
    N_("master"),
    N_("names"),
    N_("note"),
    N_("notes"),
    N_("object"),
    N_("other strings"),
    N_("outline"),
    N_("page outside of the document"),
    N_("picture"),
    N_("pivot cache"),
    N_("pivot table"),
    N_("prompts"),
    N_("properties"),
    N_("scenarios"),
    N_("source"),
    N_("subject"),
    N_("table"),
    N_("text box"),
    N_("unknown destination"),
    N_("values of another workbook"),
)
"""What stands between commas."""

_SHAPES: Final[Mapping[re.Pattern[str], str]] = {
    re.compile(r" with hidden columns (?P<columns>[A-Z–]+(?:, [A-Z–]+)*)\b"): N_(
        " with hidden columns {columns}"
    ),
    # With what follows: languages join a sheet and its rows in their own ways.
    re.compile(r"very hidden sheet “(?P<name>[^”]*)”, (?=rows? \d)"): N_(
        "very hidden sheet “{name}”, "
    ),
    re.compile(r"very hidden sheet “(?P<name>[^”]*)”"): N_("very hidden sheet “{name}”"),
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
    re.compile(r"hidden slide (?P<slide>\d+)"): N_("hidden slide {slide}"),
    re.compile(r"\bslide (?P<slide>\d+)"): N_("slide {slide}"),
    re.compile(r"\bcomment at (?P<cell>[A-Z]{1,3}\d+)"): N_("comment at {cell}"),
    **{re.compile(rf"(?:^|(?<=, )){word}(?=$|, )"): word for word in _WORDS},
    re.compile(r"(?:^|(?<=, ))header of part (?P<part>[\d.]+)(?=$|, )"): N_(
        "header of part {part}"
    ),
    re.compile(r"(?:^|(?<=, ))beside the parts of part (?P<part>[\d.]+)(?=$|, )"): N_(
        "beside the parts of part {part}"
    ),
    re.compile(r"(?:^|(?<=, ))part (?P<part>[\d.]+)(?=$|, )"): N_("part {part}"),
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
