"""How long back a command looks: ``14d``, ``36h``, or a day."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import click

_AGO: Final = re.compile(r"(\d{1,5}) ?(h|d|w)[a-z]*", re.ASCII)
_UNITS: Final = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


class Since(click.ParamType["timedelta | datetime"]):
    """So far back, or from a day or instant on; local time where no offset is given."""

    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta | datetime:
        """Read it, or end with wrong usage (2)."""
        if isinstance(value, timedelta | datetime):
            return value
        try:
            if ago := _AGO.fullmatch(str(value)):
                return int(ago[1]) * _UNITS[ago[2]]
            return datetime.fromisoformat(value).astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail("write it like 14d, 36h, 2w or 2026-11-23", param, ctx)


def from_(since: timedelta | datetime, newest: datetime) -> datetime:
    """Give the time from which on to look; *since* may count back from *newest*."""
    return newest - since if isinstance(since, timedelta) else since
