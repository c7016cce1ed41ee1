"""Mail that is held: how fast it is kept and asked about, and a start with much of it."""

import asyncio
import hashlib
import os
import secrets
import signal
import time
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

from guard.holding import first_audit, first_jobs, new_number
from guard.model.address import Address
from guard.model.hold import Hold
from guard.ports import Kept
from guard.release import Links
from guard.store.database import Database
from guard.store.holds import SqlHoldStore
from guard.store.keys import KeyRing
from guard.store.outbox import SqlOutbox
from tests import postgres
from tests.bench.case import Benchmark, Case, Figures, say
from tests.bench.case import Site as Place
from tests.bench.children import cpu_s
from tests.bench.load import Delivery, held
from tests.bench.server import Server, listening
from tests.bench.source import Mail, send_all
from tests.factories import hold
from tests.soak.site import Site

SIZE_BYTES: Final = 50_000
PUTS: Final = 600
MAILS: Final = 300
SESSIONS: Final = 20
WAITING: Final = 10_000
LOOKS: Final = 200

_NUMBERS: Final[set[str]] = set()

STORES: Final = ("SQLite", "PostgreSQL")


@asynccontextmanager
async def cases(place: Place) -> AsyncIterator[Sequence[Case]]:
    """Set up a store of each kind and a guard on each, and one that has ten thousand waiting."""
    async with AsyncExitStack() as parts:
        sink = await parts.enter_async_context(listening("sink"))
        found: list[Case] = []
        for kind in STORES:
            urls = await _urls(parts, kind, place.folder)
            if urls is None:
                continue
            url, empty = urls
            store = await parts.enter_async_context(_store(url, place.folder / f"{kind}.key"))
            site = await parts.enter_async_context(_guard(place.folder / kind, sink, empty))
            found += [
                Case(name="store, 50 KB, one at a time", peer=kind, run=partial(_puts, store, 1)),
                Case(
                    name="store, 50 KB, 20 at once",
                    peer=kind,
                    run=partial(_puts, store, SESSIONS),
                ),
                Case(
                    name="SMTP, 50 KB, 20 connections",
                    peer=kind,
                    run=_holding(site, sink),
                ),
            ]
        folder = _made(place.folder / "waiting")
        url = f"sqlite:///{folder / 'guard.db'}"
        waiting = Site(folder, f"127.0.0.1:{sink.port}", url)
        link = await _fill(url, waiting)
        found.append(
            Case(name=f"start with {WAITING:,} waiting", run=partial(_start, waiting, link))
        )
        yield found


async def _urls(parts: AsyncExitStack, kind: str, folder: Path) -> tuple[str, str] | None:
    """Give two empty databases of a kind, or say why there are none."""
    if kind == "SQLite":
        _made(folder / kind)
        return f"sqlite:///{folder / 'store.db'}", f"sqlite:///{folder / kind / 'guard.db'}"
    if postgres.INITDB is None:
        say("left out, PostgreSQL: it is not installed")
        return None
    server = await asyncio.to_thread(lambda: postgres.Server.made(durable=True))
    parts.callback(server.remove)
    _made(folder / kind)
    return server.database(), server.database()


def _made(folder: Path) -> Path:
    folder.mkdir(mode=0o700)
    return folder


@asynccontextmanager
async def _store(url: str, key_file: Path) -> AsyncIterator[SqlHoldStore]:
    database = await Database.open(url)
    try:
        keys = KeyRing.open(key_file, create=True)
        yield SqlHoldStore(database, keys, SqlOutbox(database))
    finally:
        await database.close()


@asynccontextmanager
async def _guard(folder: Path, sink: Server, url: str) -> AsyncIterator[Site]:
    site = Site(folder, f"127.0.0.1:{sink.port}", url)
    await site.start()
    try:
        yield site
    finally:
        await site.end(signal.SIGTERM)


def _kept(links: Links | None = None, link_key: str = "") -> Kept:
    octets = os.urandom(SIZE_BYTES)
    now = datetime.now(UTC)
    made: Hold = hold(
        id=secrets.token_hex(16),
        number=_unused(),
        held_at=now,
        expires_at=now + timedelta(days=1),
        link_key=link_key,
        octets_sha256=hashlib.sha256(octets).hexdigest(),
    )
    tokens: dict[bytes, Address] = (
        links.tokens(made) if links else {secrets.token_bytes(32): made.owner}
    )
    return Kept(
        hold=made, octets=octets, tokens=tokens, jobs=first_jobs(made), audit=first_audit(made)
    )


def _unused() -> str:
    """Give a number that no other hold of this run has: of ten thousand two often meet."""
    while (number := new_number()) in _NUMBERS:
        pass
    _NUMBERS.add(number)
    return number


async def _puts(store: SqlHoldStore, at_once: int) -> Figures:
    kept = iter([_kept() for _ in range(PUTS)])

    async def some() -> None:
        for each in kept:
            await store.put(each)

    before, began = time.process_time(), time.perf_counter()
    await asyncio.gather(*(some() for _ in range(at_once)))
    took = time.perf_counter() - began
    spent = time.process_time() - before
    return {"holds/s": PUTS / took, "CPU s/1,000": spent * 1000 / PUTS}


def _holding(site: Site, sink: Server) -> Callable[[], Awaitable[Figures]]:
    """Give the case of mail by SMTP: until the 250, and until every sender was asked."""
    body = b"Subject: a\r\n\r\n" + b"Some words about nothing in particular.\r\n" * 1250
    # Of a sender each, so that no two of their notices go in one mail.
    batch = [Mail.of(f"ann{n}@example.com", "eve@hold.example", body) for n in range(MAILS)]

    async def run() -> Figures:
        async with Delivery.of(len(batch), sink) as notices:
            before = cpu_s(site.pid)
            took = await send_all(site.smtp, batch, sessions=SESSIONS, kept=True, expect=held)
            spent = cpu_s(site.pid) - before
            asked = await notices.at
            all_spent = cpu_s(site.pid) - before
        return {
            "holds/s": len(batch) / (took.ended - took.began),
            **took.latency,
            "CPU s/1,000": spent * 1000 / len(batch),
            "asked/s": len(batch) / (asked - took.began),
            "CPU s/1,000, asked": all_spent * 1000 / len(batch),
        }

    return run


async def _fill(url: str, site: Site) -> str:
    """Put ten thousand holds into the guard's store, and give the link to one."""
    say(f"holds: holding {WAITING:,} mails")
    keys = KeyRing.open(site.folder / "guard.key", create=True)
    current = keys.current("links")
    links = Links(current, lambda key_id: keys.get("links", key_id))
    async with _store(url, site.folder / "guard.key") as store:
        for first in range(0, WAITING, 100):
            some = [_kept(links, current[0]) for _ in range(min(100, WAITING - first))]
            # Their senders were asked long ago: what waits is the answer.
            await asyncio.gather(
                *(
                    store.put(
                        Kept(
                            hold=each.hold,
                            octets=each.octets,
                            tokens=each.tokens,
                            jobs=[job for job in each.jobs if job.due_at > each.hold.held_at],
                            audit=each.audit,
                        )
                    )
                    for each in some
                )
            )
    return f"http://127.0.0.1:{site.web}/m/{links.token(some[0].hold)}"


async def _start(site: Site, link: str) -> Figures:
    began = time.perf_counter()
    await site.start()
    ready = time.perf_counter() - began
    try:
        took = await asyncio.to_thread(_look, link)
    finally:
        await site.end(signal.SIGTERM)
    return {"readyz ms": ready * 1000, "page ms": took * 1000}


def _look(link: str) -> float:
    """Open a page again and again, and give what half of the times took at most, in seconds."""
    times = []
    for _ in range(LOOKS):
        began = time.perf_counter()
        with urllib.request.urlopen(link, timeout=30) as page:
            page.read()
        times.append(time.perf_counter() - began)
    return sorted(times)[LOOKS // 2]


BENCHMARK: Final = Benchmark(
    name="holds",
    about="mail that is held, of 50 KB; every commit is synced to the disk",
    rounds=3,
    cases=cases,
)
