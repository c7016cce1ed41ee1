"""What somebody most likely meant who wrote a value in words that the language does not know."""

import re
from datetime import date
from typing import Final
from zoneinfo import available_timezones

from guard.problems import nearest

YOU_WROTE: Final = "\0"
"""Stands in a hint for the value as it was written; a hint of it alone: there is no better one."""

_ABBREVIATED = re.compile(r"\s*(\d{1,6})\s*([^\W\d]+)\.?\s*")
_UNIT_OF: Final = {
    **dict.fromkeys(("s", "sec", "secs", "秒", "秒間", "seconds", "second"), "second"),
    **dict.fromkeys(("m", "min", "mins", "分", "分間", "minutes", "minute"), "minute"),
    **dict.fromkeys(("h", "hr", "hrs", "時間", "hours", "hour"), "hour"),
    **dict.fromkeys(("d", "日", "日間", "days", "day"), "day"),
}
"""Other ways to write a unit, for suggestions."""

_YES: Final = frozenset({"yes", "y", "on", "true", "はい"})
_NO: Final = frozenset({"no", "n", "off", "false", "いいえ"})

_ZONES: Final = {
    **dict.fromkeys(("JST", "JAPAN", "TOKYO", "日本"), "Asia/Tokyo"),
    **dict.fromkeys(("CET", "CEST", "MEZ", "MESZ"), "Europe/Berlin"),
    **dict.fromkeys(("BST", "LONDON"), "Europe/London"),
}
"""What people write for a time zone, for suggestions: abbreviations say nothing of summer time."""


def rather(right: str) -> str:
    """Give the hint that repeats the value, and shows what would be right."""
    return f'{YOU_WROTE}; write "{right}"'


def count(value: object, noun: str) -> str:
    """Give the hint for a count without its noun, or with another."""
    digits = re.search(r"\d{1,9}", str(value))
    return rather(f"{int(digits[0])} {noun}s") if digits and int(digits[0]) else YOU_WROTE


def share(value: object) -> str:
    """Give the hint for a share that is no percentage in words: ``0.3%``, ``0.3``."""
    digits = re.fullmatch(r"\s*(\d{1,3}(?:\.\d{1,6})?)\s*[%％]?\s*", str(value))
    return rather(f"{digits[1]} percent") if digits else YOU_WROTE


def number(value: object) -> str:
    """Give the hint for a number in quotes."""
    bare = re.fullmatch(r"\s*(\d{1,6})\s*", str(value)) if isinstance(value, str) else None
    return f"write {int(bare[1])}, without quotes" if bare else YOU_WROTE


def yes_or_no(value: object) -> str:
    """Give the hint for another way to say true or false."""
    said = str(value).strip().casefold()
    meant = "true" if said in _YES else "false" if said in _NO else ""
    if not meant:
        return YOU_WROTE
    return f"write {meant}, without quotes" if meant == said else f"{YOU_WROTE}; write {meant}"


def time_zone(value: object) -> str:
    """Give the hint for a name that is none of IANA's."""
    text = str(value)
    # Between abbreviations a letter is everything.
    near = nearest(text, available_timezones()) if len(text) > 4 else ""
    meant = _ZONES.get(text.upper()) or near
    return rather(meant) if meant else YOU_WROTE


def no_expression(pattern: str) -> str:
    """Give *pattern* with * alone, if it is written as a regular expression; else nothing."""
    if not re.search(r"\.\*@|@\.\*|\\|^\^|\$$", pattern):
        return ""
    return re.sub(r"^\^|\$$|\\", "", pattern.replace(".*", "*"))


def length(value: object) -> str:
    """Give what was written, and in which words if that can be told."""
    found = _ABBREVIATED.fullmatch(str(value))
    unit = _UNIT_OF.get(found[2].casefold()) if found else None
    if found is None or unit is None:
        return YOU_WROTE
    count = int(found[1])
    return rather(f"{count} {unit}{'' if count == 1 else 's'}")


def day(value: object) -> str:
    """Give what was written, and as a day of ISO 8601 if it can only be one."""
    text = str(value)
    found = re.search(r"(?P<y>\d{4})\D+(?P<m>\d{1,2})\D+(?P<d>\d{1,2})(?!\d)", text) or re.search(
        r"\b(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})", text
    )
    try:
        meant = date(int(found["y"]), int(found["m"]), int(found["d"])) if found else None
    except ValueError:
        return YOU_WROTE
    return rather(meant.isoformat()) if meant else YOU_WROTE


def addresses(text: str) -> list[str]:
    """Give the addresses of a text that has several of them, as a list would be written."""
    parts = [part for part in re.split(r"[,;、\s]+", text) if part]
    several = len(parts) > 1 and all("@" in part and "<" not in part for part in parts)
    return [f'"{part}"' if part.startswith("*") else part for part in parts] if several else []
