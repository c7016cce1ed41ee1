"""Reading sources: what came, changed and went, and what of it is kept."""

import json
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import blake2b
from itertools import islice
from typing import Final

from guard.app.beside import in_thread
from guard.app.losses import lost
from guard.app.reports import End, Report, Wish
from guard.config import sources as settings
from guard.contacts.sources.changes import Broken, Change, Mark
from guard.model.contact import Contact, Exchange
from guard.model.errors import SourceAwayError, SourceError, StoreError
from guard.ports import Clock
from guard.sources import source_of
from guard.store.contacts import ContactStore
from guard.store.sources import Sources, SourceState, contact_id, digest

AT_ONCE: Final = 1000
"""What is taken from a source between two looks at the clock and at the wish to stop."""

GENTLY: Final = 200
"""The same beside other work, which waits while so much is counted: some milliseconds."""

LEASE_S: Final = 900.0
"""Seconds for which a source is one process's own: longer than it takes to get `AT_ONCE` of it."""

MOST_SHOWN: Final = 20
"""Broken parts that are told one by one."""


@dataclass(slots=True)
class _Reading:
    """One source, as far as it was read."""

    its: settings.Source
    before: dict[int, int]
    settings: str
    seen: set[int] = field(default_factory=set)
    changed: dict[int, int] = field(default_factory=dict)
    people: list[Contact] = field(default_factory=list)
    """Those of `changed`."""

    token: str = ""
    mails: int = 0
    known: int = 0
    late: int = 0
    broken: int = 0
    shown: list[str] = field(default_factory=list)

    def take(self, contact: Contact) -> None:
        """Note a contact; of one that stands there twice the first counts."""
        number = contact_id(contact)
        if number in self.seen:
            return
        self.seen.add(number)
        if self.before.get(number) != (now := digest(contact)):
            self.changed[number] = now
            self.people.append(contact)

    def counts(self, report: Report) -> Report:
        """Write down what was seen on the way."""
        return replace(
            report,
            mails=self.mails,
            known=self.known,
            late=self.late,
            broken=self.broken,
            shown=tuple(self.shown),
        )


class Syncer:
    """Reads sources into the store of contacts."""

    def __init__(self, contacts: ContactStore, sources: Sources, clock: Clock) -> None:
        self._contacts: Final = contacts
        self._sources: Final = sources
        self._clock: Final = clock

    async def sync(self, its: settings.Source, wish: Wish) -> Report:
        """
        Read one source. Contacts of it are taken in all or none, and mail as far as it was read.

        Raises:
            StoreError: The database is away or full. Nothing was changed, or the next reading goes
                on where this one ended.
        """
        state = await self._sources.claim(its.name, its.kind, lease_s=LEASE_S)
        report = Report(name=its.name, kind=its.kind, end=End.BUSY)
        if state is None:
            message = f"{its.name}: another process reads it now; try again when it is done"
            return replace(report, message=message)
        report = replace(report, contacts=state.contacts, read_at=state.read_at)
        try:
            return await self._read(its, wish, state, report)
        except SourceError as error:
            end = End.AWAY if isinstance(error, SourceAwayError) else End.FAILED
            await self._sources.failed(its.name, str(error))
            return replace(report, end=end, message=str(error))
        except BaseException:
            with suppress(StoreError):
                await self._sources.let_go(its.name)
            raise

    async def learn(self, exchanges: Sequence[Exchange]) -> int:
        """Count those mails that were not counted before, and give how many these are."""
        new = await self._sources.uncounted(exchanges)
        await self._sources.count(new)
        return await self._contacts.learn_many(new)

    async def _read(
        self, its: settings.Source, wish: Wish, state: SourceState, report: Report
    ) -> Report:
        said = settings_of(its)
        since = state.token if state.settings == said and not wish.full else ""
        # Contacts that another reading had are not new, whatever the settings were then.
        before = await self._sources.digests(its.name)
        reading = _Reading(its=its, before={} if wish.full else before, settings=said, token=since)
        source = source_of(its)
        changes = await in_thread(partial(source.changes, since, now=self._clock()))
        if changes is None:
            await self._sources.unchanged(its.name)
            return replace(report, end=End.UNCHANGED)
        size = GENTLY if wish.gently else AT_ONCE
        try:
            total = 0
            while chunk := await in_thread(partial(_next, changes, size)):
                await self._take(reading, chunk, skip=wish.skip_broken)
                total += len(chunk)
                wish.tell(total)
                if wish.stop():
                    await self._sources.let_go(its.name)
                    return reading.counts(replace(report, end=End.STOPPED))
        finally:
            await in_thread(partial(_close, changes))
        gone = before.keys() - reading.seen
        if lost(len(before), len(before) - len(gone)) and not wish.accept_loss:
            message = (
                f"{its.name}: {len(gone):,} of {len(before):,} contacts are not there any more "
                f"({100 * len(gone) // len(before)} %), so all is kept as it was; if that is "
                f"right, say so: guard contacts sync {its.name} --accept-loss"
            )
            await self._sources.failed(its.name, message)
            return reading.counts(replace(report, end=End.KEPT, message=message))
        for some in _slices(reading.people, size if wish.gently else len(reading.people)):
            await self._contacts.add(some)
        out = await self._sources.done(
            its.name, settings=said, token=reading.token, changed=reading.changed, gone=gone
        )
        came = len(reading.changed.keys() - before.keys())
        done = replace(
            report,
            end=End.DONE,
            came=came,
            changed=len(reading.changed) - came,
            gone=len(gone),
            out=out,
            contacts=len(reading.seen),
        )
        return reading.counts(done)

    async def _take(self, reading: _Reading, chunk: Sequence[Change], *, skip: bool) -> None:
        """Take in what came; mails are counted at once, so that the next reading goes on here."""
        its = reading.its
        refuses = isinstance(its, settings.FileSource) and not (skip or its.skip_broken)
        mails: list[Exchange] = []
        for change in chunk:
            match change:
                case Contact():
                    reading.take(change)
                case Exchange() if _is_counted(change, its):
                    mails.append(change)
                case Exchange():
                    reading.late += 1
                case Broken(message) if refuses:
                    raise SourceError(f"{message}; or leave out what is broken: --skip-broken")
                case Broken(message):
                    reading.broken += 1
                    if len(reading.shown) < MOST_SHOWN:
                        reading.shown.append(message)
                case Mark(token):
                    reading.token = token
        if mails:
            new = await self.learn(mails)
            reading.mails += new
            reading.known += len(mails) - new
            marked = reading.token if not isinstance(its, settings.FileSource) else ""
            await self._sources.reached(
                its.name, settings=reading.settings, token=marked, mails=new
            )
        await self._sources.claim(its.name, its.kind, lease_s=LEASE_S)


def settings_of(its: settings.Source) -> str:
    """Give what changes with the settings of a source."""
    said = json.dumps(its.model_dump(mode="json"), sort_keys=True)
    return blake2b(said.encode(), digest_size=12).hexdigest()


def _is_counted(mail: Exchange, its: settings.Source) -> bool:
    before = getattr(its, "before", None)
    return before is None or mail.at.date() < before


def _next(changes: Iterator[Change], size: int) -> list[Change]:
    return list(islice(changes, size))


def _close(changes: Iterator[Change]) -> None:
    """Let a source go, where a generator asks one."""
    if isinstance(changes, Generator):
        with suppress(ValueError):  # its thread is at it still, and nobody waits for that
            changes.close()


def _slices(people: Sequence[Contact], size: int) -> Iterator[Sequence[Contact]]:
    return (people[at : at + size] for at in range(0, len(people), size or 1))
