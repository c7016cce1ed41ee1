"""The worker: every job is done as it falls due, whatever the one before it did."""

import asyncio
from collections.abc import Callable, Collection
from datetime import timedelta

import pytest
from factories import HELD_AT, hold
from memory_store import MemoryStore

from guard import worker as module
from guard.holding import first_audit
from guard.model.errors import StoreError
from guard.model.job import Job, JobKind
from guard.ports import Kept
from guard.worker import LANES, WORKERS, Worker, crew, working


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
        Kept(
            hold=held,
            octets=b"x",
            tokens={b"t" * 32: held.owner},
            jobs=[Job(kind=kind, hold_id=held.id, due_at=store.clock()) for kind in jobs],
            audit=first_audit(held),
        )
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
    worker = Worker(store, courier.perform, store.clock)
    running = asyncio.create_task(worker.run())
    async with asyncio.timeout(10):
        while courier.done != [JobKind.EXPIRE]:
            await asyncio.sleep(0.01)
        now += timedelta(seconds=module.LEASE_S)
        await courier.enough.wait()
        worker.stop(1)
        await running

    assert courier.done == [JobKind.EXPIRE, JobKind.NOTICE]


async def test_a_new_job_wakes_it() -> None:
    """A job of this process is not left until the next look."""
    store = MemoryStore(lambda: HELD_AT)
    courier = Courier(store)
    worker = Worker(store, courier.perform, store.clock)
    running = asyncio.create_task(worker.run())
    await asyncio.sleep(0.01)  # it sleeps by now, for up to POLL_S
    async with asyncio.timeout(module.POLL_S / 2):
        await put(store, JobKind.NOTICE)
        await courier.enough.wait()
        worker.stop(1)
        await running

    assert courier.done == [JobKind.NOTICE]


class SlowCourier(Courier):
    """Begins jobs, and ends none before it may."""

    def __init__(self, store: MemoryStore, *, slow: Collection[JobKind] = tuple(JobKind)) -> None:
        super().__init__(store)
        self.slow = slow
        self.begun: list[JobKind] = []
        self.cut: list[JobKind] = []
        self.go_on = asyncio.Event()

    async def perform(self, job: Job) -> None:
        self.begun.append(job.kind)
        try:
            if job.kind in self.slow:
                await self.go_on.wait()
        except asyncio.CancelledError:
            self.cut.append(job.kind)
            raise
        await super().perform(job)


async def until(condition: Callable[[], bool]) -> None:
    """Wait until *condition* holds."""
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.005)


def test_a_job_of_a_dead_worker_comes_again_soon() -> None:
    """Killed with a release in hand: another has it within half a minute."""
    assert module.LEASE_S <= 30


async def test_a_lease_is_kept_while_the_job_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A long job is not claimed by a second worker, however short the lease."""
    monkeypatch.setattr(module, "LEASE_S", 0.09)
    monkeypatch.setattr(module, "POLL_S", 0.01)
    store = MemoryStore()
    await put(store, JobKind.RELEASE)
    courier = SlowCourier(store)
    workers = [Worker(store, courier.perform, store.clock) for _ in range(2)]
    async with asyncio.TaskGroup() as running:
        for worker in workers:
            running.create_task(worker.run())
        await asyncio.sleep(0.5)
        courier.go_on.set()
        await until(lambda: not store.jobs)
        for worker in workers:
            worker.stop(1)

    assert courier.begun == courier.done == [JobKind.RELEASE]


async def test_a_lost_job_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever learns that another has the job stops where it is: two must not both send."""
    monkeypatch.setattr(module, "LEASE_S", 0.03)
    now = HELD_AT
    store = MemoryStore(lambda: now)
    await put(store, JobKind.RELEASE)
    courier = SlowCourier(store)
    worker = Worker(store, courier.perform, store.clock)
    running = asyncio.create_task(worker.run())
    await until(lambda: bool(courier.begun))
    now += timedelta(seconds=1)
    other = await store.claim(lease_s=60)
    await until(lambda: bool(courier.cut))
    worker.stop(1)
    await running

    assert courier.done == []
    assert other is not None
    assert await store.begin_sending(other)


async def test_a_renewal_that_fails_costs_nothing_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database away for a moment does not cut a transaction that goes well."""
    monkeypatch.setattr(module, "LEASE_S", 0.03)
    store = MemoryStore(lambda: HELD_AT)
    await put(store, JobKind.RELEASE)
    courier = SlowCourier(store)
    asked: list[Job] = []

    async def away(job: Job, *, lease_s: float) -> bool:
        asked.append(job)
        raise StoreError

    monkeypatch.setattr(store, "extend", away)
    worker = Worker(store, courier.perform, store.clock)
    running = asyncio.create_task(worker.run())
    await until(lambda: len(asked) >= 2)
    courier.go_on.set()
    await until(lambda: not store.jobs)
    worker.stop(1)
    await running

    assert courier.cut == []


async def test_hanging_releases_do_not_stop_notices() -> None:
    """As `app` joins them: each lane has its workers, and several notices go out at once."""
    store = MemoryStore(lambda: HELD_AT)
    await put(store, *[JobKind.RELEASE] * 10, *[JobKind.NOTICE] * 5, JobKind.EXPIRE)
    courier = SlowCourier(store)
    async with working(crew(store, courier.perform, store.clock), 0.05):
        await until(lambda: len(courier.begun) == 2 * WORKERS)
        assert courier.begun.count(JobKind.NOTICE) == WORKERS == 4
        courier.slow = {JobKind.RELEASE}
        courier.go_on.set()
        courier.go_on = asyncio.Event()
        await until(
            lambda: courier.done.count(JobKind.NOTICE) == 5 and JobKind.EXPIRE in courier.done
        )

    assert courier.cut == [JobKind.RELEASE] * WORKERS


def test_every_kind_has_one_lane() -> None:
    """A job of a kind that no worker takes would never be done."""
    assert sorted(kind for lane in LANES for kind in lane) == sorted(JobKind)


async def test_stop_gives_a_job_its_time_and_no_more() -> None:
    """One that ends in time ends well; one that hangs is cut off, and stays in the outbox."""
    store = MemoryStore(lambda: HELD_AT)
    await put(store, JobKind.NOTICE, JobKind.RELEASE)
    courier = SlowCourier(store, slow={JobKind.RELEASE})
    worker = Worker(store, courier.perform, store.clock)
    running = asyncio.create_task(worker.run())
    await until(lambda: JobKind.RELEASE in courier.begun)
    loop = asyncio.get_running_loop()
    before = loop.time()
    worker.stop(0.2)
    worker.stop(60)  # the first word counts
    await running

    assert 0.15 < loop.time() - before < 2
    assert courier.cut == [JobKind.RELEASE]
    assert [job.kind for job in store.jobs.values()] == [JobKind.RELEASE]

    now = HELD_AT + timedelta(seconds=module.LEASE_S)
    store.clock = lambda: now
    worker = Worker(store, courier.perform, store.clock)
    running = asyncio.create_task(worker.run())
    await until(lambda: courier.begun.count(JobKind.RELEASE) == 2)
    worker.stop(10)
    courier.go_on.set()
    await running
    assert store.jobs == {}
