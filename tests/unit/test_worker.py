"""The worker: every job is done as it falls due, whatever the one before it did."""

import asyncio
from datetime import timedelta

import pytest
from factories import HELD_AT, hold
from memory_store import MemoryStore

from guard import worker as module
from guard.holding import first_audit
from guard.model.errors import StoreError
from guard.model.job import Job, JobKind
from guard.worker import Worker


class Courier:
    """Finishes jobs, after it raised what it was given."""

    def __init__(self, store: MemoryStore, *errors: Exception) -> None:
        self.store = store
        self.errors = list(errors)
        self.done: list[JobKind] = []
        self.enough = asyncio.Event()

    async def perform(self, job: Job) -> None:
        if self.errors:
            raise self.errors.pop(0)
        self.done.append(job.kind)
        await self.store.finish(job)
        if not self.store.jobs:
            self.enough.set()


async def put(store: MemoryStore, *jobs: JobKind) -> None:
    held = hold()
    await store.put(
        held,
        b"x",
        token_sha256=b"t" * 32,
        jobs=[Job(kind=kind, hold_id=held.id, due_at=store.clock()) for kind in jobs],
        audit=first_audit(held),
    )


@pytest.mark.parametrize(
    "error", [StoreError("away"), ZeroDivisionError()], ids=["store away", "bug"]
)
async def test_an_error_ends_one_try_only(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """The job comes again when its lease is over, and the others are done."""
    monkeypatch.setattr(module, "TROUBLE_S", 0.01)
    monkeypatch.setattr(module, "POLL_S", 0.01)
    now = HELD_AT
    store = MemoryStore(lambda: now)
    await put(store, JobKind.NOTICE, JobKind.EXPIRE)
    courier = Courier(store, error)
    worker = Worker(store, courier, store.clock)
    running = asyncio.create_task(worker.run())
    async with asyncio.timeout(10):
        while courier.done != [JobKind.EXPIRE]:
            await asyncio.sleep(0.01)
        now += timedelta(seconds=module.LEASE_S)
        await courier.enough.wait()
        worker.stop()
        await running

    assert courier.done == [JobKind.EXPIRE, JobKind.NOTICE]


async def test_a_new_job_wakes_it() -> None:
    """A job of this process is not left until the next look."""
    store = MemoryStore(lambda: HELD_AT)
    courier = Courier(store)
    worker = Worker(store, courier, store.clock)
    running = asyncio.create_task(worker.run())
    await asyncio.sleep(0.01)  # it sleeps by now, for up to POLL_S
    async with asyncio.timeout(module.POLL_S / 2):
        await put(store, JobKind.NOTICE)
        await courier.enough.wait()
        worker.stop()
        await running

    assert courier.done == [JobKind.NOTICE]
