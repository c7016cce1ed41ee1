"""Several guards on one PostgreSQL: each a process of its own, killed, stopped and cut off."""

import asyncio
import hashlib
import os
import re
import secrets
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import postgres
import pytest
from factories import hold
from faults.clock import wrong_by
from front import Client
from running import HELD_DOMAIN, Running, post
from smarthost import HANG, Smarthost
from sqlalchemy import text

from guard.holding import first_audit, new_number
from guard.model.errors import StoreError
from guard.model.hold import Hold
from guard.ports import Kept
from guard.release import Links
from guard.store.audit import AuditLog
from guard.store.database import Database
from guard.store.holds import SqlHoldStore
from guard.store.keys import KeyRing
from guard.store.outbox import SqlOutbox

TRIES = int(os.environ.get("GUARD_NODE_TRIES", "80"))
"""Holds that are answered at two nodes at once; `make soak` has a thousand."""

MAIL = b"Subject: a\r\n\r\nb\r\n"
LEASE_S = 3.0
"""Shorter than a guard's own, so that a test need not wait for half a minute."""

PROGRAM = f"""
import sys
import guard.worker
guard.worker.LEASE_S = {LEASE_S}
from guard.cli import main
sys.argv = ["guard", "run"]
main()
"""

pytestmark = pytest.mark.timeout(300)


class Node(Running):
    """One guard of several on the same database."""

    def __init__(self, folder: Path, smarthost: Smarthost, url: str) -> None:
        folder.mkdir()
        super().__init__(folder, smarthost)
        with (folder / "guard.toml").open("a") as file:
            file.write(f'[store]\nurl = "{url}"\n')

    def spawn(self, environ: Mapping[str, str] = {}, *, before: Sequence[str] = ()) -> None:
        """Start it with short leases."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*before, sys.executable, "-c", PROGRAM],
                cwd=self.folder,
                stdout=log,
                stderr=log,
                env={**os.environ, **environ},
            )

    def page(self, token: str) -> str:
        """Give the address of a hold's page at this node."""
        return f"http://127.0.0.1:{self._web}/m/{token}"


class Place:
    """Two nodes that do not run yet, their database, and what is put there by hand."""

    def __init__(self, nodes: Sequence[Node], database: Database, keys: KeyRing) -> None:
        self.nodes = nodes
        self.database = database
        self.store = SqlHoldStore(database, keys, SqlOutbox(database))
        self.links = Links(keys.current("links"), lambda key_id: keys.get("links", key_id))
        self.link_key = keys.current("links")[0]

    async def held(self) -> Hold:
        """Hold one message that sends without an undo window, once its sender says so."""
        now = datetime.now(UTC)
        number = new_number()
        octets = f"Subject: {number}\r\n\r\nhi\r\n".encode()
        kept = hold(
            id=secrets.token_hex(16),
            number=number,
            held_at=now,
            expires_at=now + timedelta(days=1),
            undo_s=0.0,
            retention_s=3600.0,
            link_key=self.link_key,
            octets_sha256=hashlib.sha256(octets).hexdigest(),
        )
        await self.store.put(
            Kept(
                hold=kept,
                octets=octets,
                tokens=self.links.tokens(kept),
                jobs=(),
                audit=first_audit(kept),
            )
        )
        return kept

    async def send(self, node: Node, kept: Hold) -> int:
        """Say at *node* that it is to be sent."""
        link = node.page(self.links.token(kept))
        return await post(link, confirm=kept.verdict.doubtful[0].text, action="send")

    async def states(self, state: str, count: int) -> None:
        """Wait until so many holds are in *state*."""
        async with asyncio.timeout(120):
            while len([each async for each in self.store.find(states=[state])]) < count:
                await asyncio.sleep(0.1)


@pytest.fixture(scope="module")
def server() -> Iterator[postgres.Server]:
    """A PostgreSQL of these tests alone: it is stopped, and cut off."""
    with postgres.postgres() as running:
        yield running


class Gated(Smarthost):
    """The first DATA that comes is answered when `gate` is set, others at once."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.gate.set()
        self.at_gate = asyncio.Event()

    async def _do_data(self, session, text: str) -> None:
        if not self.gate.is_set() and not self.at_gate.is_set():
            self.at_gate.set()
            await self.gate.wait()
        await super()._do_data(session, text)

    def deliveries(self) -> Counter[str]:
        """How often each held message came, by its subject."""
        held = [mail.octets for mail in self.messages if mail.mail_from]
        return Counter(re.search(rb"Subject: (\S+)", octets)[1].decode() for octets in held)


@pytest.fixture
async def smarthost() -> AsyncIterator[Gated]:
    async with Gated() as smarthost:
        yield smarthost
        smarthost.gate.set()
        assert smarthost.violations == []


@pytest.fixture
async def place(tmp_path: Path, server: postgres.Server, smarthost: Gated) -> AsyncIterator[Place]:
    """Two nodes with one key ring."""
    tmp_path.chmod(0o700)
    url = server.database()
    nodes = [Node(tmp_path / name, smarthost, url) for name in ("one", "two")]
    keys = KeyRing.open(nodes[0].folder / "guard.key", create=True)
    (nodes[1].folder / "guard.key").hardlink_to(nodes[0].folder / "guard.key")
    async with AsyncExitStack() as stack:
        database = await Database.open(url)
        stack.push_async_callback(database.close)
        for node in nodes:
            stack.push_async_callback(node.kill)
        yield Place(nodes, database, keys)
        assert await AuditLog(database).first_wrong() is None


async def test_two_nodes_one_release(place: Place, smarthost: Gated) -> None:
    """R-K1, R-F3: each hold is answered at both nodes at once, and leaves exactly once."""
    one, two = place.nodes
    await asyncio.gather(one.start(), two.start())
    holds = [await place.held() for _ in range(TRIES)]
    at_once = asyncio.Semaphore(6)

    async def answered(kept: Hold) -> list[int]:
        async with at_once:
            return await asyncio.gather(place.send(one, kept), place.send(two, kept))

    codes = await asyncio.gather(*map(answered, holds))
    await place.states("delivered", TRIES)
    for node in place.nodes:
        assert await node.stop() == 0

    assert {code for pair in codes for code in pair} == {200}
    assert smarthost.deliveries() == {each.number: 1 for each in holds}
    events = Counter([entry.event async for entry in AuditLog(place.database).entries()])
    assert events["hold.decided"] == TRIES
    assert events["hold.delivered"] == TRIES


async def test_another_node_takes_over(place: Place, smarthost: Gated) -> None:
    """R-K2: a node that is killed with a lease gives its job back by doing nothing."""
    one, two = place.nodes
    smarthost.on("DATA", HANG, times=1)
    await one.start()
    kept = await place.held()
    await place.send(one, kept)
    await smarthost.wait_until(lambda: "DATA" in smarthost.commands)
    await one.kill()
    assert smarthost.deliveries() == {}

    await two.start()
    await place.states("delivered", 1)

    assert await two.stop() == 0
    assert smarthost.deliveries() == {kept.number: 1}


async def test_a_node_that_was_stopped_sends_nothing_more(place: Place, smarthost: Gated) -> None:
    """R-K2: stopped in mid release past its lease, it asks before the dot, and drops the mail."""
    one, two = place.nodes
    smarthost.gate.clear()
    await one.start()
    kept = await place.held()
    await place.send(one, kept)
    async with asyncio.timeout(30):
        await smarthost.at_gate.wait()
    os.kill(one.process_id, signal.SIGSTOP)
    await two.start()
    await place.states("delivered", 1)  # once the lease is over

    smarthost.gate.set()
    os.kill(one.process_id, signal.SIGCONT)
    for node in place.nodes:
        assert await node.stop() == 0

    assert smarthost.deliveries() == {kept.number: 1}


@pytest.mark.parametrize("days", [-1, 1])
async def test_a_clock_that_is_a_day_off(
    place: Place, smarthost: Gated, tmp_path: Path, days: int
) -> None:
    """R-K4, R-F6: a node whose clock is wrong neither expires nor refuses what is open."""
    one, two = place.nodes
    wrong = wrong_by(timedelta(days=days), tmp_path)
    told = "import time; print(time.time())"
    shown = await asyncio.to_thread(
        subprocess.check_output, [sys.executable, "-c", told], env={**os.environ, **wrong}
    )
    off = datetime.fromtimestamp(float(shown), UTC) - datetime.now(UTC)
    assert abs(off - timedelta(days=days)) < timedelta(minutes=5)

    await one.start(wrong)
    await two.start()
    kept = await place.held()

    async with await Client.greeted(one) as client:
        assert (await client.mail(MAIL, recipients=(f"<eve@{HELD_DOMAIN}>",))).startswith("250 ")
    assert await place.send(one, kept) == 200
    await place.states("delivered", 1)

    (waiting,) = [each async for each in place.store.find(states=["waiting"])]
    assert abs(waiting.held_at - datetime.now(UTC)) < timedelta(minutes=5)
    for node in place.nodes:
        assert await node.stop() == 0
    assert smarthost.deliveries() == {kept.number: 1}


async def test_the_server_is_stopped_and_started(
    place: Place, server: postgres.Server, smarthost: Gated
) -> None:
    """R-K3, R-A7: 451 meanwhile, others are served, and all is well without a restart."""
    (node, _) = place.nodes
    await node.start()
    kept = await place.held()
    await asyncio.to_thread(server.stop)
    try:
        async with _two_clients(node) as (holding, other), asyncio.timeout(20):
            reply = asyncio.create_task(_held_by(holding))
            assert (await other.ask("NOOP")).startswith("250 ")
            assert (await reply).startswith("451 4.3.0 ")
        assert await place.send(node, kept) == 503
    finally:
        await asyncio.to_thread(server.start)

    async with asyncio.timeout(60):
        while await place.send(node, kept) != 200:
            await asyncio.sleep(0.2)
    await place.states("delivered", 1)
    async with await Client.greeted(node) as client:
        assert (await _held_by(client)).startswith("250 ")
    assert await node.stop() == 0
    assert smarthost.deliveries() == {kept.number: 1}


async def test_connections_are_cut(place: Place, server: postgres.Server, smarthost: Gated) -> None:
    """R-K3: whatever is cut, each mail is held once or refused for now, and each release is one."""
    (node, _) = place.nodes
    await node.start()
    holds = [await place.held() for _ in range(10)]
    name = place.database.url.database or ""
    over = asyncio.Event()

    async def cut() -> None:
        while not over.is_set():
            await asyncio.to_thread(server.cut_connections, name)
            await asyncio.sleep(0.05)

    cutting = asyncio.create_task(cut())
    replies = []
    for _ in range(20):
        async with await Client.greeted(node) as client:
            replies.append((await _held_by(client))[:3])
    for kept in holds:
        async with asyncio.timeout(60):
            while await place.send(node, kept) != 200:
                await asyncio.sleep(0.05)
    over.set()
    await cutting
    await place.states("delivered", 10)

    assert set(replies) <= {"250", "451"}
    waiting = [each async for each in place.store.find(states=["waiting"])]
    assert len(waiting) >= replies.count("250")  # a lost answer to a commit may have been a yes
    assert await node.stop() == 0
    assert smarthost.deliveries() == {each.number: 1 for each in holds}


async def test_transactions_that_do_not_fit_together(
    place: Place, server: postgres.Server, smarthost: Gated
) -> None:
    """R-K3: of two at once the database refuses one; it is tried again, and there is no double."""
    _serializable(place, server)
    one, two = place.nodes
    await asyncio.gather(one.start(), two.start())
    holds = [await place.held() for _ in range(20)]

    async def answered(node: Node, kept: Hold) -> list[int]:
        codes = [await place.send(node, kept)]
        while codes[-1] != 200:
            codes.append(await place.send(node, kept))
        return codes

    async with asyncio.timeout(120):
        answers = await asyncio.gather(
            *(answered(node, kept) for kept in holds for node in place.nodes)
        )
    await place.states("delivered", len(holds))
    for node in place.nodes:
        assert await node.stop() == 0

    # Without a 503 nothing was refused, and this has shown nothing.
    assert {code for each in answers for code in each} == {200, 503}
    assert smarthost.deliveries() == {each.number: 1 for each in holds}
    events = Counter([entry.event async for entry in AuditLog(place.database).entries()])
    assert events["hold.decided"] == events["hold.delivered"] == len(holds)


async def test_a_serialization_failure_changes_nothing(
    place: Place, server: postgres.Server
) -> None:
    """R-K3: it is a `StoreError` as with any outage: 451, or another try."""
    kept = await place.held()
    _serializable(place, server)
    database = await Database.open(place.database.url.render_as_string(hide_password=False))
    seen = text("SELECT number FROM holds")
    moved = text("UPDATE holds SET number = :number")

    async def late() -> None:
        async with database.write() as conn:
            assert await conn.scalar(seen) == kept.number
            async with database.write() as early:
                await early.execute(moved, {"number": "early"})
            await conn.execute(moved, {"number": "late"})

    with pytest.raises(StoreError, match="40001"):
        await late()

    async with database.read() as conn:
        assert await conn.scalar(seen) == "early"
    await database.close()


def _serializable(place: Place, server: postgres.Server) -> None:
    """Have the database be stricter with all connections to come than Guard asks for."""
    name = place.database.url.database or ""
    server.sql(f"ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'")


@asynccontextmanager
async def _two_clients(node: Node) -> AsyncIterator[tuple[Client, Client]]:
    async with await Client.greeted(node) as one, await Client.greeted(node) as other:
        yield one, other


async def _held_by(client: Client) -> str:
    """Hand in a mail that is held, and give the last reply."""
    return await client.mail(MAIL, recipients=(f"<eve@{HELD_DOMAIN}>",))
