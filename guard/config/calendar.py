"""Settings of working time, for waits that policies give in working hours."""

import re
from datetime import date, time
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from guard.config.words import Section, listed
from guard.model import calendar as model

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def _span(value: str) -> str:
    found = re.fullmatch(r"(\d\d:\d\d)-(\d\d:\d\d)", value, re.ASCII)
    try:
        if found and time.fromisoformat(found[1]) < _end(found[2]):
            return value
    except ValueError:
        pass
    raise ValueError('write a span like "09:00-18:00"')


def _end(text: str) -> time:
    return time.max if text in {"24:00", "00:00"} else time.fromisoformat(text)


def _clock(text: str) -> time:
    """Read a time of day; the end of the day is the midnight after it."""
    return time() if text == "24:00" else time.fromisoformat(text)


def _zone(value: str) -> str:
    return model.zone_named(value).key


class Calendar(Section):
    """Working time, for waits like `24 working hours` in a policy."""

    days: Annotated[tuple[Day, ...], BeforeValidator(listed)] = Field(
        ("mon", "tue", "wed", "thu", "fri"), min_length=1, description="Days that are worked on."
    )
    hours: Annotated[tuple[Annotated[str, AfterValidator(_span)], ...], BeforeValidator(listed)] = (
        Field(("09:00-18:00",), min_length=1, description="When, on each of them; in order.")
    )
    holidays: Annotated[tuple[date, ...], BeforeValidator(listed)] = Field(
        (), description="Days like `2026-11-23` on which nobody works."
    )
    time_zone: Annotated[str, AfterValidator(_zone)] | None = Field(
        None, description="Of these hours; left out: that of the policy."
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        clocks = [_end(text) if n % 2 else _clock(text) for n, text in enumerate(self._clocks())]
        if clocks != sorted(clocks):
            message = "hours: write the spans of a day in order, without overlap"
            raise PydanticCustomError("not_repeated", message)
        return self

    def of(self, time_zone: str) -> model.Calendar:
        """Give the calendar, with *time_zone* where the settings name none."""
        clocks = iter(self._clocks())
        return model.Calendar(
            weekdays=frozenset(model.DAYS.index(day) for day in self.days),
            spans=tuple(
                (_clock(begin), _clock(end)) for begin, end in zip(clocks, clocks, strict=True)
            ),
            holidays=frozenset(self.holidays),
            zone=model.zone_named(self.time_zone or time_zone),
        )

    def _clocks(self) -> list[str]:
        return [text for span in self.hours for text in span.split("-")]
