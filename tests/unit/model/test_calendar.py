"""Working time: nights, weekends, holidays and changed clocks do not count."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.model.calendar import Calendar, Wait

TOKYO = ZoneInfo("Asia/Tokyo")
OFFICE = Calendar(
    spans=((time(9), time(12)), (time(13), time(18))),
    holidays=frozenset({date(2026, 11, 23)}),
    zone=TOKYO,
)
NIGHTS = Calendar(weekdays=frozenset(range(7)), spans=((time(22), time()),), zone=TOKYO)
BERLIN = Calendar(
    weekdays=frozenset(range(7)), spans=((time(1), time(5)),), zone=ZoneInfo("Europe/Berlin")
)


def tokyo(day: int, hour: int, minute: int = 0) -> datetime:
    """A time of day in November 2026; the 20th is a Friday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=TOKYO)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        pytest.param(tokyo(20, 10), 1, tokyo(20, 11), id="within a span"),
        pytest.param(tokyo(20, 11), 2, tokyo(20, 14), id="over noon"),
        pytest.param(tokyo(20, 17), 1, tokyo(20, 18), id="to the very end of the day"),
        pytest.param(tokyo(20, 17), 2, tokyo(24, 10), id="over weekend and holiday"),
        pytest.param(tokyo(21, 3), 1, tokyo(24, 10), id="from a night on a Saturday"),
        pytest.param(tokyo(20, 10), 0, tokyo(20, 10), id="nothing"),
        pytest.param(tokyo(20, 9), 24, tokyo(25, 18), id="24 hours of eight each"),
    ],
)
def test_after(start: datetime, hours: int, end: datetime) -> None:
    """Only the hours of the calendar count, and the answer is the first such instant."""
    wait = Wait(working=timedelta(hours=hours))

    assert wait.after(start, OFFICE) == end


def test_a_span_until_midnight() -> None:
    """``24:00`` ends a day, and the next span is on the next."""
    wait = Wait(working=timedelta(hours=3))

    assert wait.after(tokyo(20, 23), NIGHTS) == tokyo(22, 0)


def test_a_working_day_is_a_day_of_hours() -> None:
    """As many hours as the calendar has in a day, wherever in the day it begins."""
    assert OFFICE.day == timedelta(hours=8)
    assert Wait(working_days=2).after(tokyo(19, 10), OFFICE) == tokyo(24, 10)


def test_all_time_counts_without_a_calendar() -> None:
    """``24 hours`` are 24 hours on any day."""
    wait = Wait(length=timedelta(hours=24))

    assert wait.after(tokyo(20, 18), OFFICE) == tokyo(21, 18)


def test_a_changed_clock() -> None:
    """On the night when clocks go forward, the hours from 1 to 5 are three."""
    begin = datetime(2026, 3, 29, 0, tzinfo=ZoneInfo("Europe/Berlin"))

    end = Wait(working=timedelta(hours=4)).after(begin, BERLIN)

    assert end.astimezone(ZoneInfo("Europe/Berlin")) == datetime(
        2026, 3, 30, 2, tzinfo=ZoneInfo("Europe/Berlin")
    )


MOMENTS = st.timedeltas(timedelta(), timedelta(days=700)).map(
    lambda later: datetime(2026, 1, 1, tzinfo=UTC) + later
)
LENGTHS = st.timedeltas(timedelta(), timedelta(hours=100))
CALENDARS = st.sampled_from([OFFICE, NIGHTS, BERLIN])


@given(CALENDARS, MOMENTS, LENGTHS, LENGTHS)
def test_waits_add_up(calendar: Calendar, start: datetime, one: timedelta, two: timedelta) -> None:
    """To wait twice is to wait for the sum, and nobody waits into the past."""
    first = calendar.after(start, one)

    assert first >= start
    assert calendar.after(first, two) == calendar.after(start, one + two)
