"""What needs which subkey, and what goes with one that is taken away."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import and_, delete, exists, func, select

from guard.lists.layout import read_header
from guard.lists.paths import indexes
from guard.model.errors import DamagedError, SourceError
from guard.model.job import JobKind
from guard.model.life import DESTROYABLE, ENDED
from guard.ports import AuditEntry
from guard.store.audit import append
from guard.store.opening import Ground
from guard.store.past import forget
from guard.store.records import Records
from guard.store.tables import holds, jobs_table, links, octets_table

_BATCH: Final = 100

_OVER: Final = and_(
    holds.c.state.in_(DESTROYABLE),
    # Somebody is still to be told, perhaps with the original, or it is tried once more.
    ~exists().where(
        jobs_table.c.hold_id == holds.c.id,
        jobs_table.c.kind != JobKind.DESTROY,
        jobs_table.c.parked_at.is_(None),
    ),
)
"""Nothing that we promised is left to do."""

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
    over = _OVER.label("over")
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


async def linked(ground: Ground, *, ended: bool) -> dict[str, list[str]]:
    """
    Give the ids of holds by their subkey for links; with *ended* also of those that are over.

    Whatever does not open stands under an empty id.
    """
    records = Records(ground.keys)
    found: dict[str, list[str]] = {}
    wanted = select(holds).order_by(holds.c.id).limit(_BATCH)
    if not ended:
        wanted = wanted.where(holds.c.state.not_in(ENDED))
    last = ""
    while True:
        async with ground.database.read() as conn:
            rows = (await conn.execute(wanted.where(holds.c.id > last))).all()
        for row in rows:
            try:
                link_key = records.hold(row).link_key
            except DamagedError:
                link_key = ""
            found.setdefault(link_key, []).append(row.id)
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

    Features of judged mail that it sealed go, too.

    Gives how many held mails that were.
    """
    count = 0
    over = and_(holds.c.key_id == key_id, _OVER)
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
            await forget(ground.database, key_id=key_id)
            await ground.database.shred_log()
            return count


async def forget_links(ground: Ground, key_id: str, entry: Entry) -> int:
    """
    Take every link out of the database that *key_id* made: from then on it opens nothing.

    So do links of mail that does not open, which nobody can know better. Gives how many held mails
    are without their links now.
    """
    found = await linked(ground, ended=True)
    ids = [*found.get(key_id, ()), *found.get("", ())]
    for start in range(0, len(ids), _BATCH):
        chosen = ids[start : start + _BATCH]
        async with ground.database.write() as conn:
            await conn.execute(delete(links).where(links.c.hold_id.in_(chosen)))
            await append(conn, *(entry(hold_id, "hold.links_killed") for hold_id in chosen))
    return len(ids)
