"""``guard held``: what waits, and what became of it."""

import asyncio
import json
import re
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from guard.cli.errors import FOUND_PROBLEMS, WRONG_USAGE, fail
from guard.cli.options import (
    AddressType,
    OutFile,
    config_option,
    json_option,
    lang_option,
    spoken_language,
)
from guard.cli.stored import administrator, ground_of, named, store_on, whole
from guard.cli.telling import as_dict, lines, print_table
from guard.model.address import Address
from guard.model.errors import NoSuchHoldError, StaleHoldError
from guard.model.hold import Hold, HoldState

if TYPE_CHECKING:
    from guard.release.administrator import Administrator

T = TypeVar("T")

REASON_LETTERS: Final = 500

_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}


class Age(click.ParamType[timedelta]):
    """How long ago, like ``30m``, ``2h`` or ``3d``."""

    name = "age"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """Read it, or end with wrong usage (2)."""
        if isinstance(value, timedelta):
            return value
        found = re.fullmatch(r"(\d{1,5})([mhd])", value)
        if found is None:
            self.fail("write it like 30m, 2h or 3d", param, ctx)
        return timedelta(**{_UNITS[found[2]]: int(found[1])})


class Reason(click.ParamType[str]):
    """Why somebody decides in a sender's place: one line that can be printed."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Read it, or end with wrong usage (2)."""
        reason = str(value).strip()
        if not reason or not reason.isprintable() or len(reason) > REASON_LETTERS:
            self.fail(f"write one line of words, up to {REASON_LETTERS} letters", param, ctx)
        return reason


_because = click.option(
    "--because",
    type=Reason(),
    required=True,
    metavar="TEXT",
    help="Why; it stands in the audit log.",
)


@click.group()
def held() -> None:
    """Look at held mail: what waits, what became of it, and why; decide in its sender's place."""


@held.command("list")
@click.option(
    "--state",
    "states",
    type=click.Choice([state.value for state in HoldState]),
    multiple=True,
    help="Only this state; may be repeated.",
)
@click.option("--sender", type=AddressType(), help="Only mail of this envelope sender.")
@click.option("--rule", help="Only mail that this rule held.")
@click.option("--older-than", type=Age(), help="Only mail held longer ago, like 30m, 2h or 3d.")
@json_option
@config_option
def list_(
    *,
    states: tuple[str, ...],
    sender: Address | None,
    rule: str | None,
    older_than: timedelta | None,
    as_json: bool,
    config: Path,
) -> None:
    """List held mail, oldest first."""
    from guard.config import load

    async def all_() -> list[Hold]:
        async with ground_of(load(config)) as ground:
            wanted = [HoldState(state) for state in states]
            return [hold async for hold in store_on(ground)[0].find(states=wanted)]

    holds = asyncio.run(all_())
    latest = datetime.now(UTC) - (older_than or timedelta())
    shown = [
        hold
        for hold in holds
        if (sender is None or hold.envelope.sender == sender)
        and hold.held_at <= latest
        and (rule is None or rule in [match.rule for match in hold.verdict.acting])
    ]
    if as_json:
        for hold in shown:
            click.echo(json.dumps(as_dict(hold), ensure_ascii=False))
    else:
        print_table(shown)


@held.command()
@click.argument("number")
@json_option
@lang_option
@config_option
def show(number: str, *, as_json: bool, lang: str | None, config: Path) -> None:
    """
    Show one held mail by its NUMBER (H-7K3Q-M2): envelope, state, rules and their sentences.

    With --json its findings too. Subject and text are never shown.
    """
    from guard.config import load
    from guard.model.finding import FINDINGS

    async def one() -> Hold:
        async with ground_of(load(config)) as ground:
            return await named(ground, number)

    hold = asyncio.run(one())
    if as_json:
        facts = as_dict(hold) | {
            "submitted_to": [address.text for address in hold.envelope.addresses],
            "findings": FINDINGS.dump_python(hold.verdict.findings, mode="json"),
            "reply": hold.reply,
            "policy": hold.verdict.policy,
        }
        click.echo(json.dumps(facts, ensure_ascii=False))
    else:
        for line in lines(hold, spoken_language(lang)):
            click.echo(line)


@held.command()
@click.argument("number")
@_because
@config_option
def send(number: str, *, because: str, config: Path) -> None:
    """
    Send a held mail in its sender's place, by its NUMBER.

    It leaves as it stands, to the recipients that it has now. Who did it, and why, is in the audit
    log. A mail that failed, that expired, or of which nobody knows how it ended can be sent, too,
    as long as its octets are kept.
    """
    _decide(number, config, lambda office, hold: office.send(hold, because))
    click.echo(f"{whole(number)} is being sent; guard held show {whole(number)} says how it ends")


@held.command("return")
@click.argument("number")
@_because
@config_option
def return_(number: str, *, because: str, config: Path) -> None:
    """Give a held mail back to its sender, unsent, by its NUMBER."""
    _decide(number, config, lambda office, hold: office.give_back(hold, because))
    click.echo(f"{whole(number)} goes back to its sender")


@held.command()
@click.argument("number")
@config_option
def notify(number: str, *, config: Path) -> None:
    """Mail the notice of a held mail once more, by its NUMBER; its link stays the same."""
    _decide(number, config, lambda office, hold: office.ask_again(hold))
    click.echo(f"{whole(number)}: the notice is mailed again")


@held.command()
@click.argument("number")
@_because
@config_option
def retry(number: str, *, because: str, config: Path) -> None:
    """Have work on a held mail done again that was laid aside after many tries."""
    if count := _decide(number, config, lambda office, hold: office.retry(hold, because)):
        click.echo(f"{whole(number)}: {count} {'job is' if count == 1 else 'jobs are'} tried again")
    else:
        fail(f"{whole(number)}: nothing was laid aside", FOUND_PROBLEMS)


@held.command()
@click.argument("number")
@click.option(
    "--out",
    type=OutFile(),
    required=True,
    help="File for the mail, made 0600; - for stdout where that is no terminal.",
)
@_because
@config_option
def export(number: str, *, out: Path, because: str, config: Path) -> None:
    """Write a held mail as it came in into a file, by its NUMBER. The audit log notes it."""
    if str(out) == "-" and sys.stdout.isatty():
        fail("a mail is not shown on a terminal; give a file", WRONG_USAGE)
    octets = _decide(number, config, lambda office, hold: office.original(hold, because))
    if str(out) == "-":
        sys.stdout.buffer.write(octets)
        return
    from guard.durable import private_file

    with private_file(out, replace=True) as file:
        file.write(octets)


def _decide(number: str, config: Path, do: Callable[["Administrator", Hold], Awaitable[T]]) -> T:
    """Act on one held mail as an administrator, or say why that cannot be."""
    from guard.config import load
    from guard.release.administrator import Administrator
    from guard.store.clock import clock_of

    async def decided() -> T:
        async with ground_of(load(config)) as ground:
            hold = await named(ground, number)
            holds, outbox = store_on(ground)
            try:
                async with clock_of(ground.database) as clock:
                    office = Administrator(holds, outbox, clock, who=administrator())
                    return await do(office, hold)
            except StaleHoldError:
                state = (await holds.get(hold.id)).state
                fail(f"{hold.number} is {state.value}; nothing was changed", FOUND_PROBLEMS)
            except NoSuchHoldError:
                fail(f"{hold.number}: its octets were destroyed after retention", FOUND_PROBLEMS)

    return asyncio.run(decided())
