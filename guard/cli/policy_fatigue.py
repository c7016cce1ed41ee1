"""``guard policy fatigue``: how questions are answered, by rule and by person."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from guard.cli.options import config_option, json_option
from guard.cli.since import Since, from_

if TYPE_CHECKING:
    from guard.policy.past.fatigue import Answers, Fatigue

_PEOPLE: Final = 20
"""People who are shown, those asked most; all stand in the JSON."""

_WIDTH: Final = 40


@click.command()
@click.option("--since", type=Since(), default="30d", show_default=True, help="How far back.")
@json_option
@config_option
def fatigue(*, since: timedelta | datetime, as_json: bool, config: Path) -> None:
    """
    Show how questions are answered: by rule and by person.

    Rules whose every hold is sent unchanged teach people to click through; they are named.
    """
    from guard.app.fatigue import fatigue_since
    from guard.config import load

    found = asyncio.run(fatigue_since(load(config), from_(since, datetime.now(UTC))))
    if as_json:
        click.echo(json.dumps(_as_dict(found), ensure_ascii=False))
        return
    for line in _lines(found):
        click.echo(line)


def _lines(found: "Fatigue") -> Iterator[str]:
    from guard.policy.past.fatigue import ENOUGH, most_asked

    if not found.rules and not found.people:
        yield "Nobody was asked in that time."
        return
    yield from _table("RULE", found.rules)
    yield ""
    yield from _table("PERSON", found.people, most=_PEOPLE)
    for rule, answers in most_asked(found.rules):
        if answers.only_clicked:
            yield ""
            yield (
                f"“{rule}”: the last {ENOUGH} holds were all sent unchanged. Let it only record "
                "for a while (mode: watch on the rule), or narrow it with except:"
            )


def _table(head: str, counted: Mapping[str, "Answers"], most: int | None = None) -> Iterator[str]:
    from guard.policy.past.fatigue import Became, most_asked

    yield (
        f"{head:{_WIDTH}} {'ASKED':>6} {'UNCHANGED':>10} {'CHANGED':>8} {'STOPPED':>8} "
        f"{'NO ANSWER':>10} {'MEDIAN':>8} {'<10 s':>6}"
    )
    rows = list(most_asked(counted))
    for name, answers in rows[:most]:
        became = answers.became
        yield (
            f"{name:{_WIDTH}} {answers.asked:>6,} {_share(answers):>10} "
            f"{became[Became.CHANGED]:>8,} {became[Became.STOPPED]:>8,} "
            f"{became[Became.UNANSWERED]:>10,} {_time(answers.median_s):>8} {answers.quick:>6,}"
        )
    if most is not None and len(rows) > most:
        yield f"… and {len(rows) - most:,} more"


def _share(answers: "Answers") -> str:
    share = f"{100 * answers.unchanged / answers.answered:.0f} %" if answers.answered else ""
    return f"{answers.unchanged:,} {share:>5}"


def _time(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def _as_dict(found: "Fatigue") -> dict[str, Any]:
    """Give it as values. The keys are an interface: add, don't rename."""
    return {
        "rules": {
            rule: {**_values(answers), "propose_watch": answers.only_clicked}
            for rule, answers in sorted(found.rules.items())
        },
        "people": {person: _values(answers) for person, answers in sorted(found.people.items())},
    }


def _values(answers: "Answers") -> dict[str, Any]:
    from guard.policy.past.fatigue import Became

    return {
        "asked": answers.asked,
        **{became.value: answers.became[became] for became in Became},
        "median_seconds": answers.median_s,
        "quick": answers.quick,
    }
