"""A policy tried on mail of the past: by the features that were kept of it."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import select

from guard.config import Settings
from guard.detect.channel import Channel, read_channel
from guard.detect.recent import Count, Recent, recent
from guard.model.address import Address, AddressError
from guard.model.errors import KeyFileError
from guard.policy import Policy
from guard.policy.past.asked import Asked, dictionary, replayable
from guard.policy.past.pseudonyms import Dictionary, Pseudonyms, bare, tag
from guard.policy.past.replay import Answer, Rebuilder, Rebuilt, Retrial, read
from guard.policy.past.trial import Mail, Trial
from guard.store.contact_rows import contacts
from guard.store.database import Database
from guard.store.opening import Ground, opened
from guard.store.past import Batch, Missing, count
from guard.store.past import read as read_past
from guard.store.suspicions import counted

_BATCH: Final = 5_000

Tell = Callable[[int, float | None], None]
"""Hears how many mails were judged so far, and which share of all that is."""


@dataclass(slots=True)
class Tried:
    """What two policies say of the same mails, and what they could not be asked."""

    trial: Trial = field(default_factory=Trial)
    missing: Missing = field(default_factory=Missing)
    unanswered: tuple[str, ...] = ()
    """Conditions of the new policy of which features know nothing: ``rule-id: subject``."""

    unsearched: Counter[str] = field(default_factory=Counter)
    """Lists of the new policy, with the mails in which nobody had looked for them."""

    unsought: Counter[str] = field(default_factory=Counter)
    """Its conditions that need no list, with the mails that nobody searched for them."""

    unasked: Counter[str] = field(default_factory=Counter)
    """Its patterns that hashes cannot answer, with the mails of which nobody had asked them."""

    limits: tuple[str, ...] = ()
    """What else the mails do not tell, in sentences."""

    people: Mapping[str, str] = field(default_factory=dict)
    """Addresses of those who are told of, by the name that features have for them."""

    domains: Mapping[str, str] = field(default_factory=dict)
    """The same of domains."""


async def tried_on_features(
    settings: Settings, now: Policy, new: Policy, *, since: datetime, tell: Tell
) -> Tried:
    """
    Judge what was kept of mails *since* a time by two policies, as `decide` does.

    Raises:
        GuardError: The store cannot be used.
    """
    async with opened(settings.store.url, settings.store.key_file) as ground:
        channel = read_channel(settings.contacts.weights)
        late = _late(await counted(ground.database, channel))
        all_ = await count(ground, since)
        replaying = _Replaying(ground, now, new, since, channel, late)
        async for batch in read_past(ground, since, replaying.tried.missing):
            # In a thread, so that Ctrl-C and the bar are not kept waiting.
            await asyncio.to_thread(replaying.add, batch)
            done = replaying.seen
            tell(done, min(1.0, done / all_) if all_ else None)
        tried = replaying.tried
        tried.people, tried.domains = await _clear(ground.database, replaying.keys, tried.trial)
        return tried


class _Replaying:
    """Takes batch after batch."""

    def __init__(
        self,
        ground: Ground,
        now: Policy,
        new: Policy,
        since: datetime,
        channel: Channel,
        late: Callable[[date], Recent],
    ) -> None:
        self._ground: Final = ground
        self._asked: Final = Asked.by(now), Asked.by(new)
        self._now: Final = Retrial(replayable(now), channel=channel, late=late)
        self._new: Final = Retrial(replayable(new), channel=channel, late=late)
        self._hash: Final = now.hash
        self._since: Final = since.timestamp()
        self.keys: Final[dict[str, Pseudonyms | None]] = {}
        self._dictionaries: Final[dict[str, Dictionary]] = {}
        self.tried: Final = Tried(unanswered=self._asked[1].unanswered)
        self.seen = 0

    def add(self, batch: Batch) -> None:
        """Judge all mails of a batch."""
        self.seen += len(batch.records)
        names = self._dictionary(batch.key_id)
        if names is None:
            self.tried.missing.mails += len(batch.records)
            return
        rebuilder = Rebuilder(names)
        for line in batch.records:
            record = read(line)
            if record["at"] >= self._since:
                self._judge(record, rebuilder.rebuilt(record), names)
                self._note(batch.policies.get(record["policy"], {}))

    def _judge(self, record: dict[str, Any], mail: Rebuilt, names: Dictionary) -> None:
        now, new = self._now.answer(mail), self._new.answer(mail)
        trial = self.tried.trial
        if record["policy"] == self._hash:
            trial.same_policy += 1
            spoke = {*record.get("rules", ()), *record.get("watched", ())}
            trial.otherwise += spoke != {match.rule for match in now.verdict.matches}
        sender = bare(record.get("from", ""))
        person = record.get("person", "")
        trial.add(
            Mail.of(
                record,
                _about(record, names, now, new),
                sender,
                sender if person == "=" else bare(person),
            ),
            now,
            new,
        )

    def _note(self, asked: Mapping[str, Sequence[str]]) -> None:
        """Count what the new policy asks and nobody had asked of that mail."""
        new = self._asked[1]
        for name in new.lists:
            self.tried.unsearched[name] += name not in asked.get("lists", ())
        for word in new.content:
            self.tried.unsought[word] += word not in asked.get("content", ())
        for glob in (*new.addresses, *new.files):
            self.tried.unasked[str(glob)] += tag(glob) not in asked.get("tags", ())

    def _dictionary(self, key_id: str) -> Dictionary | None:
        if key_id not in self.keys:
            try:
                pseudonyms = Pseudonyms(self._ground.keys.get("logs", key_id), key_id)
            except KeyFileError:
                self.keys[key_id] = None
            else:
                self.keys[key_id] = pseudonyms
                self._dictionaries[key_id] = dictionary(pseudonyms, *self._asked)
        return self._dictionaries.get(key_id)


def _about(record: dict[str, Any], names: Dictionary, now: Answer, new: Answer) -> list[str]:
    """Give the names of those about whom rules speak; nobody is asked for where none does."""
    spoken = {
        address
        for answer in (now, new)
        for match in answer.verdict.matches
        for address in match.recipients
    }
    if not spoken:
        return []
    return [bare(name) for name, *_ in record.get("to", ()) if names.address(name) in spoken]


def _late(counts: Sequence[Count]) -> Callable[[date], Recent]:
    """Give what was known on a day of how suspicious mail is."""

    @lru_cache(maxsize=1024)
    def late(day: date) -> Recent:
        today = day.toordinal()
        return recent((one for one in counts if one.day < today), today)

    return late


async def _clear(
    database: Database, keys: Mapping[str, Pseudonyms | None], trial: Trial
) -> tuple[dict[str, str], dict[str, str]]:
    """
    Give addresses, and domains, that are known as contacts, by the names that are told of.

    What is no contact's stays a hash.
    """
    wanted = _told_of(trial)
    locals_ = {name.partition("@")[0] for name in wanted}
    domains = {_domain(name) for name in wanted}
    people, places = dict[str, str](), dict[str, str]()
    if not wanted:
        return people, places
    last = -1
    while True:
        query = select(contacts.c.id, contacts.c.address).where(contacts.c.id > last)
        async with database.read() as conn:
            rows = (await conn.execute(query.order_by(contacts.c.id).limit(_BATCH))).all()
        for address in _addresses(row.address for row in rows):
            for pseudonyms in filter(None, keys.values()):
                domain = pseudonyms.domain(address.domain)
                if domain in domains:
                    places[domain] = address.domain
                    if pseudonyms.local(address.local) in locals_:
                        people[pseudonyms.address(address)] = address.text
        if len(rows) < _BATCH:
            return people, places
        last = rows[-1].id


def _told_of(trial: Trial) -> set[str]:
    wanted = {name for change in trial.changes for name in (change.sender, *change.recipients)}
    for tally in (trial.now, trial.new):
        wanted |= {name for name, _ in tally.asked_often()}
    return wanted - {""}


def _domain(name: str) -> str:
    return name.partition("@")[2].partition(".")[0]


def _addresses(texts: Iterable[str]) -> Iterable[Address]:
    for text in texts:
        try:
            yield Address.parse(text)
        except AddressError:
            continue
