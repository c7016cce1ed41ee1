"""Settings of working time: what is taken, and how slips are told."""

from datetime import date, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from guard.config import load
from guard.model.errors import SettingsError


def test_what_people_write(tmp_path: Path) -> None:
    """Days, spans, holidays and the time zone come as they are written."""
    path = tmp_path / "guard.toml"
    path.write_text(
        '[calendar]\ndays = ["mon", "sat"]\nhours = ["09:00-12:00", "13:00-24:00"]\n'
        'holidays = [2026-11-23, "2027-01-01"]\n[admin]\nmail = ["postmaster@example.co.jp"]\n',
        "utf-8",
    )

    settings = load(path)
    calendar = settings.calendar.of("Asia/Tokyo")

    assert calendar.weekdays == {0, 5}
    assert calendar.spans == ((time(9), time(12)), (time(13), time()))
    assert calendar.holidays == {date(2026, 11, 23), date(2027, 1, 1)}
    assert calendar.zone == ZoneInfo("Asia/Tokyo")
    assert settings.admin.mail == ("postmaster@example.co.jp",)


@pytest.mark.parametrize(
    "line",
    [
        'days = ["monday"]',
        "days = []",
        'hours = ["9-18"]',
        'hours = ["18:00-09:00"]',
        'hours = ["09:00-12:00", "11:00-18:00"]',
        'hours = ["09:00-25:00"]',
        "hours = []",
        'holidays = ["yesterday"]',
        'time_zone = "Asia/Edo"',
    ],
)
def test_slips(tmp_path: Path, line: str) -> None:
    """A calendar without working time, or one that nobody can read, refuses the start."""
    path = tmp_path / "guard.toml"
    path.write_text(f"[calendar]\n{line}\n", "utf-8")

    with pytest.raises(SettingsError) as caught:
        load(path)

    assert caught.value.problems[0].line in {1, 2}  # of the table, where it is about several keys


def test_an_alarm_needs_an_address(tmp_path: Path) -> None:
    """Whom to tell is checked at the start, not in the night when something is wrong."""
    path = tmp_path / "guard.toml"
    path.write_text('[admin]\nmail = ["postmaster"]\n', "utf-8")

    with pytest.raises(SettingsError):
        load(path)
