"""``guard policy exceptions``: exceptions that are made by command, and always end."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from guard.cli.errors import FOUND_PROBLEMS, WRONG_USAGE, fail
from guard.cli.options import config_option, json_option
from guard.cli.stored import administrator, ground_of
from guard.policy.quoting import scalar
from guard.problems import did_you_mean

if TYPE_CHECKING:
    from guard.policy import Policy
    from guard.policy.granted import Granted
    from guard.store.exceptions import Kept

LASTS: Final = timedelta(days=90)
"""How long an exception counts where nobody says until when."""


class Day(click.ParamType[date]):
    """A day, like 2027-03-31."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read it, or end with wrong usage (2)."""
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value}: write a day like 2027-03-31", param, ctx)


@click.group()
def exceptions() -> None:
    """Except mail from a rule for a while, without touching its file."""


@exceptions.command("list")
@click.option("--all", "all_", is_flag=True, help="Those that have ended, too.")
@json_option
@config_option
def list_(*, all_: bool, as_json: bool, config: Path) -> None:
    """List them, oldest first, with what speaks against keeping one."""
    found, policy = _stored(config)
    today = _today()
    shown = [one for one in found if all_ or one.ended_at is None]
    for one in shown:
        if as_json:
            click.echo(json.dumps(_as_dict(one, policy, today), ensure_ascii=False))
        else:
            _print(one, policy, today)
    if not shown and not as_json:
        click.echo("no exceptions", err=True)


@exceptions.command()
@click.argument("rule")
@click.option("--to", multiple=True, metavar="PATTERN", help="Mail to this address, with * and ?.")
@click.option("--from", "from_", multiple=True, metavar="PATTERN", help="Mail of this sender.")
@click.option("--because", required=True, metavar="TEXT", help="Why, and who decided it.")
@click.option("--until", type=Day(), help="The last day on which it counts; 90 days, if left out.")
@config_option
def add(
    rule: str,
    *,
    to: tuple[str, ...],
    from_: tuple[str, ...],
    because: str,
    until: date | None,
    config: Path,
) -> None:
    """
    Have RULE leave some mail alone, on every node within seconds.

    With both --to and --from, mail of these senders to these recipients. The audit log notes it.
    """
    from guard.config import load
    from guard.policy import load as load_policy
    from guard.store.exceptions import Exceptions

    settings = load(config)
    rules = [each.id for each in load_policy(settings.policies).rules]
    if rule not in rules:
        hint = did_you_mean(rule, rules) or f"there are {', '.join(rules) or 'none'}"
        fail(f"the policy has no rule “{rule}”; {hint}", WRONG_USAGE)
    last = until or _today() + LASTS
    if last < _today():
        fail("it would have ended already", WRONG_USAGE)

    async def added() -> "Granted":
        async with ground_of(settings) as ground:
            return await Exceptions(ground.database).add(
                rule=rule, to=to, from_=from_, because=because, until=last, who=administrator()
            )

    try:
        made = asyncio.run(added())
    except ValueError as error:
        fail(str(error), WRONG_USAGE)
    click.echo(f"{made.id}  until {made.until}; earlier: guard policy exceptions end {made.id}")


@exceptions.command()
@click.argument("id_", metavar="ID")
@config_option
def end(id_: str, *, config: Path) -> None:
    """End the exception ID now, on every node within seconds. The audit log notes it."""
    from guard.config import load
    from guard.store.exceptions import Exceptions

    async def ended() -> "Kept | None":
        async with ground_of(load(config)) as ground:
            return await Exceptions(ground.database).end(id_, who=administrator())

    before = asyncio.run(ended())
    if before is None:
        fail(f"there is no exception {id_}", FOUND_PROBLEMS)
    if before.ended_at is not None:
        fail(f"{id_} was ended on {before.ended_at:%Y-%m-%d} by {before.ended_by}", FOUND_PROBLEMS)
    click.echo(f"{id_} has ended: {before.granted.rule} speaks again")


@exceptions.command()
@config_option
def export(*, config: Path) -> None:
    """Print those that count as YAML, for whoever writes them into the policy's own file."""
    found, policy = _stored(config)
    today = _today()
    counting = [one for one in found if one.counts(today)]
    if not counting:
        click.echo("no exceptions", err=True)
        return
    click.echo(f"# Exceptions made by command, on {today}. Put each under its rule in the policy,")
    click.echo("# then end it here: guard policy exceptions end ID")
    click.echo("rules:")
    for rule in dict.fromkeys(one.granted.rule for one in counting):
        click.echo(f"  - id: {rule}")
        click.echo("    except:")
        for one in counting:
            if one.granted.rule == rule:
                for line in _yaml(one, policy, today):
                    click.echo(f"      {line}")


def _yaml(one: "Kept", policy: "Policy", today: date) -> Iterator[str]:
    its = one.granted
    yield f"# {its.id}, {one.added_at:%Y-%m-%d} by {one.added_by}"
    for doubt in _doubts(one, policy, today):
        yield f"# {doubt}"
    said = {"to": its.to, "from": its.from_}
    lines = [f"{name}: {_flow([g.text for g in globs])}" for name, globs in said.items() if globs]
    lines += [f"because: {scalar(its.because)}", f"until: {its.until}"]
    for number, line in enumerate(lines):
        yield f"{'  ' if number else '- '}{line}"


def _flow(value: Sequence[str]) -> str:
    words = [scalar(each) for each in value]
    return words[0] if len(words) == 1 else f"[{', '.join(words)}]"


def _doubts(one: "Kept", policy: "Policy", today: date) -> Iterator[str]:
    """Say what speaks against keeping it."""
    if one.ended_at is not None:
        yield f"ended on {one.ended_at:%Y-%m-%d} by {one.ended_by}"
    elif one.granted.until < today:
        yield f"ended on {one.granted.until}"
    elif one.is_idle(today):
        last = f"since {one.matched_on}" if one.matched_on else "yet"
        yield f"has matched nothing {last}"
    if one.granted.rule not in {rule.id for rule in policy.rules}:
        yield "the policy has no such rule"


def _print(one: "Kept", policy: "Policy", today: date) -> None:
    its = one.granted
    to, from_ = (", ".join(glob.text for glob in globs) for globs in (its.to, its.from_))
    whom = " ".join(f"{word} {globs}" for word, globs in (("from", from_), ("to", to)) if globs)
    click.echo(f"{its.id}  {its.rule}: {whom}")
    click.echo(f"        {its.because}")
    matched = f"last matched {one.matched_on}" if one.matched_on else "never matched"
    click.echo(
        f"        until {its.until}; {matched}; added {one.added_at:%Y-%m-%d} by {one.added_by}"
    )
    for doubt in _doubts(one, policy, today):
        click.echo(f"        ! {doubt}")


def _as_dict(one: "Kept", policy: "Policy", today: date) -> dict[str, Any]:
    return {
        **one.granted.told,
        "added_at": one.added_at.isoformat(timespec="seconds"),
        "added_by": one.added_by,
        "ended_at": one.ended_at and one.ended_at.isoformat(timespec="seconds"),
        "ended_by": one.ended_by,
        "matched_on": one.matched_on and one.matched_on.isoformat(),
        "counts": one.counts(today),
        "warnings": list(_doubts(one, policy, today)),
    }


def _stored(config: Path) -> "tuple[Sequence[Kept], Policy]":
    from guard.config import load
    from guard.policy import load as load_policy
    from guard.store.exceptions import Exceptions

    settings = load(config)
    policy = load_policy(settings.policies)

    async def all_() -> "Sequence[Kept]":
        async with ground_of(settings) as ground:
            return await Exceptions(ground.database).all()

    return asyncio.run(all_()), policy


def _today() -> date:
    return datetime.now(UTC).date()
