"""Where contacts came from, in SQL: how far each source was read, by whom, and whom it has."""

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, Final

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from guard.contacts.threads import message_key
from guard.model.contact import Contact, Exchange
from guard.store import contact_rows, source_rows
from guard.store.contact_sql import chunks, put
from guard.store.database import Database
from guard.store.source_rows import counted, members, sources


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
            await put(conn, sources, [_fresh(name, kind)])
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
            async for part in rows.partitions(source_rows.BATCH):
                found.update((row.contact, row.digest) for row in part)
        return found

    async def uncounted(self, exchanges: Sequence[Exchange]) -> list[Exchange]:
        """Leave out mails that were counted before: from a source, or as traffic of late."""
        by_key = {message_key(each.message_id): each for each in exchanges if each.message_id}
        known: set[int] = set()
        async with self._database.read() as conn:
            for keys in chunks(sorted(by_key)):
                for column in (counted.c.message, contact_rows.threads.c.message):
                    known |= set(await conn.scalars(select(column).where(column.in_(keys))))
        new = [each for key, each in by_key.items() if key not in known]
        # What has no Message-ID cannot be known again.
        return [*new, *(each for each in exchanges if not each.message_id)]

    async def count(self, exchanges: Collection[Exchange]) -> None:
        """Note mails as counted. Done before they are: a crash then loses some, doubles none."""
        named = [each.message_id for each in exchanges if each.message_id]
        rows = [{"message": message_key(one)} for one in named]
        if rows:
            async with self._database.write() as conn:
                await put(conn, counted, rows)

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
        out; gives how many.
        """
        async with self._database.write() as conn:
            own = (sources.c.name == name) & (sources.c.reader == self._reader)
            if not await conn.scalar(select(sources.c.name).where(own).with_for_update()):
                return 0  # who took too long has lost the source to another, who reads it anew
            now = await self._database.now_on(conn)
            await source_rows.put(conn, name, changed)
            out = await source_rows.take_out(conn, name, gone)
            have = await source_rows.count_of(conn, name)
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
            await source_rows.put(conn, by, ids)

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


def _fresh(name: str, kind: str) -> dict[str, Any]:
    return {
        "name": name,
        "kind": kind,
        "settings": "",
        "token": "",
        "contacts": 0,
        "mails": 0,
        "read_at": None,
        "tried_at": None,
        "reads_until": None,
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
