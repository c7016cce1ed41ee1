"""``guard contacts import`` and ``learn``: take in a file once, by hand."""

import asyncio
from collections.abc import Iterable, Iterator
from itertools import islice, takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeVar

import click

from guard.cli.errors import INTERRUPTED, fail
from guard.cli.keeping import keeping, stoppable, tell_broken
from guard.cli.options import config_option
from guard.cli.progress import counted

if TYPE_CHECKING:
    from guard.contacts.sources.changes import Broken, Change
    from guard.model.contact import Contact, Exchange

T = TypeVar("T")

AT_ONCE: Final = 5_000
"""Contacts that are written in one transaction: half a second, for which a guard waits."""

PAUSE_S: Final = 0.1
"""Seconds between two of them: as long as SQLite sleeps at most before it tries again."""

_FILE: Final = click.Path(path_type=Path, exists=True, dir_okay=False)
_PATH: Final = click.Path(path_type=Path, exists=True)


@click.command("import")
@click.argument("file", type=_FILE)
@click.option("--skip-broken", is_flag=True, help="Take in the rest where a row is broken.")
@click.option("--quiet", is_flag=True, help="Say nothing unless something is wrong.")
@config_option
def import_(file: Path, *, skip_broken: bool, quiet: bool, config: Path) -> None:
    """
    Take in contacts from FILE (CSV or TSV with a header row, .vcf or .jsonl).

    A file with a broken row is refused whole. Of one that is read well all is taken in, by and by,
    so that a guard can write meanwhile; if that is cut short, import it again.

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
            for at in range(0, len(known), AT_ONCE):
                await store.add(known[at : at + AT_ONCE])
                await asyncio.sleep(PAUSE_S)

    asyncio.run(add())
    left_out.tell()
    if not quiet:
        click.echo(f"{len(known):,} contacts imported from {file.name}", err=True)


@click.command()
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
            sent = sent_in(paths, directory, left_out, shown=not quiet)
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


def sent_in(
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
