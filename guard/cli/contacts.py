"""``guard contacts``: fill what is known about people, and ask it."""

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from guard.cli.fit import fit
from guard.cli.intake import import_, learn
from guard.cli.judging import alike, judge
from guard.cli.keeping import keeping
from guard.cli.options import AddressType, config_option, json_option
from guard.cli.sync import sync
from guard.model.address import Address

if TYPE_CHECKING:
    from collections.abc import Mapping

    from guard.contacts.acquaintance import Candidate
    from guard.detect.channel import Channel
    from guard.store.contacts import ContactStore

    Parts = tuple[float, float, float]


@click.group()
def contacts() -> None:
    """People whom mail is written to, and what resembles them."""


contacts.add_command(sync)
contacts.add_command(import_)
contacts.add_command(learn)
contacts.add_command(fit)
contacts.add_command(judge)
contacts.add_command(alike)


@contacts.command()
@click.argument("address", type=AddressType())
@click.option("--sender", type=AddressType(), help="Also compare with the contacts of this sender.")
@click.option("--limit", type=click.IntRange(1, 100), default=10, show_default=True)
@json_option
@config_option
def near(
    address: Address, *, sender: Address | None, limit: int, as_json: bool, config: Path
) -> None:
    """
    Say which contacts ADDRESS resembles, and why.

    With --sender also how suspicious a first mail of that sender to ADDRESS would be: what the
    recipient, the candidate and the likeness add to the log odds of a slip.
    """
    from guard.config import load
    from guard.detect.channel import read_channel

    settings = load(config)
    channel = read_channel(settings.contacts.weights)

    async def ask() -> "tuple[tuple[Candidate, ...], Mapping[Address, Parts]]":
        async with keeping(settings) as (store, _):
            found = await store.near(address, limit, sender=sender)
            return found, await _parts(store, channel, address, sender) if sender else {}

    found, parts = asyncio.run(ask())
    for one in found:
        row = _row(one, address, parts.get(one.contact.address))
        click.echo(json.dumps(row, ensure_ascii=False) if as_json else _line(row))
    if not found and not as_json:
        click.echo("resembles no contact", err=True)


async def _parts(
    store: "ContactStore", channel: "Channel", address: Address, sender: Address
) -> "Mapping[Address, Parts]":
    """Weigh a mail of *sender* to *address* that says nothing, now."""
    from datetime import UTC, datetime

    from guard.detect.lookalike import weighed
    from guard.model.address import Mailbox
    from guard.model.contact import Exchange

    exchange = Exchange(
        sender=Mailbox(address=sender),
        recipients=(Mailbox(address=address),),
        at=datetime.now(UTC),
    )
    known = await store.acquaintance(exchange)
    found = weighed(known.recipients[0], known, channel)
    return {candidate.contact.address: parts for candidate, parts in found}


@contacts.command()
@click.argument("text")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True)
@json_option
@config_option
def search(text: str, *, limit: int, as_json: bool, config: Path) -> None:
    """Find contacts with TEXT in address, name or company."""
    from guard.config import load

    async def ask() -> list[dict[str, str]]:
        async with keeping(load(config)) as (store, _):
            return [
                {"address": one.address.text, "name": one.name, "company": one.company}
                for one in await store.search(text, limit)
            ]

    for row in asyncio.run(ask()):
        line = json.dumps(row, ensure_ascii=False) if as_json else "\t".join(row.values())
        click.echo(line)


@contacts.command()
@json_option
@config_option
def answers(*, as_json: bool, config: Path) -> None:
    """
    Say what senders answered when they were asked about look-alikes, by kind.

    A kind that is always sent as written is asked about too often.
    """
    from guard.config import load

    async def ask() -> dict[str, dict[str, int]]:
        async with keeping(load(config)) as (store, _):
            return await store.answers_by_kind()

    for kind, counts in asyncio.run(ask()).items():
        if as_json:
            click.echo(json.dumps({"kind": kind, **counts}))
        else:
            click.echo("\t".join((kind, *(f"{count} {said}" for said, count in counts.items()))))


@contacts.command()
@click.argument("address", type=AddressType())
@config_option
def forget(address: Address, *, config: Path) -> None:
    """Take ADDRESS out of contacts and history, also for a guard that runs."""
    from guard.config import load

    async def run() -> bool:
        async with keeping(load(config)) as (store, _):
            return await store.forget(address)

    known = asyncio.run(run())
    click.echo("forgotten" if known else "was not known", err=True)


def _row(one: "Candidate", asked: Address, parts: "Parts | None") -> dict[str, Any]:
    from guard.compose.kinds import kind_words
    from guard.detect.channel import suspicion
    from guard.detect.lookalike import named

    last = one.relation.last_at
    meant = one.contact.address
    return {
        "address": meant.text,
        "name": one.contact.name,
        "company": one.contact.company,
        "kind": one.likeness.kind,
        "closeness": one.likeness.closeness,
        "by_sender": one.relation.by_sender,
        "by_organisation": one.relation.by_organisation,
        "last_at": last.isoformat() if last else None,
        "why": kind_words(one.likeness.kind, asked, meant, "en"),
        "suspicion": round(suspicion(sum(parts)), 4) if parts else None,
        "parts": dict(named(parts)) if parts else {},
    }


def _line(row: dict[str, Any]) -> str:
    who = " ".join(filter(None, (row["company"], row["name"])))
    times = f"{row['by_sender']} by the sender, {row['by_organisation']} by all"
    last = f"last {row['last_at'][:10]}" if row["last_at"] else "never written to"
    closeness = f"{row['closeness']:>3}"
    words = [closeness, row["address"], who, times, last, row["why"]]
    if row["parts"]:
        parts = ", ".join(f"{name} {part:+.1f}" for name, part in row["parts"].items())
        words.append(f"suspicion {row['suspicion']:.2f} ({parts})")
    return "\t".join(words)
