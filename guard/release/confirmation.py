"""Whether an answer says enough: what it would send, and what the rungs still ask. Pure."""

from collections.abc import Hashable, Iterator

from guard.model.address import Address
from guard.model.extract import Reason
from guard.model.finding import (
    CustomerRows,
    DetectorFailed,
    Finding,
    Greeting,
    ListLike,
    Lookalike,
    Mark,
    OtherCompany,
    ProtectedNumbers,
    SenderNotTheirs,
    Unread,
    WrongFile,
)
from guard.model.hold import Choice, Hold
from guard.model.verdict import Action, Confirm, Verdict
from guard.release.answer import Answer, Sending, Unconfirmed


def wished(hold: Hold, answer: Answer) -> Sending:
    """
    Give what *answer* would have sent.

    Raises:
        Unconfirmed: Nothing can be sent like that.
    """
    recipients, without = list(hold.recipients), hold.without
    unticked = frozenset(_unticked(hold.verdict, hold.recipients, answer))
    match answer.choice:
        case Choice.DROP:
            recipients = [address for address in recipients if address not in unticked]
        case Choice.REPLACE:
            meant = _meant(hold)
            if unticked.isdisjoint(meant):
                raise Unconfirmed(hold, frozenset(address.text for address in unticked))
            recipients = [meant[a] if a in unticked and a in meant else a for a in recipients]
        case Choice.WITHOUT:
            out = {part for part in hold.parts if part and part in answer.without}
            if not out - {*without}:
                raise Unconfirmed(hold, frozenset({"without"}))
            without = tuple(part for part in hold.parts if part in out or part in without)
    if not recipients:
        raise Unconfirmed(hold, frozenset({"recipients"}))
    return Sending(recipients=tuple(dict.fromkeys(recipients)), without=without)


def lacking(verdict: Verdict, sending: Sending, answer: Answer) -> frozenset[str]:
    """Give what the rung of *verdict* asks for and *answer* lacks, as in `Unconfirmed.missing`."""
    if verdict.action < Action.HOLD:
        return frozenset()
    rung = verdict.confirm
    missing = set[str]()
    if rung >= Confirm.TICK_EACH:
        missing |= {a.text for a in _unticked(verdict, sending.recipients, answer)}
    if rung is Confirm.TYPE_DOMAIN:
        typed = set(answer.domain.replace(",", " ").casefold().split())
        if not {address.domain for address in doubtful(verdict, sending.recipients)} <= typed:
            missing.add("domain")
    if rung is Confirm.GIVE_REASON and not answer.reason.strip():
        missing.add("reason")
    return frozenset(missing)


def is_news(now: Verdict, asked: Verdict) -> bool:
    """
    Tell whether *now* doubts what *asked* did not: then no answer to that can stand for it.

    The same rule about the same recipient for the same reasons is no news, nor is one reason less.
    """
    if now.action < Action.HOLD:
        return False
    before = set(_doubts(asked))
    return now.confirm > asked.confirm or any(doubt not in before for doubt in _doubts(now))


def doubtful(verdict: Verdict, recipients: tuple[Address, ...]) -> list[Address]:
    """Give those of *recipients* whom a holding rule spoke about."""
    getting = frozenset(recipients)
    return [address for address in verdict.doubtful if address in getting]


def _unticked(
    verdict: Verdict, recipients: tuple[Address, ...], answer: Answer
) -> Iterator[Address]:
    return (each for each in doubtful(verdict, recipients) if each.text not in answer.ticked)


def _meant(hold: Hold) -> dict[Address, Address]:
    """Give for each look-alike the contact who was more likely meant."""
    return {
        finding.recipient: finding.intended.address
        for finding in hold.verdict.findings
        if isinstance(finding, Lookalike)
    }


def encrypted(verdict: Verdict) -> frozenset[str]:
    """
    Give the names of the files that a rule spoke of and that a password may open.

    Not one that was opened before and has another lock within: it would take both passwords.
    """
    opened = {
        (each.file, each.state, each.reasons)
        for each in verdict.unlocked
        if each.policy == verdict.policy
    }
    return frozenset(
        found.file
        for found in verdict.findings
        if isinstance(found, Unread)
        and Reason.ENCRYPTED in found.reasons
        and (found.file, found.state, found.reasons) not in opened
    )


def _doubts(verdict: Verdict) -> Iterator[tuple[str, Address | None, Hashable]]:
    """Give each reason of each holding rule about each recipient."""
    for match in verdict.acting:
        if match.action is not Action.HOLD:
            continue
        for recipient in match.recipients or (None,):
            yield match.rule, recipient, None
            for finding in match.findings:
                if finding.recipient in {None, recipient}:
                    yield match.rule, recipient, _gist(finding)


def _gist(finding: Finding) -> Hashable:
    """Give what a finding is about, less the figures that change while a mail waits."""
    match finding:
        case Lookalike():
            about: tuple[Hashable, ...] = (finding.intended.address,)
        case CustomerRows():
            about = (finding.list_name, finding.file, finding.rows)
        case WrongFile():
            about = (finding.file, finding.company, finding.domain)
        case Unread():
            about = (finding.file, finding.state, finding.reasons)
        case Greeting():
            about = (finding.greeting,)
        case OtherCompany():
            about = (finding.company, finding.domain)
        case SenderNotTheirs():
            about = (finding.address, finding.where)
        case ListLike():
            about = (finding.file, finding.count)
        case ProtectedNumbers():
            about = (finding.file, finding.kind, finding.count)
        case Mark():
            about = (finding.file, finding.marks)
        case DetectorFailed():
            about = (finding.detector,)
    return finding.code, about
