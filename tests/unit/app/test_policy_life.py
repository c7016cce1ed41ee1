"""A running process follows its folder, exceptions and commands, and tells what it has."""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from guard.app import policy_life as module
from guard.app.in_force import InForce
from guard.app.policy_life import PolicyLife
from guard.config import Settings
from guard.model.errors import StoreError
from guard.model.job import JobKind
from guard.store.database import Database
from guard.store.exceptions import Exceptions
from guard.store.outbox import SqlOutbox
from guard.store.policy_processes import PolicyProcesses
from guard.store.wishes import Wishes

POLICY = """\
guard: 1
mode: watch
us: {domains: [example.co.jp]}
rules:
  - id: r
    message: {en: "New."}
    when: {recipient: {first_time: true}}
    then: hold
"""


class Process:
    """One process of a guard, of which only the policy lives."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.in_force = InForce(Settings(policies=folder))
        self.reloads = 0
        self.life = PolicyLife(
            in_force=self.in_force,
            exceptions=Exceptions(database),
            processes=PolicyProcesses(database),
            follow=self.follow,
            reload=self.reload,
        )

    async def follow(self) -> None:
        self.in_force.reload(whole=True)

    async def reload(self) -> None:
        self.reloads += 1
        self.in_force.reload()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "policies"
    found.mkdir()
    (found / "main.yaml").write_text(POLICY)
    return found


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    tmp_path.chmod(0o700)
    opened = await Database.open(f"sqlite:///{tmp_path}/guard.db")
    yield opened
    await opened.close()


async def test_exceptions_come_and_go(folder: Path, database: Database) -> None:
    """Those that were there at the start count, too; the hash tells of each change."""
    store = Exceptions(database)
    said = {"rule": "r", "to": ["*@a.example"], "from_": [], "because": "b", "who": "admin:x"}
    made = await store.add(**said, until=date(2099, 1, 1))
    process = Process(folder, database)
    bare = process.in_force.policy.hash

    await process.life.begin()
    assert [one.because for one in process.in_force.policy.rules[0].except_] == ["b"]
    assert process.in_force.policy.hash != bare
    (told,) = await PolicyProcesses(database).alive()
    assert told.policy == process.in_force.policy.hash
    assert told.pid == os.getpid()

    process.life.excused([made.id])
    await process.life._look_at_store()
    (kept,) = await store.all()
    assert kept.matched_on is not None

    await store.end(made.id, who="admin:x")
    await process.life._look_at_store()
    assert process.in_force.policy.hash == bare
    assert process.reloads == 0  # the files were not asked for


async def test_a_wish_is_done_once_and_told(folder: Path, database: Database) -> None:
    """Whoever asked sees by the number that it is done, and what came of it."""
    process, other = Process(folder, database), PolicyProcesses(database)
    await process.life.begin()
    (folder / "main.yaml").write_text(POLICY.replace("then: hold", "then: tell"))
    wish = await other.ask_reload()

    await process.life._look_at_store()
    await process.life._look_at_store()

    (told,) = await other.alive()
    assert (told.reload, told.policy, told.problems) == (wish, process.in_force.policy.hash, ())
    assert process.in_force.policy.rules[0].then.word == "tell"
    assert process.reloads == 1


async def test_a_bad_policy_is_told_once(folder: Path, database: Database) -> None:
    """One alarm for each bad version over all processes; the last good one stays in force."""
    processes = [Process(folder, database) for _ in range(2)]
    good = processes[0].in_force.policy
    outbox = SqlOutbox(database)
    notes = list[str]()
    for text in ("guard: 1\nmode: wach\n", "guard: 1\nmode: wach\n", "guard: 2\n"):
        (folder / "main.yaml").write_text(text)
        for process in processes:
            process.in_force.reload()
            await process.life._look_at_store()
        while job := await outbox.claim(lease_s=60, kinds=[JobKind.ALARM]):
            notes.append(job.note)
            await outbox.finish(job)

    assert notes == ["policy_refused"] * 2
    told = await PolicyProcesses(database).alive()
    assert {each.policy for each in told} == {good.hash}
    assert all("write 1" in each.problems[1] for each in told)


def test_half_a_folder_is_not_taken(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What changed while it was read is read again, and not told of as wrong."""
    from guard.app import in_force as loading

    in_force = InForce(Settings(policies=folder))
    load = loading.usable_policy

    def meanwhile(settings: Settings) -> object:
        (folder / "z.yaml").write_text("guard: 1\nmode: hold\n")  # “mode” is written twice
        return load(settings)

    monkeypatch.setattr(loading, "usable_policy", meanwhile)

    assert not in_force.reload(whole=True)
    assert (in_force.problems, in_force.refused) == ((), "")
    assert not in_force.reload()
    assert "mode" in in_force.problems[0]


async def test_an_outage_is_survived(
    folder: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is logged once, the folder is followed meanwhile, and then the store is, too."""
    monkeypatch.setattr(module, "LOOK_S", 0.01)
    process, asked = Process(folder, database), asyncio.Event()
    await process.life.begin()
    failing = True
    wished = process.life.processes.wished
    count = 0

    async def away() -> Wishes:
        nonlocal count
        count += 1
        if count == 3:
            asked.set()
        if failing:
            raise StoreError("away")
        return await wished()

    monkeypatch.setattr(process.life.processes, "wished", away)
    with capture_logs() as logs:
        async with process.life.going_on(), asyncio.timeout(30):
            await asked.wait()
            failing = False
            wish = await PolicyProcesses(database).ask_reload()
            while [one.reload for one in await PolicyProcesses(database).alive()] != [wish]:
                await asyncio.sleep(0.01)

    assert [each["event"] for each in logs].count("policy.not_followed") == 1
    assert await PolicyProcesses(database).alive() == ()
