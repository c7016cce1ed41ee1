"""Who writes to whom: memory, and the time to judge one message, in memory alone and in SQL."""
# ruff: noqa: S311 -- nothing here is secret

import asyncio
import gc
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from os import getpid
from pathlib import Path
from random import Random
from statistics import quantiles
from typing import Any, Final

from sqlalchemy import select

from guard.contacts.acquaintance import Acquaintance
from guard.contacts.history import History
from guard.model.address import Address, Mailbox
from guard.model.contact import Contact, Exchange
from guard.store.contact_rows import contact, contacts
from guard.store.contacts import ContactStore
from guard.store.database import Database
from tests.bench import mails
from tests.bench.case import Benchmark, Case, Figures, Site
from tests.bench.children import figures_of, memory_mib, own_rss_mib, print_figures

IN_MEMORY: Final = (1_000, 10_000, 100_000)
IN_SQL: Final = (1_000, 10_000, 100_000, 1_000_000)
LARGE: Final = 100_000
"""From here on one round is enough: it takes minutes."""

SENDERS: Final = 50
"""
Senders there are at least; in a large organisation one for each `EACH` contacts. Some have more to
do than others: half of the questions come from one with 400 contacts or more.
"""

EACH: Final = 200
TOGETHER: Final = 4
"""People to whom every tenth mail goes."""

MANY: Final = 30
ASKED: Final = 400
SLICE: Final = 50_000
NOW: Final = datetime(2026, 11, 25, tzinfo=UTC)

Ask = Callable[[Exchange], Awaitable[Acquaintance]]


@asynccontextmanager
async def cases(site: Site) -> AsyncIterator[Sequence[Case]]:
    """Nothing is needed: each run makes its own people."""
    in_memory = [
        Case(
            name=f"{size:,} contacts",
            peer="history",
            run=partial(figures_of, "contacts", "history", str(size)),
            rounds=1_000 if size < LARGE else 1,
        )
        for size in IN_MEMORY
    ]
    in_sql = [
        Case(
            name=f"{size:,} contacts",
            run=partial(_in_sql, site.folder / f"{size}.db", size),
            rounds=1_000 if size < LARGE else 1,
        )
        for size in IN_SQL
    ]
    yield [*in_memory, *in_sql]


async def _in_sql(path: Path, size: int) -> Figures:
    """Fill a database in one process and ask it in another, whose memory is that of asking."""
    filled = await figures_of("contacts", "fill", str(size), str(path))
    asked = await figures_of("contacts", "ask", str(size), str(path))
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()
    return {**filled, **asked}


async def in_history(size: int) -> Figures:
    """Fill a history, and ask it."""
    gc.collect()
    people = _people(size)
    sent = list(_sent(people))
    gc.collect()
    memory = own_rss_mib()
    began = time.perf_counter()
    history = History()
    for each in people:
        history.add_contact(each)
    for exchange in sent:
        history.learn(exchange)
    filled = time.perf_counter() - began
    # What the history shares with the mails would stay with it alone.
    sent.clear()
    gc.collect()
    memory = own_rss_mib() - memory

    async def ask(exchange: Exchange) -> Acquaintance:
        return history.acquaintance(exchange)

    some = Random(1).sample(people, min(len(people), 2_000))
    return {"MiB": memory, "filled s": filled, **await _asked(ask, some, size)}


async def fill(size: int, path: Path) -> Figures:
    """Fill a database as an administrator would: a directory, then mail that was sent."""
    database = await Database.open(f"sqlite:///{path}")
    store = await ContactStore.open(database)
    people = _people(size)
    began = time.perf_counter()
    for at in range(0, size, SLICE):
        await store.add(people[at : at + SLICE])
    added = time.perf_counter()
    count = await store.learn_many(_sent(people))
    learned = time.perf_counter()
    await store.close()
    await database.close()
    return {
        "file MiB": path.stat().st_size / 2**20,
        "filled s": learned - began,
        "imported contacts/s": size / (added - began),
        "learned mails/s": count / (learned - added),
    }


async def ask(size: int, path: Path) -> Figures:
    """Ask a database that was filled before."""
    database = await Database.open(f"sqlite:///{path}")
    gc.collect()
    gc.freeze()  # as a guard does when it has started
    before = memory_mib(getpid())
    began = time.perf_counter()
    store = await ContactStore.open(database)
    opened = (time.perf_counter() - began) * 1000
    some = await _some(database, size)
    figures = await _asked(store.acquaintance, some, size)
    gc.collect()
    after = memory_mib(getpid())
    await store.close()
    await database.close()
    return {
        "MiB": after["RSS"] - before["RSS"],
        "PSS MiB": after["PSS"] - before["PSS"],
        "open ms": opened,
        **figures,
    }


async def _some(database: Database, size: int) -> list[Contact]:
    """Give some of those who got mail, wherever they stand."""
    rng, found = Random(size), []
    async with database.read() as conn:
        while len(found) < min(2_000, size // 3):
            at = rng.getrandbits(63)
            query = select(contacts).where(contacts.c.id >= at, contacts.c.received > 0)
            row: Any = (await conn.execute(query.order_by(contacts.c.id).limit(1))).first()
            known = contact(row) if row else None
            if known is not None:
                found.append(known)
    return found


async def _asked(ask: Ask, some: Sequence[Contact], size: int) -> Figures:
    """Judge mail to people who are known, with slips, and to many at once."""
    rng = Random(size + 1)
    kinds: dict[str, list[Exchange]] = {
        "known": [_mail(rng, [rng.choice(some)], size) for _ in range(ASKED)],
        "slip": [_mail(rng, [_slipped(rng, rng.choice(some))], size) for _ in range(ASKED)],
        f"to {MANY}": [_mail(rng, rng.sample(some, MANY), size) for _ in range(ASKED // 10)],
    }
    figures: dict[str, float] = {}
    for kind, exchanges in kinds.items():
        times, used = [], time.process_time()
        for exchange in exchanges:
            began = time.perf_counter()
            await ask(exchange)
            times.append((time.perf_counter() - began) * 1000)
        used = time.process_time() - used
        figures[f"{kind} CPU ms"] = used * 1000 / len(exchanges)
        at = quantiles(times, n=100, method="inclusive")
        figures |= {f"{kind} p{part} ms": at[part - 1] for part in (50, 95, 99)}
    return figures


def _people(size: int) -> list[Contact]:
    return [
        Contact(address=Address.parse(address), name=name, company=company)
        for name, company, address in mails.contacts(size, size)
    ]


def _sent(people: Sequence[Contact]) -> Iterator[Exchange]:
    """Three mails for each contact, often to those with whom one often deals."""
    rng, size = Random(len(people)), len(people)
    for number in range(3 * size):
        count = 1 if number % 10 else TOGETHER
        first = min(int(rng.expovariate(3 / size)), size - 1)
        yield _mail(rng, people[first : first + count], size, days_ago=rng.random() * 300)


def _slipped(rng: Random, to: Contact) -> Contact:
    """Give a contact with a letter too many in its address."""
    at = rng.randrange(len(to.address.local))
    letter = rng.choice("abcdefghijklmnopqrstuvwxyz")
    local = to.address.local[:at] + letter + to.address.local[at:]
    return Contact(address=Address.parse(f"{local}@{to.address.domain}"), name=to.name)


def _mail(rng: Random, to: Sequence[Contact], size: int, days_ago: float = 0) -> Exchange:
    """Make a mail of the one of us who deals with the first of *to*."""
    first = to[0]
    sender = sum(first.address.domain.encode()) * 31 + len(first.name)
    return Exchange(
        sender=Mailbox(
            address=Address.parse(f"user{sender % max(SENDERS, size // EACH)}@example.co.jp")
        ),
        recipients=tuple(Mailbox(address=one.address, name=one.name) for one in to),
        at=NOW - timedelta(days=days_ago),
        message_id=f"<{rng.getrandbits(64):x}@example.co.jp>",
        subject="お見積り",
        text=f"{first.name}様\n\nお世話になっております。資料をお送りします。\n",
    )


BENCHMARK: Final = Benchmark(
    name="contacts",
    about="in memory alone (history) and in SQLite; three mails were sent for each contact",
    rounds=3,
    cases=cases,
)

if __name__ == "__main__":
    what, size_, *files = sys.argv[1:]
    how: dict[str, Callable[..., Any]] = {"history": in_history, "fill": fill, "ask": ask}
    print_figures(asyncio.run(how[what](int(size_), *map(Path, files))))
