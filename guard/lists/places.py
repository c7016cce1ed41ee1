"""Postal codes and addresses: enough of one to tell two apart, and no more."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from guard.lists.fold import CJK, fold, squeeze

_KANJI_NUMBER: Final = re.compile(
    r"([一二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九])(?=丁目|番|号)"
)
_NUMBERED: Final = re.compile("[十一二三四五六七八九][丁番号]")
_KANJI_DIGITS: Final = "〇一二三四五六七八九"
_BETWEEN: Final = r"(?:丁目|番地ノ|番地|番|号|-|ノ| )+"

# 千代田区丸の内1-2-3: the end of the town, and up to three numbers.
_JAPANESE: Final = re.compile(
    rf"([{CJK}]{{2}}) ?(\d{{1,4}})(?:{_BETWEEN}(\d{{1,4}}))?(?:{_BETWEEN}(\d{{1,4}}))?(?!\d)"
)
_NUMBER_STREET: Final = re.compile(r"(?<![a-z\d])(\d{1,5}[a-z]?),? ([^\W\d_]{2,})")
_STREET_NUMBER: Final = re.compile(r"([^\W\d_]{3,})[.,]? (\d{1,4}[a-z]?)(?![a-z\d])")

_CODE_PART: Final = re.compile(r"(?<![a-z\d])[a-z\d]{2,10}(?![a-z\d])")
_JAPANESE_CODE: Final = re.compile(r"(?<!\d)(\d{3})[- ]?(\d{4})(?!\d)")


def addresses_in(folded: str) -> Iterator[str]:
    """Give all in a folded text that could be house number and street, or town and block."""
    arabic = _KANJI_NUMBER.sub(_arabic, folded) if _NUMBERED.search(folded) else folded
    for match in _JAPANESE.finditer(arabic):
        town, *numbers = match.groups()
        yield f"{town}{'-'.join(number for number in numbers if number)}"
    for match in _NUMBER_STREET.finditer(folded):
        yield f"{match[2]} {match[1]}"
    for match in _STREET_NUMBER.finditer(folded):
        yield f"{match[1]} {match[2]}"


def address_key(value: str) -> str | None:
    """Give what the list keeps of an address; `None` where it has no number."""
    return next(addresses_in(fold(value)), None)


def postcodes_in(folded: str) -> Iterator[str]:
    """Give every stretch of a folded text that could be a postal code."""
    for match in _JAPANESE_CODE.finditer(folded):
        yield _code(match[1] + match[2])
    parts = list(_CODE_PART.finditer(folded))
    for part in parts:
        if not part.group().isalpha():
            yield _code(part.group())
    for part, following in pairwise(parts):
        if following.start() - part.end() == 1 and not (part.group() + following.group()).isalpha():
            yield _code(part.group() + following.group())


def postcode_key(value: str) -> str | None:
    """Give what the list keeps of a postal code, without the zeros that a spreadsheet loses."""
    code = squeeze(fold(value))
    return _code(code) if 3 <= len(code) <= 10 and not code.isalpha() else None


def _code(code: str) -> str:
    return code.lstrip("0") if code.isdigit() else code


def _arabic(match: re.Match[str]) -> str:
    tens, ten, ones = match[1].rpartition("十")
    if not ten:
        return str(_KANJI_DIGITS.index(ones))
    return str(
        (_KANJI_DIGITS.index(tens) if tens else 1) * 10 + (_KANJI_DIGITS.index(ones) if ones else 0)
    )
