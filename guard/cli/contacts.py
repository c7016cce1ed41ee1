"""``guard contacts``: fill what is known about people, and ask it."""

import asyncio
import json
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from guard.cli.intake import import_, learn
from guard.cli.options import AddressType, config_option, json_option
from guard.cli.progress import counted
from guard.cli.sync import sync
from guard.model.address import Address

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from guard.contacts.acquaintance import Candidate
    from guard.model.finding import Lookalike
    from guard.store.contacts import ContactStore

_FILE: Final = click.Path(path_type=Path, exists=True, dir_okay=False)

BUDGET: Final = 0.003
"""Share of clean messages that ``judge`` says ``"hold": true`` for, as the shipped policy."""


@click.group()
def contacts() -> None:
    """People whom mail is written to, and what resembles them."""


contacts.add_command(sync)
contacts.add_command(import_)
contacts.add_command(learn)


@contacts.command()
@click.argument("address", type=AddressType())
@click.option("--sender", type=AddressType(), help="Also compare with the contacts of this sender.")
@click.option("--limit", type=click.IntRange(1, 100), default=10, show_default=True)
@json_option
@config_option
def near(
    address: Address, *, sender: Address | None, limit: int, as_json: bool, config: Path
) -> None:
    """Say which contacts ADDRESS resembles, and why."""

    async def ask() -> "tuple[Candidate, ...]":
        async with _store(config) as store:
            return await store.near(address, limit, sender=sender)

    found = asyncio.run(ask())
    for one in found:
        row = _row(one)
        click.echo(json.dumps(row, ensure_ascii=False) if as_json else _line(row))
    if not found and not as_json:
        click.echo("resembles no contact", err=True)


@contacts.command()
@click.argument("text")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True)
@json_option
@config_option
def search(text: str, *, limit: int, as_json: bool, config: Path) -> None:
    """Find contacts with TEXT in address, name or company."""

    async def ask() -> list[dict[str, str]]:
        async with _store(config) as store:
            return [
                {"address": one.address.text, "name": one.name, "company": one.company}
                for one in await store.search(text, limit)
            ]

    for row in asyncio.run(ask()):
        line = json.dumps(row, ensure_ascii=False) if as_json else "\t".join(row.values())
        click.echo(line)


@contacts.command()
@click.argument("address", type=AddressType())
@config_option
def forget(address: Address, *, config: Path) -> None:
    """
    Take ADDRESS out of contacts and history.

    A guard that runs forgets it when it is started again.
    """

    async def run() -> bool:
        async with _store(config) as store:
            return await store.forget(address)

    known = asyncio.run(run())
    click.echo("forgotten" if known else "was not known", err=True)


@contacts.command()
@click.argument("events", type=_FILE)
def judge(events: Path) -> None:
    """
    Judge the messages of EVENTS (.jsonl or .jsonl.gz), each by what stands before it.

    Prints one verdict a case. Needs no settings and writes nothing.
    """
    from guard.contacts import jsonl
    from guard.contacts.events import Judge
    from guard.contacts.history import History
    from guard.contacts.sources import events_file
    from guard.detect.channel import shipped
    from guard.detect.lookalike import suspects
    from guard.model.contact import Contact

    history = History()
    channel = shipped()
    hold_from = channel.threshold(BUDGET)
    for event in counted(events_file(events), events.name, "events"):
        if isinstance(event, Judge):
            found = suspects(history.acquaintance(event.exchange), channel, floor=0.0)
            worst = max(found, key=lambda one: one.score, default=None)
            click.echo(jsonl.line(_verdict(event.case, worst, hold_from)))
        elif isinstance(event, Contact):
            history.add_contact(event)
        else:
            history.learn(event)


@contacts.command()
@click.argument("pairs", type=_FILE)
def alike(pairs: Path) -> None:
    """
    Compare the names of PAIRS (.jsonl with "id", "a" and "b").

    Prints how alike each two are, and whether they are the same, confusable or unrelated.
    """
    from guard.contacts import jsonl
    from guard.model.errors import SourceError
    from guard.names.compare import alike as compare

    with pairs.open("rb") as lines:
        for number, line in jsonl.numbered(lines):
            try:
                pair = jsonl.value(line)
                found = compare(str(pair["a"]), str(pair["b"]))
                row = jsonl.line(
                    {"id": pair["id"], "score": round(found.score, 4), "kind": found.alike.value}
                )
            except (ValueError, KeyError, TypeError, RecursionError) as error:
                raise SourceError(
                    f'{pairs}:{number}: each line is a JSON object with "id", "a" and "b"'
                ) from error
            click.echo(row)


def _verdict(case: str, worst: "Lookalike | None", hold_from: float) -> dict[str, Any]:
    if worst is None:
        return {"case": case, "score": 0.0, "recipient": None, "intended": None, "hold": False}
    return {
        "case": case,
        "score": worst.score,
        "recipient": worst.recipient.text,
        "intended": worst.intended.address.text,
        "hold": worst.score >= hold_from,
        "kind": worst.kind,
    }


def _row(one: "Candidate") -> dict[str, Any]:
    last = one.relation.last_at
    return {
        "address": one.contact.address.text,
        "name": one.contact.name,
        "kind": one.likeness.kind,
        "closeness": one.likeness.closeness,
        "by_sender": one.relation.by_sender,
        "by_organisation": one.relation.by_organisation,
        "last_at": last.isoformat() if last else None,
    }


def _line(row: dict[str, Any]) -> str:
    times = f"{row['by_organisation']} mails"
    return "\t".join((row["address"], row["name"], row["kind"], str(row["closeness"]), times))


@asynccontextmanager
async def _store(config: Path) -> "AsyncIterator[ContactStore]":
    from guard.config import load
    from guard.store.contacts import ContactStore
    from guard.store.database import Database

    settings = load(config)
    database = await Database.open(settings.store.url)
    try:
        store = await ContactStore.open(database)
        try:
            yield store
        finally:
            await store.close()
    finally:
        await database.close()
