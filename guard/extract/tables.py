"""
What an OpenDocument spreadsheet shows that its cells' values do not say (OpenDocument 1.3 §9.1).

A cell has a value, and beside it the text that people see: ``9012345678`` and ``090-1234-5678``.
Readers of cells give the value, and nothing of a cell that has none. Here is told, by the octets,
whether the two say the same throughout, as they do in most files; where they do not, the whole
part has to be read as the document that it is.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

_MARKS: Final = (b"annotation>", b"<draw:", b"text:h ", b"xlink:", b"<svg:", b"<office:event")
"""What stands in rows and is no cell's text."""

_CELL: Final = b"<table:table-cell"
_COVERED: Final = b"<table:covered-table-cell"
_ROW: Final = b"<table:table-row"
_CELL_END: Final = b"</text:p></table:table-cell>"
_ROW_END: Final = b"</table:table-row>"
_GROUP_MARKS: Final = (b"<table:table-row-group", b"<table:table-header-r", b"<table:table-rows")
_GROUPS: Final = re.compile(rb"</?table:table-(?:row-group|header-rows|rows)\b[^<]*>")
_BETWEEN: Final = re.compile(rb"</table:table-row>[^<]*<(?!/?table:|text:soft-page-break)")

_EMPTY: Final = re.compile(rb"[^<]*(?:/>|>\s*</table:)")
_TEXT: Final = re.compile(rb"[^<]*\soffice:value-type=\"string\"[^<]*>\s*<text:p\b")
_PLAIN: Final = re.compile(rb"([^<]*)>\s*<text:p>([^<]*)</text:p>\s*</table:")
_STRING: Final = re.compile(rb"\soffice:string-value=\"([^\"]*)\"[^<]*>\s*<text:p>(?!\1</text:p>)")
_VALUE: Final = re.compile(rb"\soffice:((?:date-|time-|boolean-)?value)=\"([^\"]*)\"")
_AMOUNT: Final = re.compile(r"[^\w@.]{0,4}((?:0|[1-9][\d,]*)(?:\.(\d+))?)([^\d@]{0,4})")
_NUMBERS: Final = re.compile(r"\d+")
_ERAS: Final = (1867, 1911, 1925, 1988, 2018)
"""The years before 明治, 大正, 昭和, 平成 and 令和 began."""

_LONG_DATE: Final = 40
_WORDS: Final = re.compile(r"[^\W\d_]+")
_OF_DATES: Final = re.compile(
    r"(?:[年月日時分秒曜火水木金土元]|明治|大正|昭和|平成|令和|午前|午後)+"
    r"|(?:sun|mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?)(?:day)?"
    r"|jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|st|nd|rd|th|of|at|am|pm|[a-z]",
    re.IGNORECASE,
)
"""Words of dates in Japanese and English; a letter alone stands for an era, a day or a unit."""

_BLOCK: Final = 1 << 20
_MOST_HEADS: Final = 50_000


def shows_more(content: bytes) -> bool:
    """Whether what people see in a content part is not all in the values of its cells."""
    if _CELL not in content:
        return b"table-cell" in content  # under a name that nobody gives the namespace
    start = content.find(_ROW)
    if any(content.find(mark, start) >= 0 for mark in _MARKS):
        return True
    if b"string-value" in content and _STRING.search(content):
        return True
    if _BETWEEN.search(content):
        return True
    cells = [_CELL, _COVERED] if _COVERED in content else [_CELL]
    return not all(_usual(_chunks(content, cell)) for cell in cells)


def without_rows(content: bytes) -> bytes:
    """Give the part without the rows of its tables: settings, names, filters, changes."""
    pieces = []
    at = 0
    grouped = any(mark in content for mark in _GROUP_MARKS)
    for table in re.finditer(rb"<table:table\s", content):
        start = content.find(_ROW, max(at, table.start()))
        ends = content.find(b"</table:table>", table.start())
        end = content.rfind(_ROW_END, start, ends) + len(_ROW_END)
        if at <= start < end <= ends:
            pieces.append(content[at:start])
            pieces.extend(_GROUPS.findall(content, start, end) if grouped else ())
            at = end
    return b"".join([*pieces, content[at:]])


def _chunks(content: bytes, cell: bytes) -> Iterator[bytes]:
    """Give what follows each *cell* up to the next, without splitting all of it at once."""
    at = content.find(cell)
    while at >= 0:
        end = content.find(cell, at + _BLOCK)
        yield from content[at : end if end >= 0 else None].split(cell)[1:]
        at = end


def _usual(chunks: Iterator[bytes]) -> bool:
    """Whether all cells, each up to the next, are empty, texts, or show the values they have."""
    texts: set[bytes] = set()
    usual: set[bytes] = set()
    for chunk in chunks:
        # Most cells are texts, and most of these begin alike.
        head, paragraph, rest = chunk.partition(b"><text:p>")
        if paragraph and head in texts:
            continue
        if paragraph and b"<" not in head:
            value = head.partition(b' office:value="')[2].partition(b'"')[0]
            if value and rest.startswith(value + _CELL_END):
                continue
        if chunk in usual:
            continue
        if not _usual_cell(chunk):
            return False
        if len(usual) < _MOST_HEADS:
            usual.add(chunk)
            if paragraph and b"<" not in head and b'value-type="string"' in head:
                texts.add(head)
    return True


def _usual_cell(chunk: bytes) -> bool:
    """Whether a cell is empty, or a text, or shows the value that it has."""
    if _EMPTY.match(chunk) or _TEXT.match(chunk):
        return True
    plain = _PLAIN.match(chunk)
    value = _VALUE.search(plain[1]) if plain else None
    return bool(plain and value and _same(value[1], value[2], plain[2]))


@lru_cache(maxsize=10_000)
def _same(kind: bytes, value: bytes, shown: bytes) -> bool:
    """Whether a cell's text says no more than its value does."""
    text, said = shown.decode("utf-8", "replace").strip(), value.decode("utf-8", "replace")
    if kind == b"value":
        return _same_amount(text, said)
    if kind == b"boolean-value":
        return len(text) <= len("FALSE")
    return _same_date(text, said)


def _same_amount(text: str, value: str) -> bool:
    """Whether a number is only rounded, grouped, called a share or given a unit."""
    found = _AMOUNT.fullmatch(text)
    if not found:
        return False
    try:
        read, number = float(found[1].replace(",", "")), abs(float(value))
    except ValueError:
        return False
    if "%" in found[3]:
        read /= 100
    rounding = 0.51 * 10.0 ** -len(found[2] or "") / (100 if "%" in found[3] else 1)
    return abs(read - number) <= rounding + number * 1e-9


def _same_date(text: str, value: str) -> bool:
    """
    Whether all numbers in a date as it shows are in the date that it is, and the words are usual.

    Those of other languages cost a second reading, and nothing else.
    """
    if max(len(text), len(value)) > _LONG_DATE:
        return False
    if not all(_OF_DATES.fullmatch(word) for word in _WORDS.findall(text)):
        return False
    known = {int(number) for number in _NUMBERS.findall(value)}
    known |= {known_ % 100 for known_ in known} | {known_ % 12 for known_ in known} | {12}
    known |= {number - era for number in list(known) for era in _ERAS}
    return all(int(number) in known for number in _NUMBERS.findall(text))
