"""Who runs which policy: each process of a guard tells it, and commands ask."""

import os
import secrets
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from guard.model.job import Job
from guard.store import outbox
from guard.store.database import Database
from guard.store.policy_rows import processes, told
from guard.store.wishes import Wishes, wish, wished

TELL_S: Final = 20.0
"""Seconds after which a process tells again that it lives."""

GONE: Final = timedelta(seconds=3 * TELL_S)
"""A process that was not heard for so long is no more."""

REMEMBERED: Final = timedelta(days=400)
"""How long it is known what administrators were told of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One running process of a guard."""

    id: str
    node: str
    pid: int
    policy: str
    """Hash of the policy in force there."""

    mode: str
    loaded_at: datetime
    heard_at: datetime
    reload: int
    """The last wish for a reload that it has done."""

    problems: tuple[str, ...]
    """What is wrong with the policy that its folder has now, which is therefore not in force."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a process tells of itself."""

    policy: str
    mode: str
    loaded_at: datetime
    reload: int
    problems: tuple[str, ...]


class PolicyProcesses:
    """The processes on one database."""

    def __init__(self, database: Database) -> None:
        self._database: Final = database
        self._id: Final = secrets.token_hex(8)

    async def wished(self) -> Wishes:
        """
        Give what commands want.

        Raises:
            StoreError: The database is away.
        """
        async with self._database.read() as conn:
            return await wished(conn)

    async def tell(self, told: Told) -> None:
        """
        Say which policy this process has, and that it lives; forget those that are gone.

        Raises:
            StoreError: The database is away.
        """
        async with self._database.write() as conn:
            now = await self._database.now_on(conn)
            row = {"id": self._id, "node": socket.gethostname(), "pid": os.getpid()}
            row |= {"policy": told.policy, "mode": told.mode, "loaded_at": told.loaded_at}
            row |= {"heard_at": now, "reload": told.reload, "problems": list(told.problems)}
            await conn.execute(delete(processes).where(processes.c.id == self._id))
            await conn.execute(delete(processes).where(processes.c.heard_at < now - GONE))
            await conn.execute(insert(processes).values(row))

    async def leave(self) -> None:
        """
        Say that this process ends.

        Raises:
            StoreError: The database is away; others find out by themselves.
        """
        async with self._database.write() as conn:
            await conn.execute(delete(processes).where(processes.c.id == self._id))

    async def alive(self) -> tuple[Process, ...]:
        """
        Give all that were heard of late, by node.

        Raises:
            StoreError: The database is away.
        """
        async with self._database.read() as conn:
            now = await self._database.now_on(conn)
            query = select(processes).where(processes.c.heard_at >= now - GONE)
            rows = await conn.execute(query.order_by(processes.c.node, processes.c.pid))
            return tuple(
                Process(**{**row._mapping, "problems": tuple(row.problems)}) for row in rows
            )

    async def ask_reload(self) -> int:
        """
        Ask every process to reload, and give the number of the wish.

        Raises:
            StoreError: The database is away.
        """
        async with self._database.write() as conn:
            return await wish(conn, "reload")

    async def tell_once(self, about: str, alarms: Sequence[Job]) -> bool:
        """
        Add *alarms* about something, unless some process has done so before.

        *about* names it in 64 characters at most: the hash of a policy, a day.

        Raises:
            StoreError: The database is away; it was not done.
        """
        async with self._database.write() as conn:
            now = await self._database.now_on(conn)
            made = postgresql if conn.dialect.name == "postgresql" else sqlite
            row = made.insert(told).values(about=about, at=now).on_conflict_do_nothing()
            first = (await conn.execute(row)).rowcount == 1
            if first:
                await conn.execute(delete(told).where(told.c.at < now - REMEMBERED))
                await outbox.add(conn, alarms)
        return first
