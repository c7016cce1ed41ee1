"""All tests of a policy, judged by the code that judges live mail; nothing is stored or sent."""

import asyncio
import secrets
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from typing import Final, Self
from zoneinfo import ZoneInfo

from guard.examine import Examination, Knowledge, examine
from guard.lists.build import build
from guard.lists.columns import assign
from guard.lists.hits import Ours, RowHit
from guard.model.address import Address
from guard.model.errors import GuardError
from guard.model.extract import Extract, Passage
from guard.model.message import Attachment
from guard.policy.schema import Policy
from guard.policy_tests.letter import letter
from guard.policy_tests.load import Loaded
from guard.policy_tests.people import Acquaintances
from guard.policy_tests.rows import Table, tables
from guard.policy_tests.schema import Trial
from guard.policy_tests.unmet import Unmet, unmet
from guard.sandbox import ReadersAtOnce, Sandbox
from guard.store.lists import ListFolder

KEY_ID: Final = "test"
NOON: Final = (12, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How one test went."""

    file: Path
    line: int
    it: str
    unmet: tuple[Unmet, ...] = ()
    examination: Examination | None = None
    """`None` where it could not be judged."""

    error: str = ""
    took_s: float

    @property
    def passed(self) -> bool:
        """Whether all was as expected."""
        return not self.unmet and not self.error


async def run(
    chosen: Sequence[tuple[Loaded, Sequence[tuple[int, Trial]]]], policy: Policy
) -> AsyncIterator[Ran]:
    """
    Run the tests that were chosen of each file, in their order.

    What the whole policy only records (``mode: watch``) is judged as if it held: a policy is tested
    before it is let loose. A rule of its own ``mode: watch`` only records here, too.
    """
    holding = policy.model_copy(update={"mode": "hold"})
    async with _Readers() as readers:
        for loaded, trials in chosen:
            with tempfile.TemporaryDirectory(prefix="guard-policy-test-") as folder:
                house = _House(loaded, holding, readers, Path(folder))
                for line, trial in trials:
                    yield await house.ran(line, trial)


class _House:
    """What one file of tests gives, and its mails judged by that."""

    def __init__(self, loaded: Loaded, policy: Policy, readers: "_Readers", folder: Path) -> None:
        self._loaded = loaded
        self._policy = policy
        self._readers = readers
        self._tables = tables(loaded.suite)
        # The search knows lists by the names that they are imported by.
        imported = {policy.imported(name): table for name, table in self._tables.items()}
        self._lists = _Lists(imported, folder)

    async def ran(self, line: int, trial: Trial) -> Ran:
        began = time.monotonic()
        examination, error = None, ""
        try:
            examination = await self._examined(trial)
        except (GuardError, OSError, ValueError) as wrong:
            error = str(wrong) or type(wrong).__name__
        misses = (
            tuple(unmet(trial.expect, examination.verdict, examination.findings))
            if examination
            else ()
        )
        return Ran(
            file=self._loaded.file,
            line=line,
            it=trial.it,
            unmet=misses,
            examination=examination,
            error=error,
            took_s=time.monotonic() - began,
        )

    async def _examined(self, trial: Trial) -> Examination:
        given = self._loaded.suite.given
        now = self._now(trial.given.today or given.today, trial.mail.at or NOON)
        mail = await asyncio.to_thread(
            letter, trial.mail, folder=self._loaded.file.parent, tables=self._tables, at=now
        )
        known = (*given.contacts, *trial.given.contacts)
        return await examine(
            mail.envelope,
            mail.octets,
            policy=self._policy,
            knowledge=Knowledge(
                readers=self._readers,
                contacts=Acquaintances(
                    known, sender=mail.sender, now=now, thread_with=trial.mail.thread_with
                ),
                lists=self._lists,
            ),
            now=now,
            submitter=mail.submitter,
        )

    def _now(self, today: date | None, at: tuple[int, int]) -> datetime:
        zone = ZoneInfo(self._policy.us.time_zone)
        day = today or datetime.now(zone).date()
        return datetime.combine(day, time_of_day(*at), zone).astimezone(UTC)


class _Lists:
    """`ports.Lists` over what a test gives: a list of which it gives no row has none."""

    def __init__(self, given: Mapping[str, Table], folder: Path) -> None:
        key = secrets.token_bytes(32)
        self._names = {name for name, table in given.items() if table.rows}
        for name in self._names:
            table = given[name]
            build(
                enumerate(table.rows, start=1),
                assign(table.headers, table.rows[:1], {}, name),
                folder=folder,
                name=name,
                key=key,
                key_id=KEY_ID,
                now=datetime.now(UTC) - timedelta(days=1),
            )
        self._folder = ListFolder(folder, key, KEY_ID)

    async def has(self, name: str) -> bool:
        """Whether the test gives rows of it."""
        return name in self._names

    async def search(
        self,
        names: Sequence[str],
        passages: Sequence[Passage],
        recipients: Sequence[Address],
        *,
        companies: Mapping[str, str] | None = None,
        ours: Ours | None = None,
    ) -> tuple[tuple[RowHit, ...], ...]:
        """As `ports.Lists.search`."""
        known = [name for name in names if name in self._names]
        if not known:
            return tuple(() for _ in passages)
        return await self._folder.search(
            known, passages, recipients, companies=companies, ours=ours
        )


class _Readers:
    """`ports.Readers`: the sandbox of live mail, started once a mail has an attachment."""

    def __init__(self) -> None:
        self._sandbox = Sandbox()
        self._readers = ReadersAtOnce(self._sandbox)
        self._started = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._started:
            await self._sandbox.stop()

    async def read(
        self, attachments: Sequence[Attachment], *, password: str = ""
    ) -> tuple[Extract, ...]:
        """As `ports.Readers.read`."""
        if not self._started:
            self._started = True
            await self._sandbox.start()
        return await self._readers.read(attachments, password=password)
