"""R-A1: killed at random under load, again and again; then every mail is accounted for."""

import asyncio
import os
import random
import re
import secrets
import signal
from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from front import Client
from running import HELD_DOMAIN, Running, links_in, post
from smarthost import Mail, Smarthost

from guard.model.hold import HoldState
from guard.store.holds import SqlHoldStore
from guard.store.opening import opened
from guard.store.outbox import SqlOutbox
from guard.worker import WORKERS

ROUNDS = int(os.environ.get("GUARD_KILL_ROUNDS", "4"))
"""Twenty or more show what four do not; ``GUARD_KILL_ROUNDS=30 pytest -s`` on this file."""

CLIENTS = 6
HELD = f"eve@{HELD_DOMAIN}"
CLEAN = "bob@example.net"
MARK = re.compile(rb"Subject: (mail-\d+)\r\n")


@dataclass
class Load:
    """Clients that send and senders who confirm, whether the guard lives or not."""

    guard: Running
    smarthost: Smarthost
    sent: int = 0
    acknowledged: dict[str, str] = field(default_factory=dict)
    """Mark of each mail that was answered 250 → its recipient."""

    read: int = 0
    """Mails at the smarthost that were looked at for links."""

    links: deque[str] = field(default_factory=deque)
    """Of notices, not followed yet."""

    async def more(self, count: int) -> None:
        """Wait until *count* more mails were acknowledged."""
        enough = len(self.acknowledged) + count
        await self.guard.until(lambda: len(self.acknowledged) >= enough)

    async def send(self) -> None:
        """Hand in mail after mail until cancelled; none is sent again."""
        while True:
            try:
                async with await Client.greeted(self.guard) as client:
                    while True:
                        await self._one(client)
            except (ConnectionError, EOFError):
                await asyncio.sleep(0.01)  # it is being started

    async def confirm(self) -> None:
        """Follow each link that arrives, until cancelled."""
        while True:
            for mail in self.smarthost.messages[self.read :]:
                self.read += 1
                if mail.mail_from == "":
                    self.links.extend(links_in(mail))
            if self.links:
                # What a dying guard did not hear is not said again: that mail stays waiting.
                await post(self.links.popleft(), action="send", confirm=HELD)
            else:
                await asyncio.sleep(0.01)

    async def _one(self, client: Client) -> None:
        self.sent += 1
        mark, to = f"mail-{self.sent}", (HELD, CLEAN)[self.sent % 2]
        for line in ("MAIL FROM:<ann@example.com>", f"RCPT TO:<{to}>", "DATA"):
            if not (await client.ask(line)).startswith(("2", "3")):
                raise EOFError
        reply = await client.ask(
            f"Subject: {mark}\r\n\r\n".encode() + b"text\r\n" * 2000 + b".\r\n"
        )
        if not reply:
            raise EOFError
        assert reply.startswith(("250 ", "451 ", "421 ")), reply
        if reply.startswith("250 "):
            self.acknowledged[mark] = to


def mark_of(octets: bytes) -> str:
    found = MARK.search(octets)
    assert found is not None
    return found[1].decode()


def copies(mails: list[Mail]) -> Counter[str]:
    """How often each mail of a client arrived."""
    return Counter(mark_of(mail.octets) for mail in mails if mail.mail_from != "")


@pytest.mark.timeout(60 + 30 * ROUNDS)
async def test_killed_at_random(tmp_path: Path) -> None:
    """R-A1: acknowledged is delivered or held; none lost, and copies only of what was released."""
    seed = secrets.randbelow(1 << 32)
    chance = random.Random(seed)  # noqa: S311 -- to be repeated
    async with Smarthost() as smarthost:
        guard = Running(tmp_path, smarthost)
        load = Load(guard, smarthost)
        tasks: list[asyncio.Task[None]] = []
        try:
            for _ in range(ROUNDS):
                await guard.start()
                tasks = tasks or [
                    *(asyncio.create_task(load.send()) for _ in range(CLIENTS)),
                    *(asyncio.create_task(load.confirm()) for _ in range(CLIENTS)),
                ]
                await load.more(chance.randint(1, 150))
                await asyncio.sleep(chance.random() / 50)  # anywhere in what is going on
                await guard.end(signal.SIGKILL)
            for task in tasks:
                task.cancel()
            ends = await asyncio.gather(*tasks, return_exceptions=True)
            assert all(isinstance(end, asyncio.CancelledError) for end in ends), ends
            guard.end_leases()
            await guard.start()
            waiting = "SELECT count(*) FROM outbox WHERE kind IN ('release', 'release_again')"
            await guard.until(lambda: guard.ask(waiting) == [(0,)])
            assert await guard.stop() == 0
        finally:
            for task in tasks:
                task.cancel()
            await guard.kill()
        arrived = copies(smarthost.messages)
        assert smarthost.violations == []

    states = await held(tmp_path)
    told = f"seed {seed}: {await summary(guard, load, arrived, states)}"
    print(told)  # noqa: T201 -- the account that pytest -s shows
    lost = [mark for mark in load.acknowledged if not arrived[mark] and mark not in states]
    assert lost == [], told
    for mark, state in states.items():
        assert (state is HoldState.DELIVERED) == bool(arrived[mark]), f"{told}; {mark} is {state}"
    doubled = {mark for mark, count in arrived.items() if count > 1}
    assert doubled <= set(states), told  # never clean mail, which no client sent twice
    assert sum(arrived[mark] - 1 for mark in doubled) <= ROUNDS * WORKERS, told


async def held(folder: Path) -> dict[str, HoldState]:
    """What became of each mail that is in the store."""
    async with opened("sqlite:///guard.db", Path("guard.key"), folder=folder) as ground:
        store = SqlHoldStore(ground.database, ground.keys, SqlOutbox(ground.database))
        return {mark_of(await store.octets(each.id)): each.state async for each in store.find()}


async def summary(
    guard: Running, load: Load, arrived: Counter[str], states: dict[str, HoldState]
) -> str:
    """Say in a line what happened; the audit chain must be whole."""
    events = Counter(await guard.events())
    assert events["hold.created"] == len(states)
    return (
        f"{ROUNDS} kills, {load.sent} sent, {len(load.acknowledged)} acknowledged, "
        f"{sum(state is HoldState.DELIVERED for state in states.values())} released of "
        f"{len(states)} held, {sum(count > 1 for count in arrived.values())} arrived twice"
    )
