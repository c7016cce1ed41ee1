"""Lists that a running guard keeps up to date: from their sources, and from other nodes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, time
from functools import partial
from pathlib import Path
from typing import Final

import structlog
from prometheus_client import Counter

from guard.app.list_alarm import list_alarm
from guard.app.list_child import sync_apart
from guard.app.nightly import LOOK_S, is_due, latest
from guard.app.reports import End
from guard.config import Settings
from guard.config.lists import ListSource
from guard.lists.build import remove_segments
from guard.lists.paths import index_path, version_of
from guard.model.calendar import zone_named
from guard.model.errors import GuardError, KeyFileError, SourceError
from guard.store import published
from guard.store.clock import machine_time
from guard.store.database import Database
from guard.store.imports import Imports, ListImport
from guard.store.imports import ListSource as Known
from guard.store.keys import KeyRing
from guard.store.list_lock import only_writer
from guard.store.sources import SourceState

log = structlog.get_logger()

SYNC_FAILED: Final = Counter(
    "guard_lists_sync_failed",
    "Readings of a list's source that left the list as it was: away, broken, or a fifth of its "
    "rows lost (end: kept). `guard lists status` says why.",
    ["list", "end"],
)

FETCH_FAILED: Final = Counter(
    "guard_lists_fetch_failed",
    "Indexes of other nodes that could not be had, or are not what was imported. Mail for which a "
    "rule looks for such a list is put off.",
    ["list"],
)


@asynccontextmanager
async def keeping_lists(
    settings: Settings, keys: KeyRing, database: Database
) -> AsyncIterator[None]:
    """
    Keep the lists up to date, for the block.

    Of all workers and nodes on one database, one reads a source, in a process of its own; the
    others get the index from the database. What goes wrong is logged, and tried again.
    """
    tasks: list[asyncio.Task[None]] = []
    if settings.list_source and settings.lists.sync:
        tasks.append(asyncio.create_task(_keep_syncing(settings, Imports(database))))
    if database.path is None:
        tasks.append(asyncio.create_task(_keep_fetching(settings, keys, database)))
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)


async def _keep_syncing(settings: Settings, imports: Imports) -> None:
    zone = zone_named(settings.calendar.time_zone) if settings.calendar.time_zone else None
    at = time.fromisoformat(settings.contacts.sync_at)
    while True:
        try:
            known = await imports.sources()
            for its in settings.list_source:
                now = machine_time()
                said = known.get(its.name)
                if said and said.busy_until and said.busy_until > now:
                    continue  # another worker, or somebody by hand, is at it
                if is_due(_state(said, its), latest(at, zone, now), now):
                    await _sync(settings, its, imports)
        except GuardError as error:
            log.warning("list.sync_failed", error=type(error).__name__)
        except Exception:  # a bug over one list must not end the nights to come
            log.exception("list.sync_failed")
        await asyncio.sleep(LOOK_S)


async def _sync(settings: Settings, its: ListSource, imports: Imports) -> None:
    try:
        done = await sync_apart(settings, its)
    except SourceError as error:
        SYNC_FAILED.labels(its.name, End.FAILED.value).inc()
        log.error("list.sync_failed", list=its.name, error=str(error))  # noqa: TRY400
        # The process noted nothing, or was killed before it could.
        alarm = partial(list_alarm, its.name, error=str(error))
        await imports.failed(its.name, str(error), alarm=alarm)
        return
    if done.end in {End.DONE, End.UNCHANGED}:
        log.info("list.synced", list=its.name, end=done.end.value, rows=done.rows)
    elif done.end is not End.BUSY:
        SYNC_FAILED.labels(its.name, done.end.value).inc()
        # The message may show a line of the file: the command tells what of it is none.
        log.error("list.sync_failed", list=its.name, end=done.end.value, see="guard lists status")


def _state(known: Known | None, its: ListSource) -> SourceState | None:
    if known is None or known.tried_at is None:
        return None
    # A list that was imported by hand was not read from this source, whatever it is.
    read_at: datetime | None = None if known.error else known.tried_at
    return SourceState(name=its.name, kind=its.kind, read_at=read_at, tried_at=known.tried_at)


async def _keep_fetching(settings: Settings, keys: KeyRing, database: Database) -> None:
    while True:
        try:
            await fetch_lists(settings.lists.folder, keys, database)
        except GuardError as error:
            log.warning("list.fetch_failed", error=type(error).__name__)
        except Exception:  # as above
            log.exception("list.fetch_failed")
        await asyncio.sleep(LOOK_S)


async def fetch_lists(folder: Path, keys: KeyRing, database: Database) -> None:
    """
    Have in *folder* what was imported last on any node, and nothing that was forgotten on one.

    Of the processes on one machine, one does so. An index that stands here and was lost in the
    database, as after a move, is put there again.

    Raises:
        StoreError: The database is away.
    """
    imports = Imports(database)
    known = await imports.all()
    forgotten = await imports.forgotten()
    with only_writer(folder, waits=False) as alone:
        if not alone:
            return
        for done in known:
            try:
                await _have(folder, keys, database, done)
            except (SourceError, KeyFileError) as error:
                FETCH_FAILED.labels(done.name).inc()
                log.error("list.fetch_failed", list=done.name, error=str(error))  # noqa: TRY400
        for name, version in forgotten.items():
            if version_of(folder, name) == version:
                index_path(folder, name).unlink(missing_ok=True)
                remove_segments(folder, name)
                log.info("list.forgotten", list=name)


async def _have(folder: Path, keys: KeyRing, database: Database, done: ListImport) -> None:
    here = version_of(folder, done.name)
    if here == done.version:
        if not await published.is_there(database, done.name, done.version):
            async with database.write() as conn:
                await published.put(conn, done.name, done.version, index_path(folder, done.name))
        return
    key_of = partial(keys.get, "lists")
    if await published.fetch(database, done.name, done.version, folder, key_of=key_of):
        log.info("list.fetched", list=done.name, version=done.version, rows=done.rows)
