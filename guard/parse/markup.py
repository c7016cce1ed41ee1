"""
HTML to text: what a reader sees, and what else stands in the markup.

No tree is built and no style is computed: text hidden by CSS counts as seen, because the next
program may show it. What a style may move together or apart is given both ways. The walk is linear
in the length of the document, whatever is in it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from itertools import groupby
from typing import Final

_TAG: Final = re.compile(r"<(?:(?P<comment>!--)|(?P<close>/?)(?P<name>[a-zA-Z][^\s/>]*)|[!?/])")
_ATTRIBUTE: Final = re.compile(
    r"""[\s/]*(?:(?P<end>>)|(?P<name>[^\s>/][^\s>/=]*)
        (?:\s*=\s*(?:"(?P<double>[^"]*)"?|'(?P<single>[^']*)'?|(?P<bare>[^\s>]*)))?)""",
    re.VERBOSE,
)
_END_OF_COMMENT: Final = re.compile(r"--!?>")
_UNSEEN: Final = {
    name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in ("script", "style", "title")
}
"""Elements whose content is no part of the page, and where each ends (HTML 13.2.5)."""

_SPOKEN: Final = {
    "alt", "title", "href", "src", "value", "content", "placeholder", "label", "summary",
    "aria-label", "action", "cite",
}  # fmt: skip
"""Attributes with text or addresses in them."""

_NUMBER_CHARS: Final = 8
_NUMBER: Final = re.compile(r"\d[\d-]{8}")

_CSS_ESCAPE: Final = re.compile(r"\\([0-9a-fA-F]{1,6})[ \t\n]?")
_INDENT: Final = re.compile(r"border(?:-left)?\s*:\s*none", re.IGNORECASE)
"""In the style of a `blockquote` by which mail programs move text to the right."""

_TURNED: Final = ("<bdo", "bidi-override")
"""Turn the direction of writing, whatever is written."""

_BLOCKS: Final = {
    "address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "details",
    "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form",
    "frame", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hr", "html", "iframe", "legend",
    "li", "main", "menu", "nav", "ol", "optgroup", "option", "p", "pre", "section", "select",
    "summary", "table", "tbody", "textarea", "tfoot", "thead", "ul",
}  # fmt: skip
"""Elements that begin and end a line."""

_BLANKS: Final = re.compile(r"[ \t\n\r\f]+")
_ROW: Final = "\x01"
_CELL: Final = "\x02"
_END: Final = "\x03"
_JOINT: Final = "\x04"
_QUOTE: Final = "\x05"
_UNQUOTE: Final = "\x06"
_MARKS: Final = str.maketrans("", "", _ROW + _CELL + _END + _JOINT + _QUOTE + _UNQUOTE)
_INNER_ROW: Final = re.compile(f"{_ROW}([^{_ROW}{_END}]*){_END}")

_JOINED: Final = re.compile(
    # Begins with a letter that `re` can look for.
    rf"{_JOINT}(?<=[A-Za-z0-9]{_JOINT}){_JOINT}*(?=[A-Za-z0-9])"
)
_PIECES: Final = re.compile(r"[\n\t]")
_SHORT: Final = 3
_MANY: Final = 6
"""So many lines or cells of so few characters are text that a style puts together."""

_MARKS_TO_BLANKS: Final = str.maketrans(
    {_ROW: " ", _CELL: "\t", _END: " ", _JOINT: "", _QUOTE: "", _UNQUOTE: ""}
)

_QUOTES: Final = 8
"""Quotes within each other that are marked."""

_NESTED_TABLES: Final = 8
_ROW_CHARS: Final = 1_000
"""A table row longer than this is a page laid out by tables, not a row of data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """An HTML document as text."""

    text: str
    """
    One block a line; a row of a table is a line with tabs between its cells.

    What the page quotes has ``> `` before each line, as in plain text.
    """

    aside: str
    """What the page does not show: attribute values, comments, scripts, styles, the title."""


def page(html: str) -> Page:
    """Read HTML. Anything reads as something."""
    seen: list[str] = []
    aside: list[str] = []
    at = 0
    verbatim = 0
    quotes: list[bool] = []  # for each `blockquote` that is open: whether it quotes
    in_row = [False]  # for each table that is open; the first stands for rows without a table
    while tag := _TAG.search(html, at):
        if tag.start() > at:
            seen.append(_run(html[at : tag.start()], verbatim=verbatim > 0))
        at = tag.end()
        if tag["comment"]:
            end = _END_OF_COMMENT.search(html, at)
            aside.append(html[at : end.start() if end else len(html)])
            at = end.end() if end else len(html)
            continue
        if tag["name"] is None:  # a doctype, a processing instruction, or a broken tag
            end_at = html.find(">", at)
            aside.append(html[at : end_at if end_at >= 0 else len(html)])
            at = end_at + 1 if end_at >= 0 else len(html)
            continue
        name = tag["name"].lower()
        start, at = at, _attributes(html, at, name, aside)
        opened = not tag["close"]
        if name == "pre":
            verbatim = max(0, verbatim + (1 if opened else -1))
        if opened and name in _UNSEEN:
            end = _UNSEEN[name].search(html, at)
            aside.append(html[at : end.start() if end else len(html)])
            at = end.start() if end else len(html)
        elif name in {"td", "th"}:
            seen.append(_CELL if opened else "")
        elif name in {"tr", "table"}:
            seen.append(_table(name, opened, in_row))
        elif name == "blockquote":
            seen.append(_quote(html[start:at] if opened else None, quotes))
        elif name in _BLOCKS:
            seen.append("\n")
        else:
            seen.append(_JOINT)
    seen.append(_run(html[at:], verbatim=verbatim > 0))
    marked = "".join(seen)
    text = _lines(marked.replace(_JOINT, ""))
    aside += (_apart(marked), *_together(text))
    if any(turned in html.lower() for turned in _TURNED):
        aside.append("\n".join(line[::-1] for line in text.split("\n")))
    return Page(text=_quoted(text), aside="\n".join(_spoken(aside)))


def _table(name: str, opened: bool, in_row: list[bool]) -> str:
    """Give the marks for a tag of a table or row; *in_row* is brought up to date."""
    # HTML lets a row's end tag be left out: the next row or the table's end closes it.
    marks = (_END if in_row[-1] and (name == "tr" or not opened) else "") + "\n"
    if name == "tr":
        in_row[-1] = opened
        return marks + (_ROW if opened else "")
    if opened:
        in_row.append(False)
    else:
        in_row[-1:] = [] if len(in_row) > 1 else [False]
    return marks


def _quote(attributes: str | None, quotes: list[bool]) -> str:
    """Give the marks for a `blockquote`, `None` for its end; *quotes* is brought up to date."""
    if attributes is None:
        return _UNQUOTE * bool(quotes and quotes.pop()) + "\n"
    quotes.append(_INDENT.search(attributes) is None)
    return "\n" + _QUOTE * quotes[-1]


def _together(text: str) -> Iterator[str]:
    """Give what lines and cells of a few characters say without what parts them."""
    for short, run in groupby(_PIECES.split(text), lambda piece: len(piece) <= _SHORT):
        if short and len(pieces := list(run)) >= _MANY:
            yield "".join(pieces)


def _apart(text: str) -> str:
    """Give the lines in which tags stand between letters or digits, with blanks there."""
    if not _JOINED.search(text):
        return ""
    lines = (line for line in text.split("\n") if _JOINED.search(line))
    return "\n".join(_JOINED.sub(" ", line).translate(_MARKS_TO_BLANKS) for line in lines)


def _quoted(text: str) -> str:
    """Turn the marks of quotes into what quotes in plain text."""
    if _QUOTE not in text:
        return text.replace(_UNQUOTE, "")
    lines = []
    depth = 0
    for line in text.split("\n"):
        depth += line.count(_QUOTE)
        if bare := line.translate(_MARKS):
            lines.append("> " * min(depth, _QUOTES) + bare)
        depth -= line.count(_UNQUOTE)
    return "\n".join(lines)


def _run(text: str, *, verbatim: bool) -> str:
    """Give a run of text as it is shown."""
    if not verbatim:
        text = _BLANKS.sub(" ", text)
    if "&" in text:
        text = unescape(text)
    return text.translate(_MARKS) if not text.isprintable() else text


def _attributes(html: str, at: int, element: str, aside: list[str]) -> int:
    """Walk to the end of a tag and keep the values that say something."""
    if html.startswith(">", at) and element.isascii():
        return at + 1
    start = at
    odd = _tells(element)  # words that stand where names do
    while attribute := _ATTRIBUTE.match(html, at):
        at = attribute.end()
        if attribute["end"]:
            break
        value = attribute["double"] or attribute["single"] or attribute["bare"]
        name = attribute["name"].lower()
        odd |= _tells(name)
        if not value:
            continue
        if name in _SPOKEN or name.startswith("data-") or _tells(value):
            aside.append(unescape(value))
    else:
        at = len(html)
    if odd:
        aside.append(element + html[start:at])
    return at


def _tells(value: str) -> bool:
    """Whether an attribute without a text says something about somebody."""
    if not value.isascii() or "@" in value or "&" in value or "\\" in value:
        return True
    return len(value) > _NUMBER_CHARS and _NUMBER.search(value) is not None


def _spoken(aside: list[str]) -> list[str]:
    """Drop what is empty or repeated; undo what style sheets escape."""
    escaped = [piece for piece in aside if "\\" in piece and _CSS_ESCAPE.search(piece)]
    aside += (_CSS_ESCAPE.sub(_character, piece) for piece in escaped)
    return list(dict.fromkeys(text for piece in aside if (text := piece.strip())))


def _character(escape: re.Match[str]) -> str:
    code = int(escape[1], 16)
    return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"


def _lines(text: str) -> str:
    """Turn the marks of rows and cells into lines and tabs, innermost tables first."""
    for _ in range(_NESTED_TABLES):
        text, count = _INNER_ROW.subn(_row, text)
        if not count:
            break
    text = text.replace(_CELL, "\t").replace(_ROW, "\n").replace(_END, "\n")
    lines = (line.strip(" ") for line in text.split("\n"))
    return "\n".join(line for line in lines if line.strip())


def _row(found: re.Match[str]) -> str:
    """Make a line of a row of data; leave the lines of a page that is laid out by a table."""
    cells = [cell.strip() for cell in found[1].split(_CELL)]
    cells = cells[0 if cells[0] else 1 :]  # text before the first cell is shown all the same
    filled = [cell for cell in cells if cell]
    if len(filled) > 1 and len(found[1]) <= _ROW_CHARS:
        return "\n" + "\t".join(" ".join(cell.split("\n")) for cell in cells) + "\n"
    return "\n" + "\n".join(filled) + "\n"
