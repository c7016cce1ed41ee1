"""Parse, gather, inspect, decide: from octets and an envelope to a verdict, and no further."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

from guard.contacts.acquaintance import Acquaintance
from guard.contacts.travels import carried
from guard.detect import Inspection, Searched, inspect
from guard.detect.channel import Channel, shipped
from guard.detect.clues import FileClues, asked, clues_of, clues_of_text
from guard.detect.unlocking import Opening, Unlocking
from guard.lists.hits import Ours, RowHit
from guard.model.address import Address, Mailbox
from guard.model.contact import Exchange
from guard.model.envelope import Envelope, Submitter
from guard.model.errors import GuardError, SearchLimitError
from guard.model.extract import Extract, Passage
from guard.model.finding import DetectorFailed, Finding
from guard.model.message import Attachment, Message
from guard.model.quotation import quoted_at
from guard.model.unlocked import Unlocked
from guard.model.verdict import Verdict
from guard.names.domains import company_domain
from guard.parse import parse, prose
from guard.parse.automatic import automatic
from guard.parse.quoting import quotations
from guard.policy.decide import decide
from guard.policy.identity import Identity
from guard.policy.schema import Policy, ProtectedList
from guard.ports import Contacts, Lists, Readers, Suspicions, Uncounted

INLINE_BYTES: Final = 65_536
INLINE_RECIPIENTS: Final = 20
"""Larger messages are judged in a thread: below this a thread costs more than the judging."""

P = ParamSpec("P")
T = TypeVar("T")

NOTHING_OPENS: Final = Opening()

UNKNOWN_SENDER: Final = Address.parse("unknown@localhost")
"""Stands for the sender of a bounce without a From."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """The ports that judging asks. None of them is changed by it."""

    readers: Readers
    contacts: Contacts
    lists: Lists
    channel: Channel = field(default_factory=shipped)
    suspicions: Suspicions = field(default_factory=Uncounted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """A verdict with all that led to it."""

    inspection: Inspection
    findings: tuple[Finding, ...]
    verdict: Verdict

    today: date
    """The day by which exceptions were judged, in the policy's time zone."""

    unlocked: tuple[Unlocked, ...] = ()
    """Encrypted attachments of this message that were opened, now or before."""

    @property
    def message(self) -> Message:
        """The view that was judged."""
        return self.inspection.message


async def examine(
    envelope: Envelope,
    octets: bytes,
    *,
    policy: Policy,
    knowledge: Knowledge,
    now: datetime,
    submitter: Submitter | None = None,
    opening: Opening = NOTHING_OPENS,
    thorough: bool = False,
) -> Examination:
    """
    Judge one message by *policy*, as handed to us by *submitter*.

    *opening* says what is known of attachments that are encrypted, and what to try on the others.
    *thorough* finds what no rule of the policy asks for too, for those who ask why.

    Raises:
        GuardError: Contacts or lists could not be asked, and the policy wants such mail to be
            tried later (``if_guard_cannot_check: try_later``). A mail that takes too long to
            search is no such case: it is held, as any whose detector failed.
    """
    big = len(octets) > INLINE_BYTES or len(envelope.recipients) > INLINE_RECIPIENTS
    message = await _run(big, parse, octets)
    exchange = _exchange(envelope, message, now)
    files = await _files(knowledge.readers, message.attachments, opening, policy.hash, big=big)
    extracts = files.extracts
    clues: tuple[FileClues, ...] = ()
    greeted = clues_of_text(message.text)
    if extracts:
        clues = await _run(big, clues_of, message.attachments, extracts)
        exchange = replace(exchange, files=await _run(big, carried, message))
    if clues or greeted.namings:
        homes = [company_domain(address.domain) for address in envelope.addresses]
        exchange = replace(exchange, clues=asked((greeted, *clues), homes))
    known: list[Finding] = [*files.findings()]
    try:
        acquaintance = await knowledge.contacts.acquaintance(exchange)
        names = await _lists_to_search(policy, knowledge.lists)
        ours = Ours(sender=exchange.sender.address, domains=frozenset(policy.us.domains))
        searched = await _search(
            knowledge.lists,
            {name: policy.lists[name] for name in names},
            envelope,
            acquaintance,
            message,
            extracts,
            ours,
        )
    except SearchLimitError as error:
        # The mail itself is what takes so long: to try it later would end the same way.
        known.append(DetectorFailed(detector="lists", error=type(error).__name__))
        searched = ()
    except GuardError as error:
        if policy.if_guard_cannot_check == "try_later":
            raise
        known.append(DetectorFailed(detector="sources", error=type(error).__name__))
        acquaintance, searched = Acquaintance(), ()
    inspection = Inspection(
        envelope=envelope,
        message=message,
        exchange=exchange,
        acquaintance=acquaintance,
        extracts=extracts,
        searched=searched,
        clues=clues,
        greeted=greeted,
        channel=knowledge.channel,
        recent=knowledge.suspicions.recent,
        our_domains=frozenset(policy.us.domains),
        submitter=submitter,
        automatic=automatic(
            envelope, message, login=submitter is not None and submitter.login is not None
        ),
        may_send_as=Identity.of(submitter, policy.us).may_use,
    )
    today = now.astimezone(ZoneInfo(policy.us.time_zone)).date()
    # A small archive may hold a long text, which detectors read.
    big |= sum(len(passage.text) for file in extracts for passage in file.passages) > INLINE_BYTES
    wanted = None if thorough else policy.content_wanted
    findings, verdict = await _run(big, _judged, inspection, known, policy, today, wanted)
    return Examination(
        inspection=inspection,
        findings=findings,
        verdict=verdict,
        today=today,
        unlocked=files.unlocked(findings),
    )


async def _files(
    readers: Readers,
    attachments: Sequence[Attachment],
    opening: Opening,
    policy: str,
    *,
    big: bool,
) -> Unlocking:
    """Read every file; a password is tried only on those that are encrypted."""
    extracts = await readers.read(attachments) if attachments else ()
    files = await _run(big, Unlocking, opening, attachments, extracts, policy=policy)
    if opening.password and files.locked:
        files.tried(await readers.read(files.locked, password=opening.password))
    return files


def _judged(
    inspection: Inspection,
    known: Sequence[Finding],
    policy: Policy,
    today: date,
    wanted: frozenset[type[Finding]] | None,
) -> tuple[tuple[Finding, ...], Verdict]:
    """Inspect and decide; what is *known* already is a finding too, each once."""
    found = inspect(inspection, wanted=wanted)
    findings = (*found, *(finding for finding in known if finding not in found))
    return findings, decide(inspection, findings, policy, today=today)


async def _run(big: bool, work: Callable[P, T], *values: P.args, **named: P.kwargs) -> T:
    """Do pure work here, or in a thread where it would keep others waiting."""
    return await asyncio.to_thread(work, *values, **named) if big else work(*values, **named)


def _exchange(envelope: Envelope, message: Message, now: datetime) -> Exchange:
    """Give the message as history sees it: the envelope's people, with the header's names."""
    people = (*message.from_, *message.to, *message.cc, *message.bcc)
    names = {mailbox.address: mailbox.name for mailbox in people}
    sender = envelope.sender or (message.from_[0].address if message.from_ else UNKNOWN_SENDER)
    return Exchange(
        sender=Mailbox(address=sender, name=names.get(sender, "")),
        recipients=tuple(Mailbox(address=a, name=names.get(a, "")) for a in envelope.addresses),
        at=now,
        message_id=message.message_id,
        references=message.references,
        subject=message.subject,
        text=message.text,
    )


def own_text(message: Message) -> list[Passage]:
    """
    Give what the message itself says, for the search of lists.

    Its bodies and its subject, then other words in its header and the names of its files. Fields
    of addresses are no such words: everybody in them is the sender or gets the message.
    """
    header = prose((field.name, field.value) for field in message.headers)
    names = "\n".join(attachment.name for attachment in message.attachments)
    passages = [Passage(place="", text=body.text) for body in message.bodies]
    passages.append(Passage(place="", text=message.subject))
    passages.append(Passage(place="header", text=header))
    passages.append(Passage(place="file names", text=names))
    return [passage for passage in passages if passage.text]


def _written_by(
    passage: Passage, hits: Sequence[RowHit], recipients: Sequence[Address]
) -> Sequence[RowHit]:
    """Give what a recipient wrote, and is quoted with here, to that recipient."""
    quoted = quotations(passage.text) if hits and recipients else ()
    if not quoted:
        return hits
    known = {recipient.key for recipient in recipients}
    given = []
    for hit in hits:
        quotation = quoted_at(quoted, hit.line)
        writers = {mailbox.address.key for mailbox in quotation.from_} if quotation else set()
        given.append(replace(hit, belongs_to=hit.belongs_to | writers & known))
    return given


async def _lists_to_search(policy: Policy, lists: Lists) -> tuple[str, ...]:
    """
    Give the lists that a rule looks for.

    One without a source that was never imported protects nobody yet. One with a source, or that
    was imported once, and is missing now is a fault, which the search will tell.
    """
    return tuple(
        [
            name
            for name in sorted(policy.list_names)
            if policy.lists[name].source is not None or await lists.has(policy.imported(name))
        ]
    )


async def _search(
    lists: Lists,
    names: Mapping[str, ProtectedList],
    envelope: Envelope,
    acquaintance: Acquaintance,
    message: Message,
    extracts: Sequence[Extract],
    ours: Ours,
) -> tuple[Searched, ...]:
    """
    Look for rows of every list that a rule names, in the bodies and in every file.

    *names* are those of the policy, each with what it says of the list.
    """
    if not names:
        return ()
    files = [("", own_text(message))]
    files += [(extract.file, list(extract.passages)) for extract in extracts]
    passages = [passage for _, of_file in files for passage in of_file]
    companies = {
        known.address.key: known.company for known in acquaintance.recipients if known.company
    }
    recipients = envelope.addresses
    imported = sorted({its.source or name for name, its in names.items()})
    found = iter(await lists.search(imported, passages, recipients, companies=companies, ours=ours))
    searched = []
    for file, of_file in files:
        hits = [
            hit
            for passage in of_file
            for hit in _written_by(passage, next(found), recipients if not file else ())
        ]
        for name, its in names.items():
            source = its.source or name
            mine = tuple(h for h in hits if h.list_name == source and its.counts(h.fields))
            searched.append(Searched(list_name=name, file=file, hits=mine))
    return tuple(searched)
