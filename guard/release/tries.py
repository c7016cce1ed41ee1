"""
How often passwords may be tried: one at a time, after some wrong ones ever more slowly, then never.

Each costs processor time, and a robot that has the link could guess. Tries are counted by the audit
log, which all nodes share and no restart forgets.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Final

from guard.model.hold import Hold
from guard.ports import AuditEntry, HoldStore
from guard.release.answer import Unconfirmed

BEGUN: Final = "hold.opening"
"""A password is going to be tried; counted before, so that a crash is no way around it."""

OPENED: Final = "hold.opened"
NOT_OPENED: Final = "hold.not_opened"
GIVEN_UP: Final = "hold.opening_failed"
"""Nobody could say whether it fits, or what is inside: not the password's fault, nor counted."""

EVENTS: Final = frozenset({BEGUN, OPENED, NOT_OPENED, GIVEN_UP})

FREE: Final = 3
"""Wrong passwords of one hold without a wait."""

MOST: Final = 10
"""Wrong passwords of one hold, in all."""

WAIT_S: Final = 5
"""Seconds to wait after `FREE` wrong ones; doubled by each that follows, to five minutes."""

LEASE: Final = timedelta(minutes=3)
"""How long a try is believed to run: a mail is read for a minute at most, without and with it."""

AT_ONCE: Final = 4
"""Holds of this process with a password on its way: one is tried, the others wait."""


class Tries:
    """Lets passwords be tried, one after the other."""

    def __init__(self, holds: HoldStore) -> None:
        self._holds: Final = holds
        self._coming: Final = set[str]()
        self._turn: Final = asyncio.Lock()

    @asynccontextmanager
    async def one(self, hold: Hold, entry: Callable[[str], AuditEntry]) -> AsyncIterator[None]:
        """
        Let one password be tried for *hold* in the block, and note how that ended, by *entry*.

        The block notes `OPENED` itself; `Unconfirmed` in it says that the password does not fit.

        Raises:
            Unconfirmed: None may be tried now; the block was not entered.
            StoreError: The database is away; the block was not entered, or its end not noted:
                then it counts as a wrong one.
        """
        if hold.id in self._coming or len(self._coming) >= AT_ONCE:
            raise Unconfirmed(hold, frozenset({"busy"}))
        self._coming.add(hold.id)
        try:
            async with self._turn:
                begun = entry(BEGUN)

                def allows(before: Sequence[AuditEntry]) -> None:
                    _allow(hold, before, begun.at)

                await self._holds.record_if(begun, events=EVENTS, allows=allows)
                try:
                    yield
                except Unconfirmed:
                    await self._holds.record(entry(NOT_OPENED))
                    raise
                except Exception:
                    await self._holds.record(entry(GIVEN_UP))
                    raise
        finally:
            self._coming.discard(hold.id)


def _allow(hold: Hold, before: Sequence[AuditEntry], now: datetime) -> None:
    """
    See whether one more may be tried at *now*.

    Raises:
        Unconfirmed: It may not.
    """
    ends = [*_ended(before)]
    running = before[-1].at if before and before[-1].event == BEGUN else None
    if running is not None:
        if now < running + LEASE:
            raise Unconfirmed(hold, frozenset({"busy"}))
        ends.append(running)
    wrong = len(ends)
    if wrong >= MOST:
        raise Unconfirmed(hold, frozenset({"ended"}))
    if wrong >= FREE:
        wait = ends[-1] + timedelta(seconds=WAIT_S * 2 ** (wrong - FREE)) - now
        if wait > timedelta():
            raise Unconfirmed(hold, frozenset({"wait"}), wait_s=math.ceil(wait.total_seconds()))


def _ended(before: Sequence[AuditEntry]) -> Iterator[datetime]:
    """Give when each wrong one ended; one that never did, for its process died, counts as wrong."""
    running: datetime | None = None
    for each in before:
        if each.event == BEGUN and running is not None:
            yield running
        if each.event == NOT_OPENED:
            yield each.at
        running = each.at if each.event == BEGUN else None
