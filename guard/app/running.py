"""A running guard: the place where its parts are joined."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from guard.app.in_force import InForce
from guard.app.keyed import Keyed
from guard.app.knowledge import knowledge_of
from guard.app.many_held import telling_of_many
from guard.app.policy_life import PolicyLife
from guard.compose.letterhead import Letterhead
from guard.config import Settings, host_port
from guard.examine import Examination
from guard.host.listening import Sockets
from guard.host.metrics import registry
from guard.memory import Lane
from guard.model.address import Address
from guard.model.envelope import Submission
from guard.model.hold import Hold
from guard.model.job import Job
from guard.model.reply import Reply
from guard.pipeline import Pipeline
from guard.ports import Transaction
from guard.release import Courier, Desk, Judge
from guard.store import hints
from guard.store.clock import clock_of
from guard.store.exceptions import Exceptions
from guard.store.holds import SqlHoldStore
from guard.store.opening import opened
from guard.store.outbox import SqlOutbox
from guard.store.past import SqlPast
from guard.store.policy_processes import PolicyProcesses
from guard.submission.login.authenticators import authenticator_of
from guard.submission.server import SubmissionServer
from guard.upstream.pool import UpstreamPool
from guard.web.admin import create_admin
from guard.web.confirm import create_app
from guard.web.server import WebServer
from guard.worker import crew, stop, working

Observer = Callable[[Examination, Reply], None]

READY_S: Final = 3.0
"""Seconds in which the database must take a write, for `/readyz` to say that all is well."""

log = structlog.get_logger()


class Guard:
    """A running guard. `start` returns when every listener is served, `stop` when all is quiet."""

    def __init__(
        self,
        settings: Settings,
        *,
        sockets: Sockets | None = None,
        alone: bool = True,
        observer: Observer | None = None,
    ) -> None:
        self.settings: Final = settings
        self.web_address = ("", 0)
        """Host and port of the confirm page, as bound."""

        self.submission_addresses: list[tuple[str, int]] = []
        """Host and port of every way in for mail, as bound."""

        self._sockets = sockets
        self._alone = alone
        self._observer = observer
        self._in_force = InForce(settings)
        self._open = False
        self._reloading = asyncio.Lock()
        self._parts = AsyncExitStack()
        self._loose: set[asyncio.Task[None]] = set()

    @classmethod
    async def start(
        cls,
        settings: Settings,
        *,
        sockets: Sockets | None = None,
        alone: bool = True,
        observer: Observer | None = None,
    ) -> "Guard":
        """
        Join the parts and open the doors: those of *sockets*, or at the settings' addresses.

        No other process may be a guard on the same SQLite database; not *alone*: the caller has
        seen to that, and other processes of the same guard share it.

        Raises:
            SettingsError: Settings or policy do not allow a start.
            GuardError: The store cannot be opened.
            OSError: An address cannot be listened on.
        """
        guard = cls(settings, sockets=sockets, alone=alone, observer=observer)
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
            opened(settings.store.url, settings.store.key_file, alone=self._alone, running=True)
        )
        self._clock = clock = await parts.enter_async_context(clock_of(ground.database))
        knowledge = await parts.enter_async_context(
            knowledge_of(
                settings,
                ground,
                keeps_up=True,
                forget_after=lambda: self._in_force.policy.contacts.forget_after,
                sources=lambda: self._in_force.policy.contacts.sources,
            )
        )
        parts.push_async_callback(self._finish_loose)
        outbox = SqlOutbox(ground.database)
        await parts.enter_async_context(hints.taken(ground.database, outbox.ring))
        life = PolicyLife(
            in_force=self._in_force,
            exceptions=Exceptions(ground.database),
            processes=PolicyProcesses(ground.database),
            follow=self.reload_policy,
            reload=self.reload,
        )
        await life.begin()
        holds = SqlHoldStore(ground.database, ground.keys, outbox)
        self._keyed = keyed = Keyed(ground, addresses=settings.logging.addresses)
        name = settings.our_name

        upstream = UpstreamPool(settings.upstream, name=name, size=settings.upstream.connections)
        way_out = UpstreamPool(settings.upstream.release_route, name=name)
        for pool in (upstream, way_out):
            parts.push_async_callback(pool.close)
        await asyncio.gather(upstream.probe(), way_out.probe())
        self._courier = Courier(
            holds=holds,
            outbox=outbox,
            upstream=way_out,
            contacts=knowledge.contacts,
            learns=lambda: self._in_force.policy.contacts.learn_from_sent_mail,
            notify_within=lambda: self._in_force.policy.holding.notify_within,
            clock=clock,
            links=keyed.links,
            letterhead=self._letterhead(),
            name=name,
            administrators=tuple(map(Address.parse, settings.admin.mail)),
            remote=host_port(settings.upstream.release_route.address)[0],
        )
        past = SqlPast(ground, timedelta(days=settings.store.features_kept_days))
        past.start()
        parts.push_async_callback(past.close)
        lane = Lane(settings.limits.memory_bytes // 4)  # the rest is for what comes in
        judge = Judge(
            holds=holds,
            knowledge=knowledge,
            policy=lambda: self._in_force.policy,
            clock=clock,
            lane=lane,
        )
        self._desk = Desk(holds, clock, judge)
        self._pages = self._new_pages()
        self._pipeline = Pipeline(
            knowledge=knowledge,
            holds=holds,
            links=keyed.links,
            clock=clock,
            policy=lambda: self._in_force.policy,
            name=name,
            mark_key=keyed.mark_key,
            address_for_log=keyed.address_for_log,
            afterwards=self._afterwards,
            tell=self._tell,
            calendar=settings.calendar.of,
            lane=lane,
            excused=life.excused,
            past=past,
            recorder=keyed.recorder if settings.store.features_kept_days else None,
            observer=self._observer,
        )
        workers = crew(outbox, self._perform, clock)
        await parts.enter_async_context(working(workers, settings.drain_s))

        def room() -> bool:
            return ground.database.room(settings.limits.message_bytes)

        async def ready() -> dict[str, bool]:
            async with asyncio.timeout(READY_S), ground.database.write():
                return {"open": self._open, "store": room()}

        self._front = SubmissionServer(
            settings,
            upstream,
            self._accept,
            room=room,
            authenticator=authenticator_of(settings, upstream),
        )
        await self._listen(create_admin(ready, registry=registry()))
        parts.callback(stop, workers, settings.drain_s)  # so that both drain at the same time
        await parts.enter_async_context(life.going_on())
        await parts.enter_async_context(
            telling_of_many(
                ground.database,
                life.processes,
                lambda: self._in_force.policy.holding.tell_admins_above,
            )
        )
        self._open = True
        policy = self._in_force.policy
        log.info("guard.started", policy=policy.hash, mode=policy.mode)

    async def _listen(self, admin: ASGIApp) -> None:
        """Open every way in: the pages first, for mail may be held as soon as it comes."""
        settings, parts, sockets = self.settings, self._parts, self._sockets
        page = WebServer(self._page, settings.web.address)
        if sockets is not None:
            sockets.listen()
        for server, bound in (
            (page, sockets.page if sockets else None),
            (WebServer(admin, settings.admin.address), sockets.admin if sockets else None),
        ):
            await server.start(bound)
            parts.push_async_callback(server.stop)
        self.web_address = host_port(page.address)

        await self._front.start(sockets.mail if sockets else None)
        parts.push_async_callback(self._front.stop, settings.drain_s)
        self.submission_addresses = self._front.addresses

    async def stop(self) -> None:
        """Close the doors, let running work end, close the rest."""
        self._open = False
        await self._parts.aclose()
        log.info("guard.stopped")

    async def reload(self) -> None:
        """Read policy, keys and certificates again; of what is bad the last good one stays."""
        async with self._reloading:
            # In a thread: a big policy takes longer than a client should notice.
            loaded = await asyncio.to_thread(self._in_force.reload)
            if await self._keyed.reload():
                loaded, keyed = True, self._keyed
                self._pipeline = replace(
                    self._pipeline,
                    links=keyed.links,
                    mark_key=keyed.mark_key,
                    address_for_log=keyed.address_for_log,
                    recorder=keyed.recorder if self._pipeline.recorder else None,
                )
            if loaded:
                self._dress()
            await asyncio.to_thread(self._front.reload)  # a hung mount must stop nobody

    async def reload_policy(self) -> None:
        """Read the policy alone again, if its files stand still."""
        async with self._reloading:
            if await asyncio.to_thread(self._in_force.reload, whole=True):
                self._dress()

    def _dress(self) -> None:
        """Have mails and pages speak by the policy and the keys in force."""
        self._courier = replace(
            self._courier, links=self._keyed.links, letterhead=self._letterhead()
        )
        self._pages = self._new_pages()

    def _new_pages(self) -> ASGIApp:
        return create_app(self._desk, letterhead=self._letterhead(), clock=self._clock)

    def _letterhead(self) -> Letterhead:
        return replace(self._in_force.letterhead, mark_key=self._keyed.mark_key)

    async def _page(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a page by the policy in force."""
        await self._pages(scope, receive, send)

    async def _accept(
        self, submission: Submission, transaction: Transaction, gone: Callable[[], bool]
    ) -> Reply:
        """Take a submission by the keys in force."""
        return await self._pipeline.accept(submission, transaction, gone)

    async def _perform(self, job: Job) -> None:
        """Do a job by the policy in force."""
        await self._courier.perform(job)

    async def _tell(self, sent: Hold) -> None:
        """Write to an owner by the policy in force."""
        await self._courier.tell(sent)

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
