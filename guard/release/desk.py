"""
Where people are asked: one call for looking, one for answering. Looking changes nothing.

The owner says what is to be done; for a shared mailbox any of its members, and the first answer
counts for all. Where that is something else than what was handed in, the policy is asked again, and
what it newly doubts becomes the next question. Where a rule wants a second person, the owner's
“send” only asks that person, whose word then counts.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Final, Protocol

from prometheus_client import Counter

from guard.model.address import Address
from guard.model.errors import StaleHoldError
from guard.model.hold import Choice, Hold, HoldState
from guard.model.job import AGREED, NEVER_AGAIN, Job, JobKind, mark_of
from guard.model.verdict import Action, Confirm, Verdict
from guard.ports import AuditEntry, Clock, HoldStore, Linked
from guard.release.answer import Answer, Sending, Unconfirmed
from guard.release.confirmation import encrypted, is_news, lacking, wished
from guard.release.links import fingerprint
from guard.release.minutes import minute
from guard.release.tries import OPENED, Tries

UNCHANGED: Final = Counter(
    "guard_rule_sent_unchanged",
    "Mails that a rule held and that were sent as they were; compare guard_rule_held.",
    ["rule"],
)

ASKED: Final = frozenset({HoldState.WAITING, HoldState.SECOND_PERSON})
"""States in which somebody's word is waited for."""

_CHANGES: Final = frozenset({Choice.DROP, Choice.REPLACE, Choice.WITHOUT})
"""Answers by which something else is sent than was handed in."""


class Judging(Protocol):
    """Asks the policy again."""

    async def verdict(self, hold: Hold, sending: Sending, *, password: str = "") -> Verdict:
        """
        Give what the policy says of *sending*; it names recipients and parts that it is about.

        *password* is tried on attachments that are encrypted. What earlier ones showed in files
        that are still sent counts as if they had been given again (`Verdict.unlocked`).

        Raises:
            GuardError: Nobody can say now.
        """


class Desk:
    """Where people are asked."""

    def __init__(self, holds: HoldStore, clock: Clock, judge: Judging) -> None:
        self._holds = holds
        self._clock = clock
        self._judge = judge
        self._tries = Tries(holds)

    async def view(self, token: str, *, peer: str) -> Linked:
        """
        Give the hold that *token* opens, and for whom, and note that it was looked at.

        Changes nothing else.

        Raises:
            NoSuchHoldError: No link ever had this token.
        """
        linked = await self._holds.by_token(fingerprint(token))
        await self._holds.record(
            AuditEntry(
                event="hold.viewed",
                hold_id=linked.hold.id,
                at=self._clock(),
                actor=str(linked.person),
                peer=peer,
                details={"how": "link"},
            )
        )
        return linked

    async def answer(self, token: str, answer: Answer) -> Hold:
        """
        Do what a person says, once: of two answers the first counts.

        The hold is still waiting afterwards where the answer led to a new question.

        Raises:
            NoSuchHoldError: No link ever had this token.
            Unconfirmed: The rung of the ladder was not climbed; nothing was changed.
            StaleHoldError: It was decided before, its time is over, it is not this person's to
                say, or the answer is to a question that no longer stands; nothing was changed.
            GuardError: Octets, contacts or lists are away; nothing was changed.
        """
        linked = await self._holds.by_token(fingerprint(token))
        hold, person = linked.hold, linked.person
        if answer.choice is Choice.UNDO:
            return await self._undo(hold, person, answer)
        if person not in hold.owners:
            return await self._second_word(hold, person, answer)
        if answer.choice is Choice.CANCEL:
            return await self._cancel(hold, person, answer)
        if hold.state is not HoldState.WAITING or answer.choice in {Choice.AGREE, Choice.REFUSE}:
            raise StaleHoldError
        self._in_time(hold)
        if answer.question not in {"", hold.question}:
            raise StaleHoldError
        if answer.choice is Choice.OPEN:
            return await self._open(hold, person, answer)
        return await self._send(hold, person, answer)

    async def _open(self, hold: Hold, person: Address, answer: Answer) -> Hold:
        """Look into what was encrypted, and ask about what is there; nothing is sent by it."""
        password = answer.password
        # Readers in C would take a password with a zero in it for the one that ends there.
        if not password or "\0" in password or not encrypted(hold.verdict):
            raise Unconfirmed(hold, frozenset({"password"}))

        def entry(event: str) -> AuditEntry:
            return minute(event, self._clock(), hold, person, answer)

        async with self._tries.one(hold, entry):
            return await self._opened(hold, person, answer)

    async def _opened(self, hold: Hold, person: Address, answer: Answer) -> Hold:
        sending, shown = Sending.of(hold), hold.verdict
        verdict = await self._judge.verdict(hold, sending, password=answer.password)
        self._in_time(hold)
        if not _marks(verdict) - _marks(shown):
            raise Unconfirmed(hold, frozenset({"password"}))
        verdict = replace(
            verdict,
            recipients=shown.recipients,
            without=shown.without,
            opened=shown.opened + 1,
        )
        return await self._ask_again(hold, person, answer, sending, verdict, event=OPENED)

    async def _send(self, hold: Hold, person: Address, answer: Answer) -> Hold:
        """Send it as the owner says, or ask about what that leads to."""
        sending, verdict = wished(hold, answer), hold.verdict
        if answer.choice in _CHANGES:
            verdict = await self._judge.verdict(hold, sending)
            self._in_time(hold)  # judging may have taken a while
        if verdict.action is Action.REFUSE:  # as it was handed in, known once it was opened
            raise Unconfirmed(hold, frozenset({"refused"}))
        if verdict is not hold.verdict and is_news(verdict, hold.verdict):
            return await self._ask_again(hold, person, answer, sending, verdict)
        if missing := lacking(verdict, sending, answer):
            raise Unconfirmed(hold, missing)
        if verdict.action is Action.HOLD and verdict.confirm is Confirm.SECOND_PERSON:
            return await self._ask_second(hold, person, answer, sending, verdict)
        return await self._release(hold, person, answer, "hold.decided", sending)

    async def _ask_again(
        self,
        hold: Hold,
        person: Address,
        answer: Answer,
        sending: Sending,
        verdict: Verdict,
        *,
        event: str = "hold.asked_again",
    ) -> Hold:
        """Keep waiting, now for a word about *sending*."""
        return await self._holds.advance(
            hold.id,
            old=HoldState.WAITING,
            new=HoldState.WAITING,
            asked=hold,
            audit=minute(event, self._clock(), hold, person, answer, sending, verdict),
            recipients=sending.recipients,
            without=sending.without,
            verdict=verdict,
        )

    async def _ask_second(
        self, hold: Hold, person: Address, answer: Answer, sending: Sending, verdict: Verdict
    ) -> Hold:
        """Have somebody else look at it, too."""
        now = self._clock()
        if not hold.seconds:
            raise Unconfirmed(hold, frozenset({"second"}))
        return await self._holds.advance(
            hold.id,
            old=HoldState.WAITING,
            new=HoldState.SECOND_PERSON,
            asked=hold,
            audit=minute("hold.decided", self._clock(), hold, person, answer, sending, verdict),
            jobs=tuple(
                Job(kind=JobKind.SECOND, hold_id=hold.id, due_at=now, person=mark_of(each))
                for each in hold.seconds
            ),
            recipients=sending.recipients,
            without=sending.without,
            verdict=verdict if verdict is not hold.verdict else None,
            choice=answer.choice,
        )

    async def _second_word(self, hold: Hold, person: Address, answer: Answer) -> Hold:
        """Do what somebody else than the owner says: they may agree, or refuse."""
        if hold.state is not HoldState.SECOND_PERSON:
            raise StaleHoldError
        self._in_time(hold)
        if answer.choice is Choice.REFUSE:
            return await self._return(hold, person, answer, "hold.refused")
        if answer.choice is not Choice.AGREE or answer.question not in {"", hold.question}:
            raise StaleHoldError
        if missing := lacking(hold.verdict, Sending.of(hold), answer):
            raise Unconfirmed(hold, missing)
        told = Job(kind=JobKind.RESULT, hold_id=hold.id, due_at=self._clock(), note=AGREED)
        return await self._release(hold, person, answer, "hold.agreed", Sending.of(hold), told)

    async def _release(
        self,
        hold: Hold,
        person: Address,
        answer: Answer,
        event: str,
        sending: Sending,
        *jobs: Job,
    ) -> Hold:
        """Send it, as soon as it can no longer be taken back."""
        release_at = self._clock() + timedelta(seconds=hold.undo_s)
        if answer.never_again and person in hold.owners:
            learned = Job(kind=JobKind.LEARN, hold_id=hold.id, due_at=release_at, note=NEVER_AGAIN)
            jobs = (*jobs, learned)
        sent = await self._holds.advance(
            hold.id,
            old=hold.state,
            new=HoldState.UNDO if hold.undo_s > 0 else HoldState.RELEASING,
            asked=hold,
            audit=minute(event, self._clock(), hold, person, answer, sending),
            jobs=(Job(kind=JobKind.RELEASE, hold_id=hold.id, due_at=release_at), *jobs),
            recipients=sending.recipients,
            without=sending.without,
            release_at=release_at,
            choice=answer.choice,
        )
        if not sending.without and set(sending.recipients) == set(hold.envelope.addresses):
            for match in hold.verdict.acting:
                if match.action is Action.HOLD:
                    UNCHANGED.labels(match.rule).inc()
        return sent

    async def _cancel(self, hold: Hold, person: Address, answer: Answer) -> Hold:
        if not self._can_be_undone(hold):
            if hold.state not in ASKED:
                raise StaleHoldError
            self._in_time(hold)
        return await self._return(hold, person, answer, "hold.decided")

    async def _return(self, hold: Hold, person: Address, answer: Answer, event: str) -> Hold:
        """Do not send it; its owner gets it back."""
        return await self._holds.advance(
            hold.id,
            old=hold.state,
            new=HoldState.RETURNED,
            audit=minute(event, self._clock(), hold, person, answer),
            jobs=tuple(
                Job(kind=kind, hold_id=hold.id, due_at=self._clock())
                for kind in (JobKind.RESULT, JobKind.LEARN)
            ),
            choice=answer.choice,
        )

    async def _undo(self, hold: Hold, person: Address, answer: Answer) -> Hold:
        """Go back to the question as it stood: with its recipients, and its attachments."""
        if not self._can_be_undone(hold):
            raise StaleHoldError
        asked = hold.verdict.recipients or hold.envelope.addresses
        return await self._holds.advance(
            hold.id,
            old=HoldState.UNDO,
            new=HoldState.WAITING,
            audit=minute("hold.undone", self._clock(), hold, person, answer),
            recipients=tuple(dict.fromkeys(asked)),
            without=hold.verdict.without,
        )

    def _can_be_undone(self, hold: Hold) -> bool:
        """Whether “send” was said, and can still be taken back."""
        open_until = hold.release_at or hold.held_at
        return hold.state is HoldState.UNDO and self._clock() < open_until

    def _in_time(self, hold: Hold) -> None:
        """
        Make sure that *hold* can still be answered, even before the expiry job has run.

        Raises:
            StaleHoldError: Its time is over.
        """
        if hold.expires_at <= self._clock():
            raise StaleHoldError


def _marks(verdict: Verdict) -> frozenset[tuple[str, str]]:
    """Give which files were opened, each with the policy that it was looked into by."""
    return frozenset((each.sha256, each.policy) for each in verdict.unlocked)
