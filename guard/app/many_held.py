"""Tells the administrators of a day on which more mail was held than the policy expects."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Final

import structlog

from guard.compose.alarm import MANY_HELD
from guard.model.errors import GuardError
from guard.model.job import Job, JobKind
from guard.release.means import ADMINISTRATORS
from guard.store.clock import machine_time
from guard.store.database import Database
from guard.store.held_share import held_share
from guard.store.policy_processes import PolicyProcesses

LOOK_S: Final = 3600.0
"""Seconds between two looks at the day before."""

FEWEST: Final = 100
"""Mails of a day from which a share of them says anything."""

log = structlog.get_logger()


@asynccontextmanager
async def telling_of_many(
    database: Database, processes: PolicyProcesses, above: Callable[[], float]
) -> AsyncIterator[None]:
    """Look every hour, for the block, whether more was held the day before than *above* of it."""
    looking = asyncio.create_task(_look_on(database, processes, above))
    try:
        yield
    finally:
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking


async def _look_on(
    database: Database, processes: PolicyProcesses, above: Callable[[], float]
) -> None:
    while True:
        try:
            await look(database, processes, above())
        except GuardError as error:
            log.warning("many_held.not_counted", error=type(error).__name__)
        except Exception:  # a bug in counting must not end what counts on this task
            log.exception("many_held.not_counted")
        await asyncio.sleep(LOOK_S)


async def look(database: Database, processes: PolicyProcesses, above: float) -> bool:
    """
    Have the administrators told, once, if the day before was such a day; say whether it was.

    Raises:
        StoreError: The database is away.
    """
    yesterday = machine_time().date() - timedelta(days=1)
    share = await held_share(database, yesterday)
    if share.mails < FEWEST or share.held <= above * share.mails:
        return False
    alarm = Job(
        kind=JobKind.ALARM,
        hold_id="",
        due_at=machine_time(),
        person=ADMINISTRATORS,
        note=MANY_HELD,
    )
    if await processes.tell_once(f"{MANY_HELD} {yesterday}", [alarm]):
        log.warning("many_held", mails=share.mails, held=share.held, above=above)
    return True
