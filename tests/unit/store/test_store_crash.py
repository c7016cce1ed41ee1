"""Killed with no time to tidy up: what was put is there, and nothing half is."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from guard.store.audit import AuditLog
from guard.store.holds import SqlHoldStore
from guard.store.opening import opened
from guard.store.outbox import SqlOutbox

CHILD = """
import asyncio, secrets, sys
from pathlib import Path
from factories import HELD_AT, hold
from guard.model.job import Job, JobKind
from guard.ports import AuditEntry, Kept
from guard.store import holds
from guard.store.opening import opened
from guard.store.outbox import SqlOutbox
from guard.holding import new_number

async def stop_here(conn, entry):
    print("before the commit", flush=True)
    await asyncio.Event().wait()

async def main(folder, step):
    if step == "before":
        holds.append = stop_here
    async with opened("sqlite:///guard.db", Path("guard.key"), folder=folder) as ground:
        store = holds.SqlHoldStore(ground.database, ground.keys, SqlOutbox(ground.database))
        while True:
            held = hold(id=secrets.token_hex(16), number=new_number())
            jobs = (Job(kind=JobKind.NOTICE, hold_id=held.id, due_at=HELD_AT),)
            audit = AuditEntry(event="hold.created", hold_id=held.id, at=HELD_AT)
            octets = held.id.encode() * 2000
            tokens = {secrets.token_bytes(32): held.owner}
            await store.put(
                Kept(hold=held, octets=octets, tokens=tokens, jobs=jobs, audit=audit)
            )
            print(held.id, flush=True)

asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
"""


def killed_after(lines: int, folder: Path, step: str) -> list[str]:
    """Run the child, kill it when it has said *lines* lines; give all that it said."""
    tests = Path(__file__).parents[2]
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(folder), step],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tests), str(tests.parent)])},
    )
    assert child.stdout is not None
    with child.stdout as said:
        told = [said.readline().strip() for _ in range(lines)]
        child.send_signal(signal.SIGKILL)
        # A last line may stand in the pipe; it was a promise like the others.
        told += said.read().split()
    assert child.wait() == -signal.SIGKILL
    return told


@pytest.mark.parametrize("count", [1, 7, 40])
async def test_what_was_put_survives_a_kill(tmp_path: Path, count: int) -> None:
    """Every hold whose `put` returned is there, whole, with its audit row and its job."""
    told = killed_after(count, tmp_path, "any")

    async with opened("sqlite:///guard.db", Path("guard.key"), folder=tmp_path) as ground:
        outbox = SqlOutbox(ground.database)
        store = SqlHoldStore(ground.database, ground.keys, outbox)
        found = [held.id async for held in store.find()]
        assert set(told) <= set(found)
        assert len(found) <= len(told) + 1
        log = AuditLog(ground.database)
        assert await log.first_wrong() is None
        assert sorted([each.hold_id async for each in log.entries()]) == sorted(found)
        promised = []
        while (job := await outbox.claim(lease_s=60)) is not None:
            promised.append(job.hold_id)
        assert sorted(promised) == sorted(found)
        for hold_id in found:
            assert await store.octets(hold_id) == hold_id.encode() * 2000


async def test_what_was_not_committed_is_not_there(tmp_path: Path) -> None:
    """Killed with everything written but the commit: no hold, no octets, no job, no audit row."""
    assert killed_after(1, tmp_path, "before") == ["before the commit"]

    async with opened("sqlite:///guard.db", Path("guard.key"), folder=tmp_path) as ground:
        outbox = SqlOutbox(ground.database)
        store = SqlHoldStore(ground.database, ground.keys, outbox)
        assert [held async for held in store.find()] == []
        assert await outbox.next_due() is None
        assert [each async for each in AuditLog(ground.database).entries()] == []
        async with ground.database.read() as conn:
            assert (await conn.exec_driver_sql("SELECT count(*) FROM octets")).scalar() == 0
