"""Dates of birth, in any of the ways that they are written."""

import re
from collections.abc import Iterator
from typing import Final

from guard.lists.fold import fold

_ERAS: Final = {
    "明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018,
    "m": 1867, "t": 1911, "s": 1925, "h": 1988, "r": 2018,
}  # fmt: skip
_MONTH_NAMES: Final = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_MONTHS: Final = {name: n for n, name in enumerate(_MONTH_NAMES.split("|"), start=1)}
_MONTH: Final = rf"(?P<name>{_MONTH_NAMES})[a-z]{{0,6}}\.?"
_MONTH_AND_DAY: Final = r"(?P<month>\d{1,2})(?: ?[-/.月] ?)(?P<day>\d{1,2})"
_ERA: Final = r"(?P<era>明治|大正|昭和|平成|令和|[mtshr]) ?\.?(?P<of_era>\d{1,2}|元)"
_DAY: Final = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR: Final = r"(?P<year>(?:18|19|20)\d\d)"

_FORMS: Final = tuple(
    re.compile(form)
    for form in (
        rf"(?<!\d){_YEAR}(?: ?[-/.年] ?){_MONTH_AND_DAY}(?!\d)",
        rf"(?<!\d){_YEAR}(?P<month>\d\d)(?P<day>\d\d)(?!\d)",
        rf"(?<![a-z]){_ERA}(?: ?[-/.年] ?){_MONTH_AND_DAY}(?!\d)",
        rf"(?<!\d)(?P<month>\d{{1,2}})[-/.](?P<day>\d{{1,2}})[-/.]{_YEAR}(?!\d)",
        rf"(?<!\d){_DAY}(?:[ .\-/]+|(?: of ))?{_MONTH}[ ,\-/]*{_YEAR}(?!\d)",
        rf"(?<![a-z]){_MONTH}[ \-/]*{_DAY}[ ,\-/]+{_YEAR}(?!\d)",
    )
)


_PLAIN: Final = re.compile(
    r"(?P<year>(?:18|19|20)\d\d)([-/])(?P<month>\d{1,2})\2(?P<day>\d{1,2})", re.ASCII
)


def dates_in(folded: str) -> Iterator[str]:
    """
    Give every date in a folded text as ``yyyymmdd``, the smaller of month and day first.

    So 11/12/1985 is one value whether its writer put the month or the day first, in the list
    and in the text.
    """
    for form in _FORMS:
        for match in form.finditer(folded):
            key = _key(match.groupdict())
            if key:
                yield key


def date_key(value: str) -> str | None:
    """Give what the list keeps of a cell with a date; `None` where no date stands in it."""
    plain = _PLAIN.fullmatch(value)  # most cells, and quicker
    return _key(plain.groupdict()) if plain else next(dates_in(fold(value)), None)


def _key(parts: dict[str, str | None]) -> str | None:
    era = parts.get("era")
    if era:
        of_era = parts["of_era"] or ""
        year = _ERAS[era] + (1 if of_era == "元" else int(of_era))
    else:
        year = int(parts["year"] or 0)
    name = parts.get("name")
    month = _MONTHS[name] if name else int(parts["month"] or 0)
    small, large = sorted((month, int(parts["day"] or 0)))
    return f"{year}{small:02}{large:02}" if 1 <= small <= 12 and large <= 31 else None
