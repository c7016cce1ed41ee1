"""Where contacts came from, in SQL: how far each source was read, by whom, and whom it has."""

import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from itertools import islice
from typing import Any, Final, TypeVar

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from guard.contacts.threads import message_key
from guard.model.contact import Contact, Exchange
from guard.store import contact_rows
from guard.store.database import Database
from guard.store.source_rows import counted, members, sources

T = TypeVar("T")

BATCH: Final = 5000
"""Ids of one statement, where they may stand four times: SQLite takes 32,766 values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """What is known of a source."""

    name: str
    kind: str
    settings: str = ""
    """Hash of the settings that `token` was made with."""

    token: str = ""
    contacts: int = 0
    mails: int = 0
    """Mails that were counted, ever."""

    read_at: datetime | None = None
    """The end of the last reading that went well; aware, UTC."""

    tried_at: datetime | None = None
    error: str = ""
    """Why the last reading went wrong; empty where it went well."""


class Sources:
    """`contact_sources` and what belongs to it. Methods raise `StoreError` where they cannot."""

    def __init__(self, database: Database) -> None:
        self._database: Final = database
        self._reader: Final = secrets.token_hex(8)

    async def states(self) -> Sequence[SourceState]:
        """Give every source that was ever read, by name."""
        async with self._database.read() as conn:
            rows = (await conn.execute(select(sources).order_by(sources.c.name))).all()
        return [_state(row) for row in rows]

    async def claim(self, name: str, kind: str, *, lease_s: float) -> SourceState | None:
        """
        Have a source to oneself for so many seconds; `None` while somebody else has it.

        Claimed again, it is had for so much longer.
        """
        async with self._database.write() as conn:
            now = await self._database.now_on(conn)
            await conn.execute(
                _insert(conn)(sources)
                .values(_fresh(name, kind))
                .on_conflict_do_nothing(index_elements=[sources.c.name])
            )
            free = or_(
                sources.c.reads_until.is_(None),
                sources.c.reads_until < now,
                sources.c.reader == self._reader,
            )
            until = now + timedelta(seconds=lease_s)
            taken = await conn.execute(
                update(sources)
                .where(sources.c.name == name, free)
                .values(kind=kind, reader=self._reader, reads_until=until)
            )
            if not taken.rowcount:
                return None
            row = (await conn.execute(select(sources).where(sources.c.name == name))).one()
        return _state(row)

    async def failed(self, name: str, error: str) -> None:
        """Note that a source could not be read, and let go of it; what it had stays."""
        async with self._database.write() as conn:
            now = await self._database.now_on(conn)
            await self._note(conn, name, tried_at=now, error=error, reads_until=None)

    async def let_go(self, name: str) -> None:
        """Let others read a source."""
        async with self._database.write() as conn:
            await self._note(conn, name, reads_until=None)

    async def digests(self, name: str) -> dict[int, int]:
        """Give whom a source has: digests by ids."""
        query = select(members.c.contact, members.c.digest).where(members.c.source == name)
        found: dict[int, int] = {}
        async with self._database.read() as conn, conn.stream(query) as rows:
            # Part by part, for others want the loop, too.
            async for part in rows.partitions(BATCH):
                found.update((row.contact, row.digest) for row in part)
        return found

    async def uncounted(self, exchanges: Sequence[Exchange]) -> list[Exchange]:
        """Leave out mails that were counted before: from a source, or as traffic of late."""
        by_key = {message_key(each.message_id): each for each in exchanges}
        known: set[int] = set()
        async with self._database.read() as conn:
            for keys in _batches(by_key):
                for column in (counted.c.message, contact_rows.threads.c.message):
                    known |= set(await conn.scalars(select(column).where(column.in_(keys))))
        return [each for key, each in by_key.items() if key not in known]

    async def count(self, exchanges: Collection[Exchange]) -> None:
        """Note mails as counted. Done before they are: a crash then loses some, doubles none."""
        rows = [{"message": message_key(each.message_id)} for each in exchanges]
        if rows:
            async with self._database.write() as conn:
                await conn.execute(_insert(conn)(counted).on_conflict_do_nothing(), rows)

    async def reached(self, name: str, *, settings: str, token: str, mails: int) -> None:
        """Note how far a source was read, which may go on; *mails* more were counted."""
        async with self._database.write() as conn:
            more = sources.c.mails + mails
            await self._note(conn, name, settings=settings, token=token, mails=more)

    async def done(
        self,
        name: str,
        *,
        settings: str,
        token: str,
        changed: Mapping[int, int],
        gone: Collection[int],
    ) -> int:
        """
        Note a whole reading, and let go of the source: digests that are new, ids that are gone.

        Contacts that no source has any more, and that nobody ever wrote to or heard from, are taken
        out; gives how many. A process that has them in memory keeps them until it starts again.
        """
        async with self._database.write() as conn:
            now = await self._database.now_on(conn)
            await _put(conn, name, changed)
            out = await _take_out(conn, name, gone)
            have = await _count_of(conn, name)
            await self._note(
                conn,
                name,
                settings=settings,
                token=token,
                contacts=have,
                read_at=now,
                tried_at=now,
                error="",
                reads_until=None,
            )
        return out

    async def unchanged(self, name: str) -> None:
        """Note that a source was looked at and had not changed, and let go of it."""
        async with self._database.write() as conn:
            now = await self._database.now_on(conn)
            await self._note(conn, name, read_at=now, tried_at=now, error="", reads_until=None)

    async def imported(self, contacts: Iterable[Contact], *, by: str) -> None:
        """Note contacts that came by hand, as of a source called *by*: no other takes them out."""
        ids = {contact_id(one): digest(one) for one in contacts}
        async with self._database.write() as conn:
            await _put(conn, by, ids)

    async def _note(self, conn: AsyncConnection, name: str, **values: Any) -> None:
        # Whoever took too long has lost the source to another, whose words then count.
        own = (sources.c.name == name) & (sources.c.reader == self._reader)
        await conn.execute(update(sources).where(own).values(**values))


def contact_id(contact: Contact) -> int:
    """Give the id that rows know a contact by."""
    return contact_rows.address_id(contact.address.key)


def digest(contact: Contact) -> int:
    """Give a number that changes with what a source says of a contact."""
    said = f"{contact.address.text}\0{contact.name}\0{contact.company}"
    return int.from_bytes(blake2b(said.encode(errors="replace"), digest_size=8).digest()) >> 1


async def _put(conn: AsyncConnection, name: str, digests: Mapping[int, int]) -> None:
    statement = _insert(conn)(members)
    upsert = statement.on_conflict_do_update(
        index_elements=[members.c.source, members.c.contact],
        set_={"digest": statement.excluded.digest},
    )
    for some in _batches(digests.items()):
        rows = [{"source": name, "contact": one, "digest": value} for one, value in some]
        await conn.execute(upsert, rows)


async def _take_out(conn: AsyncConnection, name: str, gone: Collection[int]) -> int:
    """Let a source have some contacts no more; take those out that nothing else speaks for."""
    people, written = contact_rows.contacts, contact_rows.relations
    out = 0
    for ids in _batches(gone):
        of_source = members.c.source == name
        await conn.execute(delete(members).where(of_source, members.c.contact.in_(ids)))
        still = select(members.c.contact).where(members.c.contact.in_(ids))
        nowhere = people.c.id.in_(ids) & people.c.id.not_in(still)
        removed = await conn.execute(
            delete(people).where(
                nowhere,
                people.c.id.not_in(select(written.c.recipient).where(written.c.recipient.in_(ids))),
                people.c.id.not_in(select(written.c.sender).where(written.c.sender.in_(ids))),
            )
        )
        out += removed.rowcount
        await conn.execute(update(people).where(nowhere).values(imported=False))
    return out


async def _count_of(conn: AsyncConnection, name: str) -> int:
    query = select(func.count()).select_from(members).where(members.c.source == name)
    return await conn.scalar(query) or 0


def _insert(conn: AsyncConnection) -> Any:
    return postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert


def _batches(ids: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(ids)
    while batch := list(islice(rest, BATCH)):
        yield batch


def _fresh(name: str, kind: str) -> dict[str, Any]:
    return {
        "name": name,
        "kind": kind,
        "settings": "",
        "token": "",
        "contacts": 0,
        "mails": 0,
        "error": "",
        "reader": "",
    }


def _state(row: Any) -> SourceState:
    return SourceState(
        name=row.name,
        kind=row.kind,
        settings=row.settings,
        token=row.token,
        contacts=row.contacts,
        mails=row.mails,
        read_at=row.read_at,
        tried_at=row.tried_at,
        error=row.error,
    )
