"""What a mail of ours says, once, and written twice: as plain text and as simple HTML."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from guard.compose.difference import Segments, bracketed
from guard.compose.wrap import COLUMNS, width, wrap

INDENT: Final = "  "

_ADDRESS: Final = "font-family:Consolas,Menlo,monospace,monospace;font-size:1em"
"""Twice, for browsers show plain ``monospace`` at 13 pixels, and addresses are what matters."""

_BUTTON: Final = (
    "display:inline-block;padding:.5em 1.25em;border-radius:.25em;background:#1d3557;color:#fff;"
    "text-decoration:none"
)


@dataclass(frozen=True, slots=True)
class Heading:
    """The head of a section; what follows is indented under it."""

    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """A label and its value; an empty label goes on with the one before."""

    label: str
    value: str | Segments
    """Segments are an address with its differing letters marked."""

    note: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows, one under the other."""

    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """An address to open, whole, on a line of its own; in HTML under a button that opens it too."""

    url: str
    label: str
    """What the button says."""


Block = Heading | Paragraph | Table | Link


def as_text(blocks: Sequence[Block], language: str) -> str:
    """Write *blocks* as plain text, 72 columns wide where addresses and links allow it."""
    mark = "■ " if language == "ja" else ""
    lines: list[str] = []
    indent = ""
    gap: list[str] = []
    for block in blocks:
        match block:
            case Heading(text):
                lines += [*gap, mark + text]
                indent, gap = INDENT, []  # what follows stands close under its heading
                continue
            case Paragraph(text):
                new = [indent + line for line in wrap(text, COLUMNS - len(indent))]
            case Link(url, _):
                new = [indent + url]
            case Table(rows):
                new = _columns(rows, indent)
        lines += [*gap, *new]
        gap = [""]
    return "\n".join(lines) + "\n"


def as_html(blocks: Sequence[Block], language: str) -> str:
    """Write *blocks* as HTML that any mail program shows: no images, scripts or foreign styles."""
    body = "\n".join(_element(block) for block in blocks)
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n'
        '<head><meta charset="utf-8"><meta name="color-scheme" content="light dark"></head>\n'
        '<body style="font-family:sans-serif;line-height:1.6;max-width:42em">\n'
        f"{body}\n</body>\n</html>\n"
    )


def _columns(rows: Sequence[Row], indent: str) -> list[str]:
    """Set rows in columns, with hanging indents."""
    wide = max(width(row.label) for row in rows)
    hang = indent + " " * (wide + 2)
    lines: list[str] = []
    for row in rows:
        value = row.value if isinstance(row.value, str) else bracketed(row.value)
        note = f"({row.note})" if row.note else ""
        label = indent + row.label + " " * (wide - width(row.label) + 2)
        beside = f"{value}  {note}".rstrip()
        fits = width(hang + beside) <= COLUMNS
        parts = [beside] if fits else [value, note] if note else [value]
        first, *more = [line for part in parts for line in wrap(part, COLUMNS - len(hang))]
        lines += [(label + first).rstrip(), *(hang + line for line in more)]
    return lines


def _element(block: Block) -> str:
    match block:
        case Heading(text):
            return f'<h2 style="font-size:1em;margin:1.5em 0 .5em">{escape(text)}</h2>'
        case Paragraph(text):
            return f"<p>{escape(text)}</p>"
        case Link(url, label):
            address = escape(url)
            return (
                f'<p><a href="{address}" style="{_BUTTON}">{escape(label)}</a></p>\n'
                f'<p style="overflow-wrap:anywhere"><a href="{address}">{address}</a></p>'
            )
        case Table(rows):
            cells = "\n".join(
                '<tr><th scope="row" style="text-align:left;vertical-align:top;font-weight:normal;'
                f'padding:0 1.5em .25em 0;white-space:nowrap">{escape(row.label)}</th>'
                f'<td style="vertical-align:top;padding:0 0 .25em;overflow-wrap:anywhere">'
                f"{_value(row)}</td></tr>"
                for row in rows
            )
            return f'<table style="border-collapse:collapse;margin:0 0 1em">\n{cells}\n</table>'


def _value(row: Row) -> str:
    if isinstance(row.value, str):
        value = escape(row.value)
    else:
        marked = "".join(
            '<b style="background:#ffe08a;color:#000;text-decoration:underline">'
            f"{escape(part.text)}</b>"
            if part.differs
            else escape(part.text)
            for part in row.value
        )
        value = f'<span style="{_ADDRESS}">{marked}</span>'
    return f"{value} ({escape(row.note)})" if row.note else value
