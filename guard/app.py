"""The one place where the parts are joined: a running guard, and the same judgement offline."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Final

import structlog
from prometheus_client import Gauge

from guard.compose.letterhead import Letterhead
from guard.config import Settings, host_port
from guard.examine import Examination, Knowledge, examine
from guard.model.address import Address
from guard.model.envelope import Envelope, Recipient
from guard.model.errors import SettingsError
from guard.model.job import JobKind
from guard.model.reply import Reply
from guard.pipeline import Pipeline
from guard.policy import Policy, load
from guard.problems import Problem
from guard.release import Courier, Desk, Links
from guard.sandbox import Sandbox
from guard.store.contacts import ContactStore
from guard.store.holds import SqlHoldStore
from guard.store.lists import ListFolder
from guard.store.opening import Ground, opened
from guard.store.outbox import SqlOutbox
from guard.submission.server import SubmissionServer
from guard.telemetry import Pseudonyms
from guard.upstream.pool import UpstreamPool
from guard.web.admin import create_admin
from guard.web.confirm import create_app
from guard.web.server import WebServer
from guard.worker import Worker

Observer = Callable[[Examination, Reply], None]

WORKERS: Final = 4
"""Jobs done at once in each lane: one that waits for a slow server does not keep up the others."""

RELEASES: Final = frozenset({JobKind.RELEASE, JobKind.RELEASE_AGAIN})

LANES: Final = (RELEASES, frozenset(JobKind) - RELEASES)
"""Kinds of jobs that have workers of their own: releases that hang must not stop all notices."""

POLICY_CURRENT: Final = Gauge(
    "guard_policy_last_reload_successful",
    "1, or 0 while a bad policy is passed over for the last good one.",
)

READY_S: Final = 3.0
"""Seconds in which the database must take a write, for `/readyz` to say that all is well."""

log = structlog.get_logger()


def utc_now() -> datetime:
    """Now, aware: the clock of a running guard."""
    return datetime.now(UTC)


class Guard:
    """A running guard. `start` returns when every listener is bound, `stop` when all is quiet."""

    def __init__(self, settings: Settings, *, observer: Observer | None = None) -> None:
        self.settings: Final = settings
        self.web_address = ("", 0)
        """Host and port of the confirm page, as bound."""

        self.submission_addresses: list[tuple[str, int]] = []
        """Host and port of every way in for mail, as bound."""

        self._observer = observer
        self._policy = _usable_policy(settings)
        POLICY_CURRENT.set(1)
        self._open = False
        self._parts = AsyncExitStack()
        self._loose: set[asyncio.Task[None]] = set()

    @classmethod
    async def start(cls, settings: Settings, *, observer: Observer | None = None) -> "Guard":
        """
        Join the parts and open the doors.

        Raises:
            SettingsError: Settings or policy do not allow a start.
            GuardError: The store cannot be opened.
            OSError: An address cannot be bound.
        """
        guard = cls(settings, observer=observer)
        try:
            await guard._start()
        except BaseException:
            await guard._parts.aclose()
            raise
        return guard

    async def _start(self) -> None:
        """Open the parts in the order in which they lean on each other; they close in reverse."""
        settings, parts = self.settings, self._parts
        ground = await parts.enter_async_context(
            opened(settings.store.url, settings.store.key_file, alone=True)
        )
        knowledge = await parts.enter_async_context(_knowledge(settings, ground))
        parts.push_async_callback(self._finish_loose)
        outbox = SqlOutbox(ground.database)
        holds = SqlHoldStore(ground.database, ground.keys, outbox)
        links = Links(ground.keys.current("links"), lambda key_id: ground.keys.get("links", key_id))
        letterhead = _letterhead(settings, self._policy)
        name = socket.gethostname()

        upstream = await parts.enter_async_context(_pool(UpstreamPool(settings.upstream)))
        way_out = await parts.enter_async_context(
            _pool(UpstreamPool(settings.upstream.release_route))
        )
        courier = Courier(
            holds=holds,
            outbox=outbox,
            upstream=way_out,
            clock=utc_now,
            links=links,
            letterhead=letterhead,
            name=name,
        )
        pipeline = Pipeline(
            knowledge=knowledge,
            holds=holds,
            links=links,
            clock=utc_now,
            policy=lambda: self._policy,
            name=name,
            address_for_log=Pseudonyms(ground.keys.current("logs")[1], settings.logging.addresses),
            afterwards=self._afterwards,
            tell=courier.tell,
            observer=self._observer,
        )
        workers = [
            Worker(outbox, courier, utc_now, kinds=lane) for lane in LANES for _ in range(WORKERS)
        ]
        await parts.enter_async_context(_working(workers, settings.drain_s))

        def room() -> bool:
            return ground.database.room(settings.limits.message_bytes)

        async def ready() -> dict[str, bool]:
            async with asyncio.timeout(READY_S), ground.database.write():
                return {"open": self._open, "store": room()}

        page = WebServer(
            create_app(Desk(holds, utc_now), letterhead=letterhead, clock=utc_now),
            settings.web.address,
        )
        admin = WebServer(create_admin(ready), settings.admin.address)
        for server in (page, admin):
            await server.start()
            parts.push_async_callback(server.stop)
        self.web_address = host_port(page.address)

        front = SubmissionServer(settings, upstream, pipeline.accept, room=room)
        await front.start()
        parts.push_async_callback(front.stop, settings.drain_s)
        parts.callback(_stop, workers, settings.drain_s)  # so that both drain at the same time
        self.submission_addresses = front.addresses
        self._open = True
        log.info("guard.started", policy=self._policy.hash, mode=self._policy.mode)

    async def stop(self) -> None:
        """Close the doors, let running work end, close the rest."""
        self._open = False
        await self._parts.aclose()
        log.info("guard.stopped")

    def reload(self) -> None:
        """Read the policy again; a bad one is told of, and the last good one stays in force."""
        try:
            self._policy = _usable_policy(self.settings)
        except SettingsError as error:
            POLICY_CURRENT.set(0)
            log.error("policy.refused", problems=[str(problem) for problem in error.problems])  # noqa: TRY400
        else:
            POLICY_CURRENT.set(1)
            log.info("policy.loaded", policy=self._policy.hash, mode=self._policy.mode)

    def _afterwards(self, work: Coroutine[Any, Any, None]) -> None:
        """Run *work* beside everything else; what it raises is logged and changes nothing."""
        task = asyncio.get_running_loop().create_task(work)
        self._loose.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._loose.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("afterwards.failed", exc_info=error)

    async def _finish_loose(self) -> None:
        while self._loose:
            await asyncio.wait(self._loose)


async def examine_offline(
    settings: Settings,
    policy: Policy,
    *,
    octets: bytes,
    sender: Address,
    recipients: Sequence[Address],
) -> Examination:
    """
    Judge one message by *policy* with what the settings' store knows; nothing is sent or learned.

    Raises:
        GuardError: The store, or a list that the policy asks for, cannot be used.
    """
    envelope = Envelope(
        sender=sender, recipients=tuple(Recipient(address=address) for address in recipients)
    )
    async with (
        opened(settings.store.url, settings.store.key_file) as ground,
        _knowledge(settings, ground) as knowledge,
    ):
        return await examine(envelope, octets, policy=policy, knowledge=knowledge, now=utc_now())


@asynccontextmanager
async def _knowledge(settings: Settings, ground: Ground) -> AsyncIterator[Knowledge]:
    """Open what judging asks: the sandbox, the contacts and the lists."""
    key_id, key = ground.keys.current("lists")
    lists = ListFolder(settings.lists.folder, key, key_id, database=ground.database)
    async with AsyncExitStack() as parts:
        contacts = await ContactStore.open(ground.database)
        parts.push_async_callback(contacts.close)
        sandbox = Sandbox()
        parts.push_async_callback(sandbox.stop)
        await sandbox.start()
        yield Knowledge(readers=sandbox, contacts=contacts, lists=lists)


@asynccontextmanager
async def _pool(pool: UpstreamPool) -> AsyncIterator[UpstreamPool]:
    try:
        await pool.probe()
        yield pool
    finally:
        await pool.close()


@asynccontextmanager
async def _working(workers: Sequence[Worker], drain_s: float) -> AsyncIterator[None]:
    """Have *workers* work; in the end each has *drain_s* seconds for the job that it has."""
    async with asyncio.TaskGroup() as tasks:
        for worker in workers:
            tasks.create_task(worker.run())
        try:
            yield
        finally:
            _stop(workers, drain_s)


def _stop(workers: Sequence[Worker], drain_s: float) -> None:
    for worker in workers:
        worker.stop(drain_s)


def _letterhead(settings: Settings, policy: Policy) -> Letterhead:
    return Letterhead(
        from_=settings.notices.from_ or "",
        public_url=settings.web.public_url or "",
        time_zone=policy.us.time_zone,
        our_domains=frozenset(policy.us.domains),
    )


def _usable_policy(settings: Settings) -> Policy:
    """
    Load the policy and hold it against the settings.

    Raises:
        SettingsError: It is wrong, or it can hold mail that could then not be released.
    """
    policy = load(settings.policies)
    if policy.can_hold:
        missing = [
            name
            for name, value in (
                ("[upstream] address", "address" in settings.upstream.model_fields_set),
                ("[web] public_url", settings.web.public_url),
                ("[notices] from", settings.notices.from_),
            )
            if not value
        ]
        if missing:
            message = "this policy can hold mail that could then not be asked about or released"
            hint = f"set {' and '.join(missing)} in guard.toml, or write mode: watch"
            raise SettingsError(
                [Problem(file=str(settings.policies), line=0, message=message, hint=hint)], {}
            )
    return policy
