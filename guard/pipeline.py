"""One submission, from octets to the reply that its client is told. The whole story on a screen."""

from asyncio import to_thread
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

import structlog
from prometheus_client import Counter, Histogram

from guard.compose.trace import has_loop_mark, hops, received, returned
from guard.detect.lookalike import highest
from guard.examine import Examination, Knowledge, examine
from guard.holding import first_audit, first_jobs, hold_of, owner
from guard.memory import BIG_BYTES, Lane
from guard.model.address import Address
from guard.model.automatic import ANSWERS
from guard.model.calendar import Calendar
from guard.model.contact import Exchange
from guard.model.envelope import Submission
from guard.model.finding import CustomerRows, DetectorFailed, Finding, rows_in
from guard.model.hold import Fate, Hold
from guard.model.reply import Reply
from guard.model.verdict import Action, Match, Verdict
from guard.policy.past.features import Features, Judged, Recorder
from guard.policy.schema import Policy
from guard.ports import AuditEntry, Clock, Forgotten, HoldStore, Kept, Past, Transaction
from guard.release.links import Links
from guard.splitting import kept_copy, split
from guard.steps import reached

HOPS: Final = 30
"""Received lines from which a message is taken for a loop (RFC 5321 §6.3)."""

LOOP: Final = Reply(554, "5.4.6", "Routing loop detected")
GONE: Final = Reply(421, "4.4.2", "Connection lost")
NOBODY_TO_ASK: Final = "This mail would wait for its sender's word, and there is nobody to ask"

MESSAGES = Counter("guard_messages", "Messages judged.", ["decision", "mode"])
HELD = Counter("guard_rule_held", "Mails that a rule held, alone or with others.", ["rule"])
OVER_BUDGET = Counter(
    "guard_rule_over_budget",
    "Mails that a rule told of rather than held: more of late were as suspicious as may be held.",
    ["rule"],
)
UNASKED = Counter(
    "guard_unasked_matches",
    "Matches about automatic answers, of which nobody is asked or told, by sort and action.",
    ["mail", "action"],
)
SECONDS = Histogram("guard_decision_seconds", "Seconds from the final dot to the decision.")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """What a submission meets on its way."""

    knowledge: Knowledge
    holds: HoldStore
    links: Links
    clock: Clock
    policy: Callable[[], Policy]
    """The policy of the moment: a reload changes it between two messages, never within one."""

    name: str
    """Our own name, for the trace line."""

    address_for_log: Callable[[object], str]

    afterwards: Callable[[Coroutine[Any, Any, None]], None]
    """Runs what may happen after the reply, and whose failure changes nothing."""

    tell: Callable[[Hold], Coroutine[Any, Any, None]]
    """Tells a sender what was noticed in mail that was passed on (``then: tell``)."""

    calendar: Callable[[str], Calendar] = lambda zone: Calendar(zone=ZoneInfo(zone))
    """Gives working time, by the hours of a time zone where the settings name none."""

    lane: Lane = field(default_factory=Lane)
    """Where big messages wait until there is memory to look into them."""

    excused: Callable[[Sequence[str]], None] = lambda _: None
    """Hears which exceptions of the database kept a rule from speaking (`Verdict.excused`)."""

    past: Past = field(default_factory=Forgotten)
    """Where is kept what a policy needs to judge past mail again."""

    recorder: Recorder | None = None
    """Takes that from a mail; without one nothing is kept."""

    mark_key: bytes = b""
    """Seals our marks in trace lines, by which a message that comes back is known."""

    observer: Callable[[Examination, Reply], None] | None = None
    """Is shown each decision with its reply; for the demo's log."""

    async def accept(
        self, submission: Submission, transaction: Transaction, gone: Callable[[], bool]
    ) -> Reply:
        """
        Take one submission to its end and say what the client is told.

        The caller shields this from the client's going: *gone* is asked right before the point from
        which there is no way back. Until then a client that left will try again, and must not find
        its mail doubled. Every way out ends *transaction*.

        Raises:
            GuardError: Something of ours is away; nothing was sent and nothing was kept.
        """
        # Machines may have other clocks; whatever is decided later is by the one of all nodes.
        submission = replace(submission, received_at=self.clock())
        try:
            if self._goes_round(submission):
                return LOOP
            case = await self._judged(submission)
            reached("accept.after_inspection")
            reply = await self._act(case, transaction, gone)
        finally:
            await transaction.reset()  # nothing happens where DATA ended it
            submission.octets.close()
        self._follow_up(case, reply)
        return reply

    def _goes_round(self, submission: Submission) -> bool:
        """Whether it has been here before, or too often elsewhere."""
        head = submission.octets.head()
        return (
            hops(head) > HOPS
            or has_loop_mark(head, self.mark_key)
            or returned(head, submission.envelope, self.mark_key)
        )

    async def _judged(self, submission: Submission) -> "_Case":
        """
        Look into it and decide.

        Of all that is read and unpacked for that, nothing is kept for the rest of the way: behind
        a slow upstream the memory would fill with messages.
        """
        policy = self.policy()
        with SECONDS.time():
            async with self.lane.whole(submission.octets) as octets:
                examination = await examine(
                    submission.envelope,
                    octets,
                    policy=policy,
                    knowledge=self.knowledge,
                    now=submission.received_at,
                    submitter=submission.submitter,
                )
                return await self._case(submission, examination, policy)

    async def _case(
        self, submission: Submission, examination: Examination, policy: Policy
    ) -> "_Case":
        """Keep what is needed from here on."""
        case = _Case.of(submission, examination, policy)
        if case.person is not None and case.action in {Action.HOLD, Action.TELL}:
            key = self.links.current[0]
            values = (submission, examination, policy)
            calendar = self.calendar(policy.us.time_zone)
            make = partial(hold_of, *values, owner=case.person, link_key=key, calendar=calendar)
            big = submission.octets.size_bytes >= BIG_BYTES
            case.hold = await to_thread(make) if big else make()
        case.features = self._features(case, examination)
        if self.observer is not None:
            case.show = partial(self.observer, examination)
        return case

    def _features(self, case: "_Case", examination: Examination) -> Features | None:
        """Take what another policy needs to judge this again; no fault of that touches the mail."""
        if self.recorder is None:
            return None
        judged = Judged(
            id=case.submission.id,
            at=case.submission.received_at,
            inspection=examination.inspection,
            findings=examination.findings,
            verdict=examination.verdict,
            hold_budget=case.policy.holding.hold_budget,
            person=case.person,
        )
        try:
            return self.recorder.take(judged, case.policy)
        except Exception:
            log.exception("features.not_taken", submission=case.submission.id)
            return None

    async def _act(
        self, case: "_Case", transaction: Transaction, gone: Callable[[], bool]
    ) -> Reply:
        """Pass it on, keep it, or turn it away."""
        if gone():
            return GONE
        match case.action:
            case Action.DELIVER | Action.TELL:
                submission = case.submission
                trace = received(submission, by=self.name, key=self.mark_key)
                chunking = submission.chunked
                outcome = await transaction.data(trace, submission.octets, chunking=chunking)
                case.taken = outcome.fates == {Fate.TAKEN}
                return outcome.reply
            case Action.HOLD:
                if case.hold is None:
                    return Reply(550, "5.7.1", f"{NOBODY_TO_ASK}: {case.reason}")
                await transaction.reset()
                return await self._hold(case.hold, case, gone)
            case Action.REFUSE:
                return Reply(550, "5.7.1", case.reason)

    async def _hold(self, hold: Hold, case: "_Case", gone: Callable[[], bool]) -> Reply:
        """
        Keep it and ask; 250 only after the commit.

        Where a rule holds only whom it doubts, the others' copy is kept with it, all or nothing.
        """
        async with self.lane.whole(case.submission.octets) as octets:
            if gone():  # a big one may have waited for its turn
                return GONE
            waiting, copy = split(hold)
            kept = Kept(
                hold=waiting,
                octets=octets,
                tokens=self.links.tokens(waiting),
                jobs=first_jobs(
                    waiting,
                    case.policy.holding.remind_after,
                    self.calendar(case.policy.us.time_zone),
                ),
                audit=first_audit(waiting),
            )
            await self.holds.put(kept, *((kept_copy(copy, octets),) if copy else ()))
        return Reply(250, "2.0.0", f"Held for your confirmation: {hold.number}")

    def _follow_up(self, case: "_Case", reply: Reply) -> None:
        """Learn, tell, count, log: whatever fails here, the reply stands, for the mail is gone."""
        try:
            if case.taken and case.policy.contacts.learn_from_sent_mail:
                self.afterwards(self.knowledge.contacts.learn(case.exchange))
            if reply.code // 100 == 2 and case.counts:
                at, held = case.submission.received_at, case.verdict.holds_for_lookalike
                self.knowledge.suspicions.count(case.log_odds, at=at, held=held)
            if case.verdict.excused:
                self.excused(case.verdict.excused)
            if case.features is not None and reply.code // 100 in {2, 5}:  # else it comes again
                self.past.keep(case.features)
            if case.taken and (case.rows or case.unasked):
                self.afterwards(self.holds.record(*case.minutes(at=self.clock())))
            for match in case.unasked:
                UNASKED.labels(case.mail, match.action.word).inc()
            if case.taken and case.action is Action.TELL and case.hold is not None:
                self.afterwards(self.tell(case.hold))
            _count_rules(case, reply)
            MESSAGES.labels(case.action.word, case.policy.mode).inc()
            log.info("submission.done", code=reply.code, **self._told(case))
            if case.show is not None:
                case.show(reply)
        except Exception:
            log.exception("submission.follow_up_failed", submission=case.submission.id)

    def _told(self, case: "_Case") -> dict[str, Any]:
        """Give what the log says of a submission: no content, and addresses as pseudonyms."""
        submission, verdict = case.submission, case.verdict
        return {
            "submission": submission.id,
            "sender": self.address_for_log(submission.envelope.sender),
            "recipients": len(submission.envelope.recipients),
            "size_bytes": submission.octets.size_bytes,
            "decision": case.action.word,
            "rules": [match.rule for match in verdict.acting],
            "watched": [match.rule for match in verdict.matches if match.watched],
            "codes": case.codes,
            "mail": case.mail,
            "unasked": [match.rule for match in case.unasked],
            "policy": verdict.policy,
            "seconds": round((self.clock() - submission.received_at).total_seconds(), 4),
        }


@dataclass(slots=True)
class _Case:
    """One submission with its judgement, on its way to a reply."""

    submission: Submission
    policy: Policy
    verdict: Verdict
    codes: list[str]
    """Of all findings."""

    exchange: Exchange
    """What may be learned from it; the text is left out."""

    log_odds: float
    """Of the most suspicious pair, as `highest` gives it."""

    rows: list[str]
    """Of customer lists, as the audit keeps them, that left the house and are somebody else's."""

    counts: bool
    """Whether it says how suspicious mail is: no automatic answer, nor what was not judged."""

    mail: str
    """What sort of automatic mail it is; empty where a person may have sent it."""

    person: Address | None
    """Who may be asked or told."""

    features: Features | None = None
    """What another policy needs to judge it again."""

    hold: Hold | None = None
    """Where a person is to be asked or told."""

    show: Callable[[Reply], None] | None = None
    taken: bool = False
    """Whether the upstream took it for everybody."""

    @classmethod
    def of(cls, submission: Submission, examination: Examination, policy: Policy) -> "_Case":
        """Keep of *examination* what is needed once the message is out of memory."""
        automatic = examination.inspection.automatic
        return cls(
            submission=submission,
            policy=policy,
            verdict=examination.verdict,
            codes=sorted({finding.code for finding in examination.findings}),
            exchange=replace(examination.inspection.exchange, text="", clues=()),
            log_odds=highest(examination.findings),
            rows=_rows_of_others(submission, examination.findings, policy),
            counts=automatic not in ANSWERS
            and not any(isinstance(found, DetectorFailed) for found in examination.findings),
            mail=automatic or "",
            person=owner(submission, automatic, policy),
        )

    @property
    def action(self) -> Action:
        """What is done."""
        return self.verdict.action

    @property
    def unasked(self) -> tuple[Match, ...]:
        """The matches of an automatic answer, about which nobody is asked."""
        return self.verdict.unasked

    def minutes(self, *, at: datetime) -> Iterator[AuditEntry]:
        """
        Give the audit rows of mail that left unasked: with rows of a list in it, or as an answer.

        So that, should it turn out to have been wrong, one can say whose data it was.
        """
        if self.rows:
            yield self._minute("mail.rows", at, lists=self.rows)
        if self.unasked:
            rules = [match.rule for match in self.unasked]
            yield self._minute("mail.unasked", at, mail=self.mail, rules=rules)

    def _minute(self, event: str, at: datetime, **details: str | list[str]) -> AuditEntry:
        envelope = self.submission.envelope
        return AuditEntry(
            event=event,
            hold_id=self.submission.id,
            at=at,
            actor=str(envelope.sender or ""),
            details={
                "recipients": [address.text for address in envelope.addresses],
                "policy": self.verdict.policy,
                **details,
            },
        )

    @property
    def reason(self) -> str:
        """The first sentence of the strictest rules, as a reply can carry it: ASCII, one line."""
        for match in self.verdict.acting:
            if match.action is not self.verdict.action:
                continue
            for _, sentences in sorted(match.sentences):  # "en" before "ja"
                for sentence in sentences:
                    ascii_only = sentence.encode("ascii", "replace").decode("ascii")
                    return " ".join(ascii_only.split())[:300]
        return "refused by policy"


def _count_rules(case: _Case, reply: Reply) -> None:
    """Count by rule what was held, and what was told of to keep to the budget."""
    for match in case.verdict.acting:
        if match.action is Action.HOLD is case.action and reply.code // 100 == 2:
            HELD.labels(match.rule).inc()
        if match.over_budget:
            OVER_BUDGET.labels(match.rule).inc()


def _rows_of_others(
    submission: Submission, findings: Sequence[Finding], policy: Policy
) -> list[str]:
    """Say which rows of lists go to somebody outside whose own they are not."""
    outside = {one.key for one in submission.envelope.addresses if not policy.is_ours(one)}
    found = [found for found in findings if isinstance(found, CustomerRows)]
    return rows_in(
        [
            one
            for one in found
            if any(dict(one.own_rows).get(key, 0) < len(one.rows) for key in outside)
        ]
    )
