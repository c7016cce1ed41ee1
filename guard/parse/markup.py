"""
HTML to text: what a reader sees, and what else stands in the markup.

No tree is built and no style is computed: text hidden by CSS counts as seen, because the next
program may show it. The walk is linear in the length of the document, whatever is in it.
"""

import re
from dataclasses import dataclass
from html import unescape
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
_MARKS: Final = str.maketrans("", "", _ROW + _CELL + _END)
_INNER_ROW: Final = re.compile(f"{_ROW}([^{_ROW}{_END}]*){_END}")

_NESTED_TABLES: Final = 8
_ROW_CHARS: Final = 1_000
"""A table row longer than this is a page laid out by tables, not a row of data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """An HTML document as text."""

    text: str
    """One block a line; a row of a table is a line with tabs between its cells."""

    aside: str
    """What the page does not show: attribute values, comments, scripts, styles, the title."""


def page(html: str) -> Page:
    """Read HTML. Anything reads as something."""
    seen: list[str] = []
    aside: list[str] = []
    at = 0
    verbatim = 0
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
        at = _attributes(html, at, aside)
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
            # HTML lets a row's end tag be left out: the next row or the table's end closes it.
            seen.append((_END if in_row[-1] and (name == "tr" or not opened) else "") + "\n")
            if name == "tr":
                seen.append(_ROW if opened else "")
                in_row[-1] = opened
            elif opened:
                in_row.append(False)
            else:
                in_row[-1:] = [] if len(in_row) > 1 else [False]
        elif name in _BLOCKS:
            seen.append("\n")
    seen.append(_run(html[at:], verbatim=verbatim > 0))
    return Page(text=_lines("".join(seen)), aside="\n".join(_spoken(aside)))


def _run(text: str, *, verbatim: bool) -> str:
    """Give a run of text as it is shown."""
    if not verbatim:
        text = _BLANKS.sub(" ", text)
    if "&" in text:
        text = unescape(text)
    return text.translate(_MARKS) if not text.isprintable() else text


def _attributes(html: str, at: int, aside: list[str]) -> int:
    """Walk to the end of a tag and keep the values that say something."""
    if html.startswith(">", at):
        return at + 1
    while attribute := _ATTRIBUTE.match(html, at):
        at = attribute.end()
        if attribute["end"]:
            return at
        name = attribute["name"].lower()
        if name in _SPOKEN or name.startswith("data-"):
            value = attribute["double"] or attribute["single"] or attribute["bare"]
            if value:
                aside.append(unescape(value))
    return len(html)


def _spoken(aside: list[str]) -> list[str]:
    """Drop what is empty or repeated."""
    return list(dict.fromkeys(text for piece in aside if (text := piece.strip())))


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
