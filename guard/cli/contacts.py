"""``guard contacts``: fill what is known about people, and ask it."""

import asyncio
import json
from collections.abc import Iterable, Iterator
from contextlib import asynccontextmanager
from itertools import islice, takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

import click

from guard.cli.errors import INTERRUPTED, fail
from guard.cli.options import AddressType, config_option, json_option
from guard.cli.progress import counted
from guard.cli.sync import keeping, stoppable, sync, tell_broken
from guard.model.address import Address

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from guard.contacts.acquaintance import Candidate
    from guard.contacts.sources.changes import Broken, Change
    from guard.model.contact import Contact, Exchange
    from guard.model.finding import Lookalike
    from guard.store.contacts import ContactStore

T = TypeVar("T")

_FILE: Final = click.Path(path_type=Path, exists=True, dir_okay=False)
_PATH: Final = click.Path(path_type=Path, exists=True)

BUDGET: Final = 0.003
"""Share of clean messages that ``judge`` says ``"hold": true`` for, as the shipped policy."""


@click.group()
def contacts() -> None:
    """People whom mail is written to, and what resembles them."""


contacts.add_command(sync)


@contacts.command("import")
@click.argument("file", type=_FILE)
@click.option("--skip-broken", is_flag=True, help="Take in the rest where a row is broken.")
@click.option("--quiet", is_flag=True, help="Say nothing unless something is wrong.")
@config_option
def import_(file: Path, *, skip_broken: bool, quiet: bool, config: Path) -> None:
    """
    Take in contacts from FILE (CSV or TSV with a header row, .vcf or .jsonl), all or none.

    Columns are found by their headings: 氏名, メールアドレス, 会社名; name, email, company. What is
    imported stays until it is forgotten; what changes daily is a [[source]] of guard.toml.
    """
    from guard.config import load
    from guard.config.sources import IMPORTED
    from guard.contacts.sources.changes import refused
    from guard.model.contact import Contact

    settings = load(config)
    left_out = LeftOut()
    things = counted(_people(file), file.name, "read", shown=not quiet)
    kept = left_out.aside(things) if skip_broken else refused(things)
    known = [each for each in kept if isinstance(each, Contact)]

    async def add() -> None:
        async with keeping(settings) as (store, sources):
            await sources.imported(known, by=IMPORTED)
            await store.add(known)

    asyncio.run(add())
    left_out.tell()
    if not quiet:
        click.echo(f"{len(known):,} contacts imported from {file.name}", err=True)


@contacts.command()
@click.argument("paths", type=_PATH, nargs=-1, required=True)
@click.option("--quiet", is_flag=True, help="Say nothing unless something is wrong.")
@config_option
def learn(paths: tuple[Path, ...], *, quiet: bool, config: Path) -> None:
    """
    Learn from mail that was sent: mbox, Maildir, a folder of .eml files, or .jsonl events.

    A mail counts once, however often it is learned. Mails without sender or recipient are left out.
    Ctrl-C stops between two messages and keeps what was counted so far.
    """
    from datetime import UTC, datetime

    from guard.app.sync import AT_ONCE, Syncer
    from guard.config import load
    from guard.config.sources import IMPORTED

    settings = load(config)
    left_out = LeftOut()

    async def run() -> tuple[int, int]:
        directory: list[Contact] = []
        count = known = 0
        async with keeping(settings) as (store, sources):
            syncer = Syncer(store, sources, lambda: datetime.now(UTC))
            sent = _sent(paths, directory, left_out, shown=not quiet)
            going = takewhile(lambda _: not stop.is_set(), sent)
            while some := list(islice(going, AT_ONCE)):
                new = await syncer.learn(some)
                count, known = count + new, known + len(some) - new
            await sources.imported(directory, by=IMPORTED)
            await store.add(directory)
        return count, known

    with stoppable() as stop:
        count, known = asyncio.run(run())
    if stop.is_set():
        fail(f"stopped after {count:,} messages, which are learned", INTERRUPTED)
    if not quiet:
        before = f", {known:,} known before" if known else ""
        out = f", {left_out.count:,} without sender or recipient" if left_out.count else ""
        click.echo(f"{count:,} messages learned{before}{out}", err=True)


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
    from guard.detect.lookalike import suspects, threshold
    from guard.model.contact import Contact

    history = History()
    hold_from = threshold(BUDGET)
    for event in counted(events_file(events), events.name, "events"):
        if isinstance(event, Judge):
            found = suspects(history.acquaintance(event.exchange), floor=0.0)
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


class LeftOut:
    """What cannot be read of a file, and is left out."""

    def __init__(self) -> None:
        self.count = 0
        self._shown: list[str] = []

    def aside(self, things: "Iterable[T | Broken]") -> "Iterator[T]":
        """Give *things* without those that are broken, which are remembered."""
        from guard.app.sync import MOST_SHOWN
        from guard.contacts.sources.changes import Broken

        for thing in things:
            if not isinstance(thing, Broken):
                yield thing
                continue
            self.count += 1
            if len(self._shown) < MOST_SHOWN:
                self._shown.append(thing.message)

    def tell(self) -> None:
        """Say what was left out."""
        tell_broken(self._shown, self.count)


def _people(file: Path) -> "Iterator[Change]":
    """Give the contacts of a file, by what its name says that it is."""
    from datetime import UTC, datetime

    from guard.config.sources import FileSource
    from guard.sources.files import ContactFile

    kind: Literal["csv", "vcard", "jsonl"] = "csv"
    if file.suffix.lower() in {".vcf", ".vcard"}:
        kind = "vcard"
    elif file.name.lower().endswith((".jsonl", ".jsonl.gz", ".ndjson")):
        kind = "jsonl"
    source = ContactFile(FileSource(name="file", kind=kind, path=file))
    return source.changes("", now=datetime.now(UTC)) or iter(())


def _sent(
    paths: Iterable[Path], directory: "list[Contact]", left_out: LeftOut, *, shown: bool
) -> "Iterator[Exchange]":
    """Give the mail of all *paths*; contacts that stand in it go to *directory*."""
    from datetime import UTC, datetime

    from guard.contacts.sources import read_sent
    from guard.model.contact import Contact, Exchange

    now = datetime.now(UTC)
    for path in paths:
        events = left_out.aside(read_sent(path, now=now))
        for event in counted(events, path.name, "messages", shown=shown):
            if isinstance(event, Exchange):
                yield event
            elif isinstance(event, Contact):
                directory.append(event)
