"""``guard held``: what waits, and what became of it."""

import asyncio
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from guard.cli.errors import FOUND_PROBLEMS, fail
from guard.cli.options import (
    AddressType,
    config_option,
    json_option,
    lang_option,
    spoken_language,
)
from guard.model.address import Address
from guard.model.hold import Hold, HoldState

if TYPE_CHECKING:
    from guard.config import Settings


@click.group()
def held() -> None:
    """Look at held mail: what waits, what became of it, and why it was held."""


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
@json_option
@config_option
def list_(
    *,
    states: tuple[str, ...],
    sender: Address | None,
    rule: str | None,
    as_json: bool,
    config: Path,
) -> None:
    """List held mail, oldest first."""
    from guard.config import load

    holds = asyncio.run(_find(load(config), [HoldState(state) for state in states]))
    shown = [
        hold
        for hold in holds
        if (sender is None or hold.envelope.sender == sender)
        and (rule is None or rule in [match.rule for match in hold.verdict.acting])
    ]
    if as_json:
        for hold in shown:
            click.echo(json.dumps(_as_dict(hold), ensure_ascii=False))
    else:
        _table(shown)


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

    holds = asyncio.run(_find(load(config), []))
    hold = next((one for one in holds if _bare(one.number) == _bare(number)), None)
    if hold is None:
        fail(f"no held mail has the number {number}", FOUND_PROBLEMS)
    if as_json:
        facts = _as_dict(hold) | {
            "submitted_to": [address.text for address in hold.envelope.addresses],
            "findings": FINDINGS.dump_python(hold.verdict.findings, mode="json"),
            "reply": hold.reply,
            "policy": hold.verdict.policy,
        }
        click.echo(json.dumps(facts, ensure_ascii=False))
    else:
        for line in _lines(hold, spoken_language(lang)):
            click.echo(line)


def _bare(number: str) -> str:
    return number.casefold().removeprefix("h-").replace("-", "")


def _lines(hold: Hold, language: str) -> Iterator[str]:
    """Say all of a hold but its content, for people; times are local."""
    yield f"{hold.number}  {hold.state.value}"
    yield f"  from      {hold.envelope.sender or '<>'}  (asked: {hold.owner})"
    now = frozenset(hold.recipients)
    for address in hold.envelope.addresses:
        yield f"  to        {address}{'' if address in now else '  left out'}"
    for address in hold.recipients:
        if address not in frozenset(hold.envelope.addresses):
            yield f"  to        {address}  put in instead"
    yield f"  held      {_local(hold.held_at)}   until {_local(hold.expires_at)}"
    if hold.decided_at and hold.choice:
        yield f"  answered  {_local(hold.decided_at)}   {hold.choice.value} by {hold.decided_by}"
    for match in hold.verdict.acting:
        yield f"  rule      {match.rule}"
        spoken = dict(match.sentences)
        for sentence in spoken.get(language) or next(iter(spoken.values()), ()):
            yield f"            {sentence}"
    if hold.reply:
        yield f"  reply     {hold.reply.splitlines()[0]}"
    yield f"  policy    {hold.verdict.policy}   message {hold.message_id or 'without id'}"


def _local(time: datetime) -> str:
    return time.astimezone().strftime("%Y-%m-%d %H:%M:%S")


async def _find(settings: "Settings", states: list[HoldState]) -> list[Hold]:
    from guard.store.holds import SqlHoldStore
    from guard.store.opening import opened
    from guard.store.outbox import SqlOutbox

    async with opened(settings.store.url, settings.store.key_file) as ground:
        store = SqlHoldStore(ground.database, ground.keys, SqlOutbox(ground.database))
        return [hold async for hold in store.find(states=states)]


def _as_dict(hold: Hold) -> dict[str, Any]:
    """Give what ``--json`` prints of a hold; its subject is content and stays out."""
    return {
        "number": hold.number,
        "state": hold.state.value,
        "held_at": hold.held_at.isoformat(timespec="seconds"),
        "expires_at": hold.expires_at.isoformat(timespec="seconds"),
        "decided_at": hold.decided_at and hold.decided_at.isoformat(timespec="seconds"),
        "choice": hold.choice and hold.choice.value,
        "sender": str(hold.envelope.sender or ""),
        "owner": str(hold.owner),
        "recipients": [address.text for address in hold.recipients],
        "rules": [match.rule for match in hold.verdict.acting],
        "message_id": hold.message_id,
    }


def _table(holds: list[Hold]) -> None:
    """Print a table for people; tab-separated when piped."""
    now = datetime.now(UTC)
    rows = [("NUMBER", "STATE", "HELD", "LEFT", "SENDER", "TO", "RULE")]
    for hold in holds:
        left = max(0, round((hold.expires_at - now).total_seconds() / 3600))
        more = f" +{len(hold.recipients) - 1}" if len(hold.recipients) > 1 else ""
        rows.append(
            (
                hold.number,
                hold.state.value,
                hold.held_at.astimezone().strftime("%m-%d %H:%M"),
                f"{left}h" if hold.state.is_open else "",
                str(hold.envelope.sender or "<>"),
                f"{hold.recipients[0]}{more}" if hold.recipients else "",
                ", ".join(match.rule for match in hold.verdict.acting),
            )
        )
    if not sys.stdout.isatty():
        for row in rows:
            click.echo("\t".join(row))
        return
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        click.echo(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )
