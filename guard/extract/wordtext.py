"""Text of Word with its marks: ends of lines and cells, fields, and what was deleted."""

from typing import Final

DELETED: Final = "\uffff"
"""Stands for a character that a reviser took out, so that the others keep their numbers."""

_FIELD: Final = "\x13"
_RESULT: Final = "\x14"
_FIELD_END: Final = "\x15"
_MARKS: Final = str.maketrans(
    {
        "\r": "\n",
        "\x0b": "\n",
        "\x0c": "\n",
        "\x0e": "\n",
        "\x07": "\t",
        "\x1e": "-",
        **dict.fromkeys((DELETED, "\x1f", "\0", "\x01", "\x02", "\x03", "\x04", "\x05", "\x08")),
    }
)
"""[MS-DOC] §2.4.1, and what anchors pictures, notes and comments."""


def spoken(text: str) -> tuple[str, str]:
    """Give the text that people see, and the codes of its fields, a line each."""
    if _FIELD not in text:
        return _lines(text), ""
    seen: list[str] = []
    codes: list[str] = []
    open_fields: list[tuple[list[str], list[str]]] = []
    """Code of each, and where its result is shown: to all, or in the code of one around it."""
    shown = seen
    for number, piece in enumerate(_pieces(text)):
        mark, rest = (piece[0], piece[1:]) if number else ("", piece)
        if mark == _FIELD:
            open_fields.append(([], shown))
            shown = open_fields[-1][0]
        elif mark == _RESULT and open_fields:
            shown = open_fields[-1][1]
        elif mark == _FIELD_END and open_fields:
            code, shown = open_fields.pop()
            codes.append("".join(code).strip())
        shown.append(rest)
    codes.extend("".join(code).strip() for code, _ in open_fields)
    return _lines("".join(seen)), "\n".join(filter(None, codes)).translate(_MARKS)


def _pieces(text: str) -> list[str]:
    """Cut before each mark of a field; the first piece has none."""
    for mark in (_FIELD, _RESULT, _FIELD_END):
        text = text.replace(mark, f"\ufffe{mark}")
    return text.split("\ufffe")


def _lines(text: str) -> str:
    lines = text.translate(_MARKS).split("\n")
    return "\n".join(line.rstrip("\t ") for line in lines if line.strip())
