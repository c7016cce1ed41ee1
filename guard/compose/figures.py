"""Times, sizes and names as each language writes them."""

import re
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from guard.compose.shown import shown

_DAYS_JA: Final = "月火水木金土日"
_DAYS_EN: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS_EN: Final = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)
_JAPANESE: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")


def moment(at: datetime, zone: ZoneInfo, language: str, *, year: bool = False) -> str:
    """
    Write a time: ``11月24日(火) 15:04`` or ``Tue 24 Nov, 15:04 JST``.

    In Japanese the zone is named only where it is not Japan's.
    """
    here = at.astimezone(zone)
    if language == "ja":
        date = f"{here.month}月{here.day}日({_DAYS_JA[here.weekday()]}) {here:%H:%M}"
        elsewhere = "" if zone.key == "Asia/Tokyo" else f" {here.tzname()}"
        return (f"{here.year}年" if year else "") + date + elsewhere
    date = f"{_DAYS_EN[here.weekday()]} {here.day} {_MONTHS_EN[here.month - 1]}"
    return f"{date}{f' {here.year}' if year else ''}, {here:%H:%M} {here.tzname()}"


def hours_until(at: datetime, now: datetime) -> int:
    """Give the whole hours that are left, at least one, as the subject of a reminder says them."""
    return max(1, round((at - now).total_seconds() / 3600))


def size(octets: int) -> str:
    """Write a size in bytes, KB or MB, of 1024 each."""
    if octets < 1024:
        return f"{octets} B"
    if octets < 1024 * 1024:
        return f"{round(octets / 1024)} KB"
    return f"{octets / (1024 * 1024):.1f} MB"


def called(name: str, language: str) -> str:
    """
    Address a person: ``山田さん``, ``Yamada-san``; a Western name in English stands alone.

    Empty for an empty name.
    """
    clear = shown(name, 60)
    if not clear or "@" in clear:
        return ""
    family = clear.split(" ")[0].split("\u3000")[0]
    if language == "ja":
        return f"{family if _JAPANESE.search(clear) else clear}さん"
    return f"{family}-san" if _JAPANESE.search(clear) else clear
