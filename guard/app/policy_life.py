"""
The life of the policy in one running process: it follows its folder, exceptions, and commands.

What a process has, and what it refused, stands in the database for those who ask.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

import structlog

from guard.app.beside import in_thread
from guard.app.in_force import InForce
from guard.compose.alarm import POLICY_REFUSED
from guard.model.errors import GuardError, StoreError
from guard.model.job import Job, JobKind
from guard.release.means import ADMINISTRATORS
from guard.store.clock import machine_time
from guard.store.exceptions import Exceptions
from guard.store.policy_processes import TELL_S, PolicyProcesses, Told
from guard.store.wishes import NONE_YET, Wishes

LOOK_S: Final = 1.0
"""Seconds between two looks, at the folder and at the database."""

log = structlog.get_logger()


@dataclass(kw_only=True)
class PolicyLife:
    """Keeps one process up; every process of a guard does it for itself."""

    in_force: InForce
    exceptions: Exceptions
    processes: PolicyProcesses
    follow: Callable[[], Awaitable[None]]
    """Puts in force what the folder has."""

    reload: Callable[[], Awaitable[None]]
    """Puts in force whatever a signal would: keys and certificates, too."""

    _heard: Wishes = NONE_YET
    _told: Told | None = None
    _told_at: float = 0.0
    _refused: str = ""
    """Of which bad policy administrators know."""

    _excused: set[str] = field(default_factory=set)

    async def begin(self) -> None:
        """
        Take in the exceptions, and tell who we are.

        Raises:
            StoreError: The database is away.
        """
        self._heard = await self.processes.wished()
        self.in_force.grant(await self.exceptions.in_force())
        with suppress(StoreError):  # a full disk keeps nobody from relaying; it is told later
            await self._tell()

    @asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        """Keep up for the block; at its end this process is no longer told of."""
        tasks = [
            asyncio.create_task(_again(look)) for look in (self._look_at_files, self._look_at_store)
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            with suppress(StoreError):
                await self.processes.leave()

    def excused(self, ids: Sequence[str]) -> None:
        """Hear that these exceptions kept a rule from speaking."""
        self._excused.update(ids)

    async def _look_at_files(self) -> None:
        # In a thread of its own: a hung mount must stop nobody.
        if await in_thread(self.in_force.files.changed):
            await self.follow()

    async def _look_at_store(self) -> None:
        wishes = await self.processes.wished()
        if wishes.reload > self._heard.reload:
            await self.reload()
        if wishes != self._heard:
            self.in_force.grant(await self.exceptions.in_force())
            self._heard = wishes
        await self._tell()
        await self._alarm()
        if self._excused:
            taken = {*self._excused}
            await self.exceptions.matched(taken)
            self._excused -= taken

    async def _tell(self) -> None:
        now = asyncio.get_running_loop().time()
        policy = self.in_force.policy
        told = Told(
            policy=policy.hash,
            mode=policy.mode,
            loaded_at=self.in_force.loaded_at,
            reload=self._heard.reload,
            problems=self.in_force.problems,
        )
        if told != self._told or now - self._told_at >= TELL_S:
            await self.processes.tell(told)
            self._told, self._told_at = told, now

    async def _alarm(self) -> None:
        """Have the administrators told of a bad policy, once over all processes and nodes."""
        version = self.in_force.refused
        if version and version != self._refused:
            alarm = Job(
                kind=JobKind.ALARM,
                hold_id="",
                due_at=machine_time(),
                person=ADMINISTRATORS,
                note=POLICY_REFUSED,
            )
            await self.processes.tell_once(version, [alarm])
        self._refused = version


async def _again(look: Callable[[], Awaitable[None]]) -> None:
    """Look for ever; of an outage, the beginning is logged."""
    before = ""
    while True:
        await asyncio.sleep(LOOK_S)
        error = ""
        try:
            await look()
        except GuardError as caught:
            error = type(caught).__name__
            if error != before:
                log.warning("policy.not_followed", error=error)
        except Exception as caught:  # a bug must not end the watch
            error = type(caught).__name__
            if error != before:
                log.exception("policy.not_followed")
        before = error
