"""Held mail in SQL: every change of state is one conditional UPDATE with all that goes with it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import structlog
from sqlalchemy import ColumnElement, delete, func, insert, literal, select, tuple_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from guard.model.address import Address
from guard.model.errors import DamagedError, NoSuchHoldError, StaleHoldError
from guard.model.hold import Choice, End, Hold, HoldState
from guard.model.job import Job, superseded
from guard.model.life import DESTROYABLE
from guard.model.verdict import Verdict
from guard.ports import MACHINE, AuditEntry, Kept, Linked
from guard.steps import reached
from guard.store.audit import append, told_of
from guard.store.database import Database
from guard.store.keys import KeyRing
from guard.store.outbox import SqlOutbox, strike, strike_kinds, telling
from guard.store.outbox import add as add_jobs
from guard.store.records import Records
from guard.store.schema import Instant
from guard.store.tables import holds, links, octets_table
from guard.store.together import ClashError, Together

_BATCH: Final = 100

log = structlog.get_logger()


class SqlHoldStore:
    """`ports.HoldStore` in SQL. New jobs are made known to the workers of this process at once."""

    def __init__(self, database: Database, keys: KeyRing, outbox: SqlOutbox) -> None:
        self._database: Final = database
        self._records: Final = Records(keys)
        self._outbox: Final = outbox
        self._puts: Final = Together(self._insert)

    async def put(self, *kept: Kept) -> None:
        """
        Keep each hold, its octets, links, first audit row and jobs: all of *kept* or nothing.

        Raises:
            StoreFullError: There is no room; nothing was kept.
            StoreError: The database is away or locked, or the number is taken; nothing was kept.
        """
        rows = await asyncio.to_thread(self._rows, kept)
        await self._puts.add(rows, rows.size_bytes)
        self._tell(rows.jobs)

    async def get(self, hold_id: str) -> Hold:
        """
        Give one hold.

        Raises:
            NoSuchHoldError: There is none.
        """
        return await self._one(holds.c.id == hold_id)

    async def by_number(self, number: str) -> Hold:
        """
        Give the hold with the number that people see (``H-7K3Q-M2``).

        Raises:
            NoSuchHoldError: There is none.
        """
        return await self._one(holds.c.number == number)

    async def by_token(self, token_sha256: bytes) -> Linked:
        """
        Give the hold that a link token belongs to, in whatever state.

        Raises:
            NoSuchHoldError: No link ever had this token.
        """
        linked = (
            select(holds, links.c.person).join(links).where(links.c.token_sha256 == token_sha256)
        )
        async with self._database.read() as conn:
            row = (await conn.execute(linked)).one_or_none()
        if row is None:
            raise NoSuchHoldError("there is no such hold")
        hold = self._records.hold(row)
        return Linked(hold=hold, person=hold.people[row.person])

    async def find(self, *, states: Sequence[HoldState] = ()) -> AsyncIterator[Hold]:
        """Give holds, oldest first; of all states where none is named."""
        wanted = select(holds).order_by(holds.c.held_at, holds.c.id).limit(_BATCH)
        if states:
            wanted = wanted.where(holds.c.state.in_(states))
        batch = wanted
        while True:
            # No read stays open while the caller works: it would keep SQLite from tidying its log.
            async with self._database.read() as conn:
                rows = (await conn.execute(batch)).all()
            for row in rows:
                try:
                    hold = self._records.hold(row)
                except DamagedError:
                    # One that does not open must not hide the others; `guard db check` counts it.
                    log.exception("hold.damaged", hold=row.id)
                    continue
                yield hold
            if len(rows) < _BATCH:
                return
            last = tuple_(literal(rows[-1].held_at, Instant), literal(rows[-1].id))
            batch = wanted.where(tuple_(holds.c.held_at, holds.c.id) > last)

    async def octets(self, hold_id: str) -> bytes:
        """
        Give the message as received.

        Raises:
            NoSuchHoldError: There is no such hold, or its octets were destroyed after retention.
            DamagedError: What stands on disk is not what was written.
        """
        async with self._database.read() as conn:
            key_id = await conn.scalar(select(holds.c.key_id).where(holds.c.id == hold_id))
            chunks = await conn.scalars(
                select(octets_table.c.chunk)
                .where(octets_table.c.hold_id == hold_id)
                .order_by(octets_table.c.number)
            )
            sealed = chunks.all()
        if key_id is None or not sealed:
            raise NoSuchHoldError("no such hold, or its octets were destroyed")
        return await asyncio.to_thread(self._records.octets, hold_id, key_id, sealed)

    async def advance(
        self,
        hold_id: str,
        *,
        old: HoldState,
        new: HoldState,
        audit: AuditEntry,
        asked: Hold | None = None,
        jobs: Sequence[Job] = (),
        done: Job | None = None,
        recipients: tuple[Address, ...] | None = None,
        without: tuple[str, ...] | None = None,
        verdict: Verdict | None = None,
        release_at: datetime | None = None,
        choice: Choice | None = None,
        reply: str = "",
        ends: tuple[End, ...] | None = None,
    ) -> Hold:
        """
        Move a hold on if it is still in *old*; of several callers, on any nodes, one succeeds.

        The audit row, new *jobs*, and the end of the job *done* (if its fence still holds) are in
        the same transaction. *recipients*, *without*, *verdict*, *release_at*, *choice*, *reply*
        and *ends* are kept where given; a choice also keeps the entry's time and actor as
        `decided_at` and `decided_by`. There is never more than one job that releases a hold: one
        that was there before is struck off by every move but the bare one to `RELEASING`.

        *asked* is the hold as the question showed it, for an answer to that: were recipients or
        attachments changed since, it is stale, though the state is the same.

        Raises:
            StaleHoldError: It is no longer in *old*, or *done* was claimed by another; nothing was
                changed.
            ValueError: There is no such move (`HoldState.may_become`).
        """
        if not old.may_become(new):
            raise ValueError(f"a hold does not go from {old} to {new}")
        # By the machine itself, at the end of its work: steps where tests have the process die.
        by_job = audit.actor == MACHINE and new is not HoldState.RELEASING
        values: dict[str, Any] = {"state": new}
        if recipients is not None:
            values["recipients"] = [address.text for address in recipients]
        if without is not None:
            values["without"] = list(without)
        if release_at is not None:
            values["release_at"] = release_at
        if choice is not None:
            values |= {"choice": choice, "decided_at": audit.at, "decided_by": audit.actor}
        moved = (
            update(holds)
            .where(holds.c.id == hold_id, holds.c.state == old)
            .values(values)
            .returning(holds)
        )
        async with self._database.write() as conn:
            if asked is not None:
                await self._still_asks(conn, asked)
            row = (await conn.execute(moved)).one_or_none()
            if row is None:
                raise StaleHoldError(f"the hold is no longer {old}")
            if done is not None and not await strike(conn, done):
                raise StaleHoldError("another worker has the job by now")
            if verdict is not None or ends is not None or reply:
                sealed = self._records.changed(row, verdict=verdict, ends=ends, reply=reply)
                anew = update(holds).where(holds.c.id == hold_id).values(sealed).returning(holds)
                row = (await conn.execute(anew)).one()
            if jobs or new is not HoldState.RELEASING:
                await strike_kinds(conn, hold_id, superseded(old, new))
            await add_jobs(conn, jobs)
            await append(conn, audit)
            reached("job.before_commit" if by_job else "move.before_commit")
        reached("job.after_commit" if by_job else "move.after_commit")
        self._tell(jobs)
        return self._records.hold(row)

    async def record(
        self, *audit: AuditEntry, jobs: Sequence[Job] = (), done: Sequence[Job] = ()
    ) -> None:
        """
        Add audit rows that go with no change of state (a page was viewed, a mail was sent).

        New *jobs*, and the end of those *done* whose fences still hold, are in the same
        transaction.
        """
        async with self._database.write() as conn:
            if done:
                await strike(conn, *done)
            await add_jobs(conn, jobs)
            await append(conn, *audit)
        self._tell(jobs)

    async def record_if(
        self,
        audit: AuditEntry,
        *,
        events: Collection[str],
        allows: Callable[[Sequence[AuditEntry]], None],
    ) -> None:
        """
        Add an audit row, unless *allows* raises something: then nothing is added.

        It is given what the log has of that hold under *events*, oldest first. Of several callers,
        on any nodes, each sees what those before it added.
        """
        in_turn = select(holds.c.id).where(holds.c.id == audit.hold_id).with_for_update()
        async with self._database.write() as conn:
            await conn.execute(in_turn)
            allows(await told_of(conn, audit.hold_id, events))
            await append(conn, audit)

    async def destroy(self, hold_id: str, *, audit: AuditEntry, done: Job | None = None) -> None:
        """
        Destroy the octets of a hold that is over, and the job *done* with them.

        The hold itself and its audit rows stay. Nothing happens where the octets are gone already.

        Raises:
            StaleHoldError: The hold is not over (`DESTROYABLE`), its result is still to be told,
                which may need them, or *done* was claimed by another; nothing was changed.
        """
        ended = (
            select(holds.c.id)
            .where(holds.c.id == hold_id, holds.c.state.in_(DESTROYABLE), ~telling(hold_id))
            .with_for_update()
        )
        async with self._database.write() as conn:
            if await conn.scalar(ended) is None:
                raise StaleHoldError("the hold is not over, or not told")
            if done is not None and not await strike(conn, done):
                raise StaleHoldError("another worker has the job by now")
            gone = await conn.execute(delete(octets_table).where(octets_table.c.hold_id == hold_id))
            if gone.rowcount:
                await append(conn, audit)
        await self._database.shred_log()

    async def count(self) -> dict[HoldState, int]:
        """Give how many holds there are in each state; every state has a number."""
        counted = select(holds.c.state, func.count()).group_by(holds.c.state)
        async with self._database.read() as conn:
            found = {HoldState(row[0]): row[1] for row in await conn.execute(counted)}
        return dict.fromkeys(HoldState, 0) | found

    async def _still_asks(self, conn: AsyncConnection, asked: Hold) -> None:
        """
        Make sure that a question stands as it was asked, until the transaction ends.

        Raises:
            StaleHoldError: Its recipients or attachments are others by now, or what is in these.
        """
        stands = select(holds).where(holds.c.id == asked.id).with_for_update()
        found = (await conn.execute(stands)).one_or_none()
        if found is None or self._records.hold(found).question != asked.question:
            raise StaleHoldError("the question is another one by now")

    def _rows(self, kept: Sequence[Kept]) -> "_Rows":
        """Seal what is to be kept; takes a while for a large message."""
        sealed = [self._records.of(each.hold, each.octets) for each in kept]
        return _Rows(
            holds=[row for row, _ in sealed],
            octets=[chunk for _, chunks in sealed for chunk in chunks],
            links=[row for each in kept for row in _link_rows(each)],
            jobs=[job for each in kept for job in each.jobs],
            audit=[each.audit for each in kept],
        )

    async def _insert(self, puts: Sequence["_Rows"]) -> None:
        """Keep several puts in one transaction."""
        async with self._database.write() as conn:
            try:
                for table, rows in (
                    (holds, [row for each in puts for row in each.holds]),
                    (octets_table, [row for each in puts for row in each.octets]),
                    (links, [row for each in puts for row in each.links]),
                ):
                    if rows:
                        await conn.execute(insert(table), rows)
            except IntegrityError as error:
                raise ClashError from error
            await add_jobs(conn, [job for each in puts for job in each.jobs])
            await append(conn, *(entry for each in puts for entry in each.audit))
            reached("accept.after_row")
        reached("accept.after_commit")

    async def _one(self, where: ColumnElement[bool]) -> Hold:
        async with self._database.read() as conn:
            row = (await conn.execute(select(holds).where(where))).one_or_none()
        if row is None:
            raise NoSuchHoldError("there is no such hold")
        return self._records.hold(row)

    def _tell(self, jobs: Sequence[Job]) -> None:
        if jobs:
            self._outbox.ring()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """One put, as it goes into the tables."""

    holds: list[dict[str, Any]]
    octets: list[dict[str, Any]]
    links: list[dict[str, Any]]
    jobs: list[Job]
    audit: list[AuditEntry]

    @property
    def size_bytes(self) -> int:
        """Octets of the sealed messages."""
        return sum(len(row["chunk"]) for row in self.octets)


def _link_rows(kept: Kept) -> list[dict[str, Any]]:
    hold = kept.hold
    return [
        {
            "token_sha256": token,
            "hold_id": hold.id,
            "serial": hold.token_serial,
            "person": hold.people.index(person),
        }
        for token, person in kept.tokens.items()
    ]
