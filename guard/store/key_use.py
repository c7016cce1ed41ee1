"""What needs which subkey, and what goes with one that is taken away."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import ColumnElement, Row, delete, exists, func, select

from guard.lists.index import indexes, read_header
from guard.model.errors import SourceError
from guard.model.life import DESTROYABLE, ENDED, HoldState
from guard.ports import AuditEntry
from guard.store.audit import append
from guard.store.opening import Ground
from guard.store.records import Records
from guard.store.tables import holds, jobs_table, links, octets_table

_BATCH: Final = 100

Entry = Callable[[str, str], AuditEntry]
"""Makes the audit row of a hold: its id, the event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """How many held mails need one subkey for holds."""

    undecided: int = 0
    """Not over yet: without the key they could never be sent."""

    whole: int = 0
    """Over, with their octets."""

    known: int = 0
    """Over, and their octets destroyed: subject, names and findings are left."""

    @property
    def all(self) -> int:
        """Of every kind."""
        return self.undecided + self.whole + self.known


async def sealed(ground: Ground) -> dict[str, Sealed]:
    """Count held mail by the subkey that it is sealed with."""
    over = holds.c.state.in_(DESTROYABLE).label("over")
    has_octets = exists().where(octets_table.c.hold_id == holds.c.id).label("has_octets")
    query = select(holds.c.key_id, over, has_octets, func.count()).group_by(
        holds.c.key_id, over, has_octets
    )
    counts: dict[str, Counter[str]] = {}
    async with ground.database.read() as conn:
        for key_id, is_over, is_whole, count in await conn.execute(query):
            kind = "undecided" if not is_over else "whole" if is_whole else "known"
            counts.setdefault(key_id, Counter())[kind] += count
    return {key_id: Sealed(**count) for key_id, count in counts.items()}


async def linked(ground: Ground) -> dict[str, list[str]]:
    """Give the ids of holds in which something can still become of, by their subkey for links."""
    records = Records(ground.keys)
    found: dict[str, list[str]] = {}
    last = ""
    while True:
        query = select(holds).where(holds.c.id > last, holds.c.state.not_in(ENDED))
        async with ground.database.read() as conn:
            rows: Sequence[Row[tuple[object, ...]]] = (
                await conn.execute(query.order_by(holds.c.id).limit(_BATCH))
            ).all()
        for row in rows:
            found.setdefault(records.hold(row).link_key, []).append(row.id)
        if len(rows) < _BATCH:
            return found
        last = rows[-1].id


def listed(folder: Path) -> dict[str, list[str]]:
    """Give the names of the lists in *folder*, by the subkey of their index."""
    found: dict[str, list[str]] = {}
    for name, path in indexes(folder):
        try:
            found.setdefault(read_header(path).key_id, []).append(name)
        except SourceError:
            continue  # no key opens it; `guard lists status` says so
    return found


async def forget_sealed(ground: Ground, key_id: str, entry: Entry) -> int:
    """
    Take everything out of the database that is over and sealed with *key_id*; its log rows stay.

    Gives how many held mails that were.
    """
    count = 0
    over = (holds.c.key_id == key_id) & holds.c.state.in_(DESTROYABLE)
    while True:
        async with ground.database.write() as conn:
            chosen = select(holds.c.id).where(over).limit(_BATCH).with_for_update()
            ids = list((await conn.scalars(chosen)).all())
            for table in (octets_table, links, jobs_table):
                await conn.execute(delete(table).where(table.c.hold_id.in_(ids)))
            await conn.execute(delete(holds).where(holds.c.id.in_(ids)))
            await append(conn, *(entry(hold_id, "hold.forgotten") for hold_id in ids))
        count += len(ids)
        if len(ids) < _BATCH:
            await ground.database.shred_log()
            return count


async def forget_links(ground: Ground, key_id: str, entry: Entry) -> int:
    """
    Take every link out of the database that *key_id* made for mail that is not over.

    From then on it opens nothing. Gives how many held mails are without their links now.
    """
    ids = (await linked(ground)).get(key_id, [])
    for start in range(0, len(ids), _BATCH):
        chosen = ids[start : start + _BATCH]
        async with ground.database.write() as conn:
            await conn.execute(delete(links).where(links.c.hold_id.in_(chosen)))
            await append(conn, *(entry(hold_id, "hold.links_killed") for hold_id in chosen))
    return len(ids)
