"""R-A3, R-A4: when the disk is asked to keep what, and what it costs when it does not."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults.disk import Disk, built
from front import Client
from running import HELD_DOMAIN, running
from smarthost import Smarthost

from guard.model.hold import HoldState
from guard.store.audit import AuditLog
from guard.store.holds import SqlHoldStore
from guard.store.opening import opened
from guard.store.outbox import SqlOutbox

TESTS = Path(__file__).parents[1]

TO = f"<eve@{HELD_DOMAIN}>"

MOST = 400
"""Operations after which the loop over all of them has surely gone wrong."""

CHILD = """
import asyncio, json, os, sys
from pathlib import Path
from factories import HELD_AT, hold
from guard.model.errors import StoreError
from guard.model.hold import HoldState
from guard.model.job import Job, JobKind
from guard.ports import AuditEntry, Kept
from guard.store.holds import SqlHoldStore
from guard.store.opening import opened
from guard.store.outbox import SqlOutbox

def entry(event, hold_id):
    return AuditEntry(event=event, hold_id=hold_id, at=HELD_AT)

async def attempt(name, work):
    try:
        await work
        said = f"= {name} done"
    except StoreError:
        said = f"= {name} StoreError"
    log = os.open(os.environ["FAULT_LOG"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(log, said.encode() + b"\\n")
    os.close(log)

async def main(folder):
    try:
        async with opened("sqlite:///guard.db", Path("guard.key"), folder=folder) as ground:
            outbox = SqlOutbox(ground.database)
            store = SqlHoldStore(ground.database, ground.keys, outbox)
            for number in range(3):
                held = hold(id=f"{number:032}", number=f"H-7K3Q-M{number}")
                kept = Kept(
                    hold=held,
                    octets=held.id.encode() * 500,
                    tokens={number.to_bytes(32, "big"): held.owner},
                    jobs=(Job(kind=JobKind.NOTICE, hold_id=held.id, due_at=HELD_AT),),
                    audit=entry("hold.created", held.id),
                )
                await attempt(f"put {number}", store.put(kept))
            for number in range(3):
                moved = store.advance(
                    f"{number:032}",
                    old=HoldState.WAITING,
                    new=HoldState.EXPIRED,
                    audit=entry("hold.expired", f"{number:032}"),
                )
                await attempt(f"move {number}", moved)
    except StoreError:
        return 69
    return 0

for line in sys.stdin:
    child = os.fork()
    if child == 0:
        environ = json.loads(line)
        os.environ.update(environ)
        os._exit(asyncio.run(main(Path(environ["FAULT_FOLDER"]))))
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
"""For each line a process of its own, with that environment, in which all modules are there."""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("disk"))


@pytest.fixture
async def stored(tmp_path: Path) -> Path:
    """A folder with a store that was made while all was well, and holds nothing."""
    folder = tmp_path / "stored"
    folder.mkdir(mode=0o700)
    async with opened("sqlite:///guard.db", Path("guard.key"), folder=folder):
        pass
    return folder


@pytest.fixture
def disk(library: Path, stored: Path, tmp_path: Path) -> Disk:
    """A disk of this test's own, with a copy of that store."""
    return fresh(Disk(library=library, folder=tmp_path / "0", log=tmp_path / "0.log"), stored)


def fresh(disk: Disk, stored: Path) -> Disk:
    """Put a copy of the store on the disk."""
    shutil.copytree(stored, disk.folder)
    disk.armed.touch()
    return disk


@pytest.fixture(scope="module")
def workshop(library: Path) -> Iterator[subprocess.Popen[str]]:
    """Where holds are put and moved on, each time by a process of its own."""
    path = os.pathsep.join([str(TESTS), str(TESTS.parent)])
    with subprocess.Popen(
        [sys.executable, "-c", CHILD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path, "LD_PRELOAD": str(library)},
    ) as workshop:
        yield workshop


def work(workshop: subprocess.Popen[str], environ: dict[str, str]) -> int:
    """Have a process put three holds and move each on; give its exit code."""
    assert workshop.stdin is not None
    assert workshop.stdout is not None
    workshop.stdin.write(json.dumps(environ) + "\n")
    workshop.stdin.flush()
    code = int(workshop.stdout.readline())
    assert code in {0, 69}
    return code


async def check(folder: Path, said: list[str]) -> None:
    """Open the store as after a crash: what was called done is there, and nothing half is."""
    async with opened("sqlite:///guard.db", Path("guard.key"), folder=folder) as ground:
        outbox = SqlOutbox(ground.database)
        store = SqlHoldStore(ground.database, ground.keys, outbox)
        states = {held.id: held.state async for held in store.find()}
        entries = [entry async for entry in AuditLog(ground.database).entries()]
        assert await AuditLog(ground.database).first_wrong() is None
        async with ground.database.read() as conn:
            jobs = (await conn.exec_driver_sql("SELECT hold_id FROM outbox")).all()
        for hold_id in states:
            assert await store.octets(hold_id) == hold_id.encode() * 500
    events = [(entry.event, entry.hold_id) for entry in entries]
    assert sorted(i for event, i in events if event == "hold.created") == sorted(states)
    assert sorted(hold_id for (hold_id,) in jobs) == sorted(states)
    moved = sorted(i for i, state in states.items() if state is HoldState.EXPIRED)
    assert sorted(i for event, i in events if event == "hold.expired") == moved
    for number in range(3):
        if f"= put {number} done" in said:
            assert f"{number:032}" in states
        if f"= move {number} done" in said:
            assert states[f"{number:032}"] is HoldState.EXPIRED


def test_each_promise_has_its_own_sync(disk: Disk, workshop: subprocess.Popen[str]) -> None:
    """R-A3: between the beginning of a put and its end, and of a move, the log is synced."""
    assert work(workshop, disk.environ()) == 0
    since: list[str] = []
    promises = 0
    for line in disk.operations():
        if line.startswith("= "):
            assert line.endswith(" done")
            last_write = max(i for i, each in enumerate(since) if each == "write guard.db-wal")
            assert "sync guard.db-wal" in since[last_write:]
            promises += 1
            since = []
        else:
            since.append(line)
    assert promises == 6


@pytest.mark.parametrize("kind", ["eio", "short"])
async def test_the_nth_operation_fails(
    library: Path, workshop: subprocess.Popen[str], stored: Path, tmp_path: Path, kind: str
) -> None:
    """
    R-A4: for each n, what was called done is there after a new start, and all of it.

    What was called an error is there whole or not at all, and the next try goes well: the file is
    opened anew first, for after a failed sync the kernel may call the next one good.
    """
    failures = 0
    for n in range(1, MOST):
        disk = Disk(library=library, folder=tmp_path / str(n), log=tmp_path / f"{n}.log")
        fresh(disk, stored)
        code = work(workshop, disk.environ(fail_at=n, kind=kind))
        said = disk.operations()
        failed = [i for i, line in enumerate(said) if line.startswith("!")]
        if not failed:
            break
        failures += 1
        await check(disk.folder, said)
        told = [line for line in said if line.startswith("= ")]
        if code == 0:
            assert len(told) == 6
            # One fault, so one promise is broken at most; and a hold that is not there can't move.
            lost = [line for line in told if line.endswith("StoreError")]
            assert len({line.split()[2] for line in lost}) <= 1
        if "!sync guard.db-wal" in said:
            reopened_before_next_promise(said[failed[0] :])
    assert failures > 20
    assert code == 0
    assert [line for line in told_of(said) if not line.endswith(" done")] == []


def told_of(said: list[str]) -> list[str]:
    return [line for line in said if line.startswith("= ")]


def reopened_before_next_promise(said: list[str]) -> None:
    """What is called done after a failed sync was written through a handle that came after it."""
    for i, line in enumerate(said):
        if line.startswith("= ") and line.endswith(" done"):
            assert "open guard.db-wal" in said[:i]
            return


async def test_a_copy_of_the_files_has_what_was_acknowledged(tmp_path: Path) -> None:
    """R-A4: the disk as it is at each 250, without what the process still has in mind."""
    guard_folder = tmp_path / "guard"
    guard_folder.mkdir()
    async with Smarthost() as smarthost, running(guard_folder, smarthost) as guard:
        for count in range(1, 6):
            async with await Client.greeted(guard) as client:
                octets = b"Subject: a\r\n\r\n" + b"b\r\n" * 1000
                reply = await client.mail(octets, recipients=(f"<eve@{HELD_DOMAIN}>",))
            assert reply.startswith("250 ")
            copied = tmp_path / str(count)
            copied.mkdir(mode=0o700)
            for name in ("guard.db", "guard.db-wal", "guard.key"):
                shutil.copy2(guard_folder / name, copied / name)
            async with opened("sqlite:///guard.db", Path("guard.key"), folder=copied) as ground:
                store = SqlHoldStore(ground.database, ground.keys, SqlOutbox(ground.database))
                found = [await store.octets(held.id) async for held in store.find()]
                assert await AuditLog(ground.database).first_wrong() is None
            assert found == [octets] * count


async def test_synced_between_the_dot_and_the_250(tmp_path: Path, library: Path) -> None:
    """R-A3: of a guard that runs, too: the reply to the dot comes after a sync of the log."""
    folder = tmp_path / "guard"
    folder.mkdir()
    disk = Disk(library=library, folder=folder, log=tmp_path / "log")
    async with (
        Smarthost() as smarthost,
        running(folder, smarthost, environ=disk.environ()) as guard,
    ):
        async with await Client.greeted(guard) as client:
            for line in ("MAIL FROM:<ann@example.com>", f"RCPT TO:{TO}", "DATA"):
                await client.ask(line)
            before = len(disk.operations())
            reply = await client.ask(b"Subject: a\r\n\r\nb\r\n.\r\n")
            done = disk.operations()[before:]
        assert reply.startswith("250 ")
        wrote = done.index("write guard.db-wal")
        assert "sync guard.db-wal" in done[wrote:]


@pytest.mark.parametrize("only", ["write", "sync"])
async def test_an_error_of_the_disk_is_451(tmp_path: Path, library: Path, only: str) -> None:
    """R-A4: the client keeps its mail, and its next try goes well without a restart."""
    folder = tmp_path / "guard"
    folder.mkdir()
    disk = Disk(library=library, folder=folder, log=tmp_path / "log")
    environ = disk.environ(fail_at=1, only=only)
    async with Smarthost() as smarthost, running(folder, smarthost, environ=environ) as guard:
        disk.armed.touch()
        async with await Client.greeted(guard) as client:
            replies = [
                await client.mail(b"Subject: a\r\n\r\nb\r\n", recipients=(TO,)) for _ in range(2)
            ]
        assert [reply[:9] for reply in replies] == ["451 4.3.0", "250 2.0.0"]
        assert f"!{only} guard.db-wal" in disk.operations()
        await guard.states("waiting")
        assert (await guard.events()).count("hold.created") == 1
