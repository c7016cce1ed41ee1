"""What commands share that take contacts in: the store, an end by Ctrl-C, what was left out."""

import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from guard.config import Settings
    from guard.store.contacts import ContactStore
    from guard.store.sources import Sources


@asynccontextmanager
async def keeping(settings: "Settings") -> "AsyncIterator[tuple[ContactStore, Sources]]":
    """Open contacts and what is known of their sources."""
    from guard.store.contacts import ContactStore
    from guard.store.database import Database
    from guard.store.sources import Sources

    database = await Database.open(settings.store.url)
    try:
        store = await ContactStore.open(database)
        try:
            yield store, Sources(database)
        finally:
            await store.close()
    finally:
        await database.close()


@contextmanager
def stoppable() -> Iterator[threading.Event]:
    """Let the first Ctrl-C only set the event that is given; a second one ends the process."""
    stop = threading.Event()

    def ask(*_: object) -> None:
        stop.set()
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


def tell_broken(shown: Sequence[str], count: int) -> None:
    """Say on stderr which parts were left out: the first ones each, the rest by number."""
    for message in shown:
        click.echo(f"left out: {message}", err=True)
    if count > len(shown):
        click.echo(f"left out: {count - len(shown):,} more", err=True)
