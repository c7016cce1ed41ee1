"""Values of the language, written as people write them: the way back from `words`."""

from datetime import date, timedelta
from typing import Any

from guard.model.calendar import Wait
from guard.model.verdict import Action, Confirm
from guard.policy.words import Hours


def written(value: object) -> Any:
    """Give a value as plain data, in the words of the language: ``400 days`` for a length."""
    match value:
        case dict():
            return {written(key): written(each) for key, each in value.items()}
        case Hours():
            return str(value)
        case tuple() | list():
            return [written(each) for each in value]
        case frozenset():
            return sorted(map(written, value))
        case timedelta():
            return _length(value)
        case Wait():
            return _wait(value)
        case _:
            return _plain(value)


def _plain(value: object) -> Any:
    match value:
        case Action() | Confirm():
            return value.word
        case float():  # the only ones in the language are shares
            return f"{value * 100:.6f}".rstrip("0").rstrip(".") + " percent"
        case bool() | int() | None:
            return value
        case date():
            return value.isoformat()
        case _:
            return str(value)


def _wait(wait: Wait) -> str:
    if wait.working_days:
        return _counted(wait.working_days, "working day")
    if wait.working:
        return _counted(wait.working // timedelta(hours=1), "working hour")
    return _length(wait.length)


def _length(length: timedelta) -> str:
    seconds = length // timedelta(seconds=1)
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        # As people say it: 24 hours, not one day.
        if seconds and seconds % size == 0 and (unit != "day" or seconds > size):
            return _counted(seconds // size, unit)
    return _counted(seconds, "second")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
