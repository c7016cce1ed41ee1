"""Working time: on which days, between which hours, and when so much of it has passed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""As `date.weekday` counts them."""


def zone_named(name: str) -> ZoneInfo:
    """
    Give the time zone of an IANA name.

    Raises:
        ValueError: There is none; the message says how one looks.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError('write a time zone like "Asia/Tokyo"') from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """When people work. There must be some working time in a week."""

    weekdays: frozenset[int] = frozenset(range(5))
    """0 is Monday."""

    spans: tuple[tuple[time, time], ...] = ((time(9), time(18)),)
    """From when to when on a working day, in order, without overlap; midnight ends a day."""

    holidays: frozenset[date] = frozenset()
    zone: tzinfo = UTC

    @property
    def day(self) -> timedelta:
        """How much working time a working day has, where no clock is changed on it."""
        return sum((_length(begin, end) for begin, end in self.spans), timedelta())

    def after(self, start: datetime, length: timedelta) -> datetime:
        """Give the first instant at which *length* of working time has passed since *start*."""
        left = length
        if left <= timedelta():
            return start
        now = start.astimezone(UTC)
        for begin, end in self._spans_from(now.astimezone(self.zone).date()):
            span = end - max(begin, now)
            if span >= left:
                return end - span + left
            left -= max(span, timedelta())
        raise OverflowError("the calendar ends before so much working time has passed")

    def _spans_from(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """Give each span from *day* on, in UTC."""
        while day < date.max:
            if day.weekday() in self.weekdays and day not in self.holidays:
                for begin, end in self.spans:
                    last = day + timedelta(days=1) if end == time() else day
                    yield self._instant(day, begin), self._instant(last, end)
            day += timedelta(days=1)

    def _instant(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, self.zone).astimezone(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A length of time as people say it: ``24 hours``, ``24 working hours``, ``2 working days``."""

    length: timedelta = timedelta()
    """Of all time."""

    working: timedelta = timedelta()
    """Of working time."""

    working_days: int = 0
    """Each as long as a day of the calendar."""

    def after(self, start: datetime, calendar: Calendar) -> datetime:
        """Give the instant at which it is over, if it begins at *start*."""
        working = self.working + self.working_days * calendar.day
        return calendar.after(start + self.length, working)


def _length(begin: time, end: time) -> timedelta:
    day = date(2001, 1, 1)
    last = day + timedelta(days=1) if end == time() else day
    return datetime.combine(last, end) - datetime.combine(day, begin)
