"""One submission, from octets to the reply that its client is told. The whole story on a screen."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final

import structlog
from prometheus_client import Counter, Histogram

from guard.compose.trace import has_loop_mark, hops, received
from guard.examine import Examination, Knowledge, examine
from guard.holding import first_audit, first_jobs, hold_of, owner
from guard.model.address import Address
from guard.model.envelope import Submission
from guard.model.hold import Hold
from guard.model.reply import Reply
from guard.model.verdict import Action
from guard.policy.schema import Policy
from guard.ports import Clock, Fate, HoldStore, Transaction
from guard.release.links import Links, fingerprint

HOPS: Final = 30
"""Received lines from which a message is taken for a loop (RFC 5321 §6.3)."""

LOOP: Final = Reply(554, "5.4.6", "Routing loop detected")
GONE: Final = Reply(421, "4.4.2", "Connection lost")
NOBODY_TO_ASK: Final = "This mail would wait for its sender's word, and there is nobody to ask"

MESSAGES = Counter("guard_messages", "Messages judged.", ["decision", "mode"])
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
        if hops(submission.octets) > HOPS or has_loop_mark(submission.octets):
            await transaction.reset()
            return LOOP
        policy = self.policy()
        try:
            with SECONDS.time():
                examination = await examine(
                    submission.envelope,
                    submission.octets,
                    policy=policy,
                    knowledge=self.knowledge,
                    now=submission.received_at,
                )
            case = _Case(submission, examination, policy)
            reply = GONE if gone() else await self._act(case, transaction)
        finally:
            await transaction.reset()  # nothing happens where DATA ended it
        self._follow_up(case, reply)
        return reply

    async def _act(self, case: "_Case", transaction: Transaction) -> Reply:
        """Pass it on, keep it, or turn it away."""
        person = case.person
        match case.action:
            case Action.DELIVER | Action.TELL:
                trace = received(case.submission, by=self.name)
                outcome = await transaction.data(trace, case.submission.octets)
                case.taken = outcome.fates == {Fate.TAKEN}
                return outcome.reply
            case Action.HOLD:
                if person is None:
                    return Reply(550, "5.7.1", f"{NOBODY_TO_ASK}: {case.reason}")
                await transaction.reset()
                return await self._hold(case, person)
            case Action.REFUSE:
                return Reply(550, "5.7.1", case.reason)

    async def _hold(self, case: "_Case", person: Address) -> Reply:
        """Keep it and ask; 250 only after the commit."""
        hold = self._hold_of(case, person)
        await self.holds.put(
            hold,
            case.submission.octets,
            token_sha256=fingerprint(self.links.token(hold)),
            jobs=first_jobs(hold, case.policy.holding.remind_after),
            audit=first_audit(hold),
        )
        return Reply(250, "2.0.0", f"Held for your confirmation: {hold.number}")

    def _hold_of(self, case: "_Case", person: Address) -> Hold:
        return hold_of(
            case.submission,
            case.examination,
            case.policy,
            owner=person,
            link_key=self.links.current[0],
        )

    def _follow_up(self, case: "_Case", reply: Reply) -> None:
        """Learn, tell, count, log: whatever fails here, the reply stands, for the mail is gone."""
        try:
            if case.taken and case.policy.contacts.learn_from_sent_mail:
                exchange = case.examination.inspection.exchange
                self.afterwards(self.knowledge.contacts.learn(exchange))
            if case.taken and case.action is Action.TELL and case.person is not None:
                self.afterwards(self.tell(self._hold_of(case, case.person)))
            MESSAGES.labels(case.action.word, case.policy.mode).inc()
            log.info("submission.done", code=reply.code, **self._told(case))
            if self.observer is not None:
                self.observer(case.examination, reply)
        except Exception:
            log.exception("submission.follow_up_failed", submission=case.submission.id)

    def _told(self, case: "_Case") -> dict[str, Any]:
        """Give what the log says of a submission: no content, and addresses as pseudonyms."""
        submission, verdict = case.submission, case.examination.verdict
        return {
            "submission": submission.id,
            "sender": self.address_for_log(submission.envelope.sender),
            "recipients": len(submission.envelope.recipients),
            "size_bytes": len(submission.octets),
            "decision": case.action.word,
            "rules": [match.rule for match in verdict.acting],
            "watched": [match.rule for match in verdict.matches if match.watched],
            "codes": sorted({finding.code for finding in case.examination.findings}),
            "policy": verdict.policy,
            "seconds": round((self.clock() - submission.received_at).total_seconds(), 4),
        }


@dataclass(slots=True)
class _Case:
    """One submission with its judgement, on its way to a reply."""

    submission: Submission
    examination: Examination
    policy: Policy
    taken: bool = False
    """Whether the upstream took it for everybody."""

    @property
    def action(self) -> Action:
        """What is done: a bounce is never held, for no person wrote it and nobody could answer."""
        action = self.examination.verdict.action
        bounce = self.submission.envelope.sender is None
        return Action.DELIVER if bounce and action is Action.HOLD else action

    @property
    def person(self) -> Address | None:
        """Who may be asked or told."""
        return owner(self.submission, self.examination.message, self.policy)

    @property
    def reason(self) -> str:
        """The first sentence of the strictest rules, as a reply can carry it: ASCII, one line."""
        verdict = self.examination.verdict
        for match in verdict.acting:
            if match.action is not verdict.action:
                continue
            for _, sentences in sorted(match.sentences):  # "en" before "ja"
                for sentence in sentences:
                    ascii_only = sentence.encode("ascii", "replace").decode("ascii")
                    return " ".join(ascii_only.split())[:300]
        return "refused by policy"
