"""
A policy tried on mail of the days before Guard: from an mbox, a Maildir or a folder of .eml.

Each message is judged as if Guard had been there: by what could be known of its people from the
messages before it, and from the directory. What no archive tells is not made up: the envelope is
that of the header, nobody is logged in, and lists are those of today.
"""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import select

from guard.app.knowledge import knowledge_of
from guard.app.trying import Tell, Tried
from guard.config import Settings
from guard.contacts.acquaintance import Acquaintance
from guard.contacts.history import History
from guard.contacts.sources.archive import Letter, letters
from guard.detect.lookalike import highest
from guard.detect.recent import Count, Counts, Recent, recent, step_of
from guard.examine import Examination, Knowledge, examine
from guard.model.address import Address, AddressError
from guard.model.contact import Contact, Exchange
from guard.model.envelope import Envelope, Recipient
from guard.model.pair_answer import PairAnswer
from guard.policy import Policy
from guard.policy.decide import decide
from guard.policy.past.pseudonyms import Pseudonyms
from guard.policy.past.replay import Answer
from guard.policy.past.trial import Mail
from guard.store.contact_rows import contacts
from guard.store.opening import Ground, opened


class _Learned:
    """`ports.Contacts` that know what the archive has shown so far."""

    def __init__(self) -> None:
        self.history: Final = History()

    async def acquaintance(self, exchange: Exchange) -> Acquaintance:
        return await asyncio.to_thread(self.history.acquaintance, exchange)

    async def learn(self, exchange: Exchange) -> None:
        self.history.learn(exchange)

    async def answered(self, answers: Sequence[PairAnswer], *, about: str) -> frozenset[Address]:  # noqa: ARG002
        return frozenset()


@dataclass(slots=True)
class _Suspicions:
    """`ports.Suspicions` of the archive: as of the day before."""

    recent: Recent = field(default_factory=Recent)
    _counts: Counts = field(default_factory=Counts)
    _day: int = 0

    def begin(self, at: datetime) -> None:
        """Have what was known at the beginning of a day."""
        if at.toordinal() != self._day:
            self._day = at.toordinal()
            self.recent = recent(self._counts, self._day)

    def count(self, log_odds: float, *, at: datetime, held: bool) -> None:
        self._counts.add([Count(at.toordinal(), step_of(log_odds), 1, int(held))])


async def tried_on_mailbox(
    settings: Settings,
    now: Policy,
    new: Policy,
    *,
    path: Path,
    since: Callable[[datetime], datetime],
    today: datetime,
    tell: Tell,
) -> Tried:
    """
    Judge the mail of *path* by two policies, in the order of its dates; nothing is kept.

    *since* gives from the time of the newest mail that of the first one to be judged; the older
    ones are learned from.

    Raises:
        SourceError: *path* is no store of mail, or a list that is asked for cannot be used.
        GuardError: The store cannot be used.
    """
    found = await asyncio.to_thread(letters, path, now=today)
    async with (
        opened(settings.store.url, settings.store.key_file) as ground,
        knowledge_of(settings, ground) as knowledge,
    ):
        learned, suspicions = _Learned(), _Suspicions()
        await _directory(ground, learned.history)
        reading = _Reading(
            now=now,
            new=new,
            both=new.changed(rules=(*new.rules, *now.rules), lists={**now.lists, **new.lists}),
            knowledge=replace(knowledge, contacts=learned, suspicions=suspicions),
            history=learned.history,
            suspicions=suspicions,
            first=since(found[-1].exchange.at) if found else today,
            most_bytes=settings.limits.message_bytes,
        )
        for number, letter in enumerate(found, 1):
            await reading.take(letter)
            tell(number, number / len(found))
        return reading.end()


@dataclass(slots=True, kw_only=True)
class _Reading:
    """Takes message after message."""

    now: Policy
    new: Policy
    both: Policy
    """Looks for the lists of both; its verdict is nobody's."""

    knowledge: Knowledge
    history: History
    suspicions: _Suspicions
    first: datetime
    most_bytes: int
    tried: Tried = field(default_factory=Tried)
    _names: Pseudonyms = field(default_factory=lambda: Pseudonyms(secrets.token_bytes(32)))
    _people: dict[str, str] = field(default_factory=dict)
    _domains: dict[str, str] = field(default_factory=dict)
    _learned: int = 0
    """Mails that were only learned from: older, or not of ours."""

    _large: int = 0
    """Mails that were left out, for no guard takes mail so large."""

    async def take(self, letter: Letter) -> None:
        """Judge one message, or only learn from it."""
        exchange = letter.exchange
        if exchange.at < self.first or not self.new.is_ours(exchange.sender.address):
            self.history.learn(exchange)
            self._learned += 1
            return
        octets = await asyncio.to_thread(letter.octets)
        if len(octets) > self.most_bytes:
            self._large += 1
            return
        self.suspicions.begin(exchange.at)
        envelope = Envelope(
            sender=exchange.sender.address,
            recipients=tuple(Recipient(address=box.address) for box in exchange.recipients),
        )
        judged = await examine(
            envelope, octets, policy=self.both, knowledge=self.knowledge, now=exchange.at
        )
        self._count(letter, judged)
        self.history.learn(replace(judged.inspection.exchange, text="", clues=()))

    def end(self) -> Tried:
        """Give what was found, with what an archive cannot tell."""
        limits = [
            "not told by a mailbox: logins, who was in Bcc, and the lists as they were then",
            f"not judged, only learned from: {self._learned:,} mails that are older or not ours",
        ]
        if self._large:
            limits.append(f"left out: {self._large:,} mails that are larger than Guard takes")
        self.tried.limits = tuple(limits)
        self.tried.people, self.tried.domains = self._people, self._domains
        return self.tried

    def _count(self, letter: Letter, judged: Examination) -> None:
        at = letter.exchange.at
        now, new = (self._answer(policy, judged, at) for policy in (self.now, self.new))
        held = new.verdict.holds_for_lookalike
        self.suspicions.count(highest(judged.findings), at=at, held=held)
        sender = self._named(letter.exchange.sender.address)
        spoken = dict.fromkeys(
            address
            for answer in (now, new)
            for match in answer.verdict.matches
            for address in match.recipients
        )
        self.tried.trial.add(
            Mail(
                id=letter.exchange.message_id[:60],
                at=int(at.timestamp()),
                sender=sender,
                recipients=tuple(self._named(address) for address in spoken),
                person=sender,
            ),
            now,
            new,
        )

    def _answer(self, policy: Policy, judged: Examination, at: datetime) -> Answer:
        today = at.astimezone(ZoneInfo(policy.us.time_zone)).date()
        verdict = decide(judged.inspection, judged.findings, policy, today=today)
        return Answer(action=verdict.action, verdict=verdict)

    def _named(self, address: Address) -> str:
        name = self._names.address(address)
        self._people[name] = address.text
        self._domains[self._names.domain(address.domain)] = address.domain
        return name


async def _directory(ground: Ground, history: History) -> None:
    """Have the history know whom the directory knows: that was known before any mail."""
    columns = contacts.c.address, contacts.c.name, contacts.c.company
    async with ground.database.read() as conn:
        rows = (await conn.execute(select(*columns).where(contacts.c.imported))).all()
    for row in rows:
        try:
            address = Address.parse(row.address)
        except AddressError:
            continue
        history.add_contact(Contact(address=address, name=row.name, company=row.company))
