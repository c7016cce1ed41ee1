"""R-F7: whatever is said about a held message at the same time, one of it counts."""

import asyncio
import random
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from factories import HELD_AT, TYPED, hold
from learner import Learner
from one_hold_desk import Says

from guard.compose.letterhead import Letterhead
from guard.holding import first_audit
from guard.model.errors import StaleHoldError
from guard.model.hold import Choice, Hold, HoldState
from guard.model.job import Job, JobKind
from guard.ports import Kept
from guard.release import Answer, Courier, Desk, Links
from guard.release.administrator import Administrator
from guard.store.audit import AuditLog
from guard.store.database import Database
from guard.store.holds import SqlHoldStore
from guard.store.keys import KeyRing
from guard.store.outbox import SqlOutbox

pytestmark = pytest.mark.asyncio(loop_scope="module")

SCHEDULES = 200

NOW = HELD_AT + timedelta(hours=23)
DECISIONS = {"hold.decided", "hold.expired"}
LINKS = Links(("k1", b"k" * 32), lambda _: b"k" * 32)
ENDS = {
    "send": HoldState.RELEASING,
    "drop": HoldState.RELEASING,
    "admin sends": HoldState.RELEASING,
    "cancel": HoldState.RETURNED,
    "admin gives back": HoldState.RETURNED,
    "expire": HoldState.EXPIRED,
}


@dataclass(frozen=True, kw_only=True)
class Node:
    """All that can decide about a hold, as one node has it."""

    store: SqlHoldStore
    outbox: SqlOutbox
    desk: Desk
    administrator: Administrator
    courier: Courier
    audit: AuditLog

    @classmethod
    async def on(cls, url: str, keys: KeyRing, parts: AsyncExitStack) -> "Node":
        """Open one on a database."""
        database = await Database.open(url)
        parts.push_async_callback(database.close)
        outbox = SqlOutbox(database, clock=lambda: NOW)
        store = SqlHoldStore(database, keys, outbox)
        nowhere: Any = None  # nothing is sent here
        letterhead = Letterhead(
            from_="Mail check <guard@example.co.jp>",
            public_url="https://guard.example.co.jp",
            time_zone="Asia/Tokyo",
        )
        return cls(
            store=store,
            outbox=outbox,
            desk=Desk(store, lambda: NOW, Says()),
            administrator=Administrator(store, outbox, lambda: NOW, who="root@host"),
            courier=Courier(
                holds=store,
                outbox=outbox,
                upstream=nowhere,
                contacts=Learner(),
                clock=lambda: NOW,
                links=LINKS,
                letterhead=letterhead,
                name="guard.example",
            ),
            audit=AuditLog(database),
        )

    async def says(self, held: Hold, choice: Choice) -> None:
        """The sender answers."""
        ticked = frozenset({TYPED}) if choice is Choice.SEND else frozenset()
        answer = Answer(choice=choice, ticked=ticked)
        await self.desk.answer(LINKS.token(held), answer)

    async def expires(self, held: Hold, job: Job) -> None:
        """The worker finds that time is over; its job says so only by being struck off."""
        await self.courier.perform(job)
        if (await self.store.get(held.id)).state is not HoldState.EXPIRED:
            raise StaleHoldError


@pytest_asyncio.fixture(loop_scope="module", scope="module", params=["sqlite", "postgres"])
async def nodes(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Node, Node]]:
    """Two nodes on one database."""
    folder: Path = tmp_path_factory.mktemp("races")
    folder.chmod(0o700)
    if request.param == "sqlite":
        url = f"sqlite:///{folder / 'guard.db'}"
    else:
        url = request.getfixturevalue("postgres_server").database()
    keys = KeyRing.open(folder / "guard.key", create=True)
    async with AsyncExitStack() as parts:
        yield await Node.on(url, keys, parts), await Node.on(url, keys, parts)


async def put(node: Node, number: int) -> tuple[Hold, Job]:
    """Hold a message whose time is over any moment; give it with the claimed job for that."""
    held = hold(id=secrets.token_hex(16), number=f"H-{number:04}-QQ", undo_s=0.0)
    await node.store.put(
        Kept(
            hold=held,
            octets=b"Subject: x\r\n\r\n",
            tokens=LINKS.tokens(held),
            jobs=(Job(kind=JobKind.EXPIRE, hold_id=held.id, due_at=NOW),),
            audit=first_audit(held),
        )
    )
    job = await node.outbox.claim(lease_s=60, kinds={JobKind.EXPIRE})
    assert job is not None
    assert job.hold_id == held.id
    return held, job


async def test_one_of_all_decisions_counts(nodes: tuple[Node, Node]) -> None:
    """
    R-F7: release, cancel, expiry, dropping a recipient and an administrator, at once on two nodes.

    In each of 200 random schedules one wins, and the state, the audit log and the jobs that follow
    are all of that one.
    """
    dice = random.Random(7)  # noqa: S311 -- which order, and no secret
    won: dict[str, int] = dict.fromkeys(ENDS, 0)
    for number in range(SCHEDULES):
        held, job = await put(nodes[0], number)

        def by(
            node: Node, held: Hold = held, job: Job = job
        ) -> dict[str, Callable[[], Awaitable[Any]]]:
            return {
                "send": lambda: node.says(held, Choice.SEND),
                "drop": lambda: node.says(held, Choice.DROP),
                "cancel": lambda: node.says(held, Choice.CANCEL),
                "expire": lambda: node.expires(held, job),
                "admin sends": lambda: node.administrator.send(held, "because"),
                "admin gives back": lambda: node.administrator.give_back(held, "because"),
            }

        async def attempt(name: str, after: int, act: Callable[[], Awaitable[Any]]) -> str | None:
            for _ in range(after):
                await asyncio.sleep(0)
            try:
                await act()
            except StaleHoldError:
                return None
            return name

        chosen = dice.sample([*ENDS], dice.randint(2, len(ENDS)))
        ran = [attempt(name, dice.randint(0, 12), by(dice.choice(nodes))[name]) for name in chosen]
        (winner,) = [name for name in await asyncio.gather(*ran) if name is not None]

        won[winner] += 1
        after = await nodes[1].store.get(held.id)
        events = [row.event async for row in nodes[1].audit.entries(held.id)]
        assert after.state is ENDS[winner], winner
        assert len(DECISIONS & {*events}) == len([e for e in events if e in DECISIONS]) == 1
        assert len(after.recipients) == (1 if winner == "drop" else 2)
    assert all(won.values()), won
