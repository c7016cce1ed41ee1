"""Sources that a running guard reads by itself, once a day."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Final

import structlog
from prometheus_client import Counter

from guard.app.reports import Wish
from guard.app.sync import Syncer
from guard.config import Settings
from guard.model.calendar import zone_named
from guard.model.errors import GuardError
from guard.store.clock import machine_time
from guard.store.contacts import ContactStore
from guard.store.database import Database
from guard.store.sources import Sources, SourceState

LOOK_S: Final = 60.0
"""Seconds between two looks at whether a source is due."""

AGAIN: Final = timedelta(hours=1)
"""After which a source that could not be read is tried again."""

log = structlog.get_logger()

SYNC_FAILED = Counter(
    "guard_contacts_sync_failed",
    "Readings of a source of contacts that left all as it was: it was away, broken, or had lost a "
    "fifth of them. `guard contacts sync --status` says why.",
    ["source"],
)


@asynccontextmanager
async def nightly(
    settings: Settings,
    contacts: ContactStore,
    database: Database,
    *,
    named: Callable[[], Sequence[str]] = tuple,
) -> AsyncIterator[None]:
    """
    Read the sources of *settings* when they are due, for the block.

    Only those that the policy of the moment has *named*; all, where it names none.

    Of all workers and nodes on one database, one reads a source; the others learn of it as of any
    change that another process made. What goes wrong is logged, and tried again.
    """
    if not settings.source or not settings.contacts.sync:
        yield
        return
    reading = asyncio.create_task(_keep_reading(settings, contacts, Sources(database), named))
    try:
        yield
    finally:
        reading.cancel()
        await asyncio.wait([reading])


async def _keep_reading(
    settings: Settings,
    contacts: ContactStore,
    sources: Sources,
    named: Callable[[], Sequence[str]],
) -> None:
    zone = zone_named(settings.calendar.time_zone) if settings.calendar.time_zone else None
    at = time.fromisoformat(settings.contacts.sync_at)
    syncer = Syncer(contacts, sources, machine_time)
    while True:
        try:
            states = {state.name: state for state in await sources.states()}
            chosen = named()
            for its in settings.source:
                if chosen and its.name not in chosen:
                    continue
                if is_due(states.get(its.name), latest(at, zone, machine_time()), machine_time()):
                    report = await syncer.sync(its, Wish(gently=True))
                    if report.is_well:
                        log.info(
                            "contacts.synced",
                            source=its.name,
                            came=report.came,
                            changed=report.changed,
                            gone=report.gone,
                            mails=report.mails,
                        )
                    elif report.message:
                        SYNC_FAILED.labels(its.name).inc()
                        # The message may have an address in it: the command tells it.
                        log.warning("contacts.sync_failed", source=its.name, end=report.end.value)
        except GuardError as error:
            log.warning("contacts.sync_failed", error=type(error).__name__)
        except Exception:  # a bug over one source must not end the nights to come
            log.exception("contacts.sync_failed")
        await asyncio.sleep(LOOK_S)


def latest(at: time, zone: tzinfo | None, now: datetime) -> datetime:
    """Give the last time before *now* that clocks showed *at*; without *zone* the machine's."""
    today = now.astimezone(zone)
    last = today.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
    return (last if last <= today else last - timedelta(days=1)).astimezone(UTC)


def is_due(state: SourceState | None, last: datetime, now: datetime) -> bool:
    """Whether a source that should have been read at *last* is to be read *now*."""
    if state is None or state.tried_at is None:
        return True
    read = state.read_at is not None and state.read_at >= last
    return not read and (state.tried_at < last or now - state.tried_at >= AGAIN)
