"""Where senders are asked: one call for looking, one for answering. Looking changes nothing."""

from dataclasses import dataclass
from datetime import timedelta

from guard.model.address import Address
from guard.model.errors import StaleHoldError
from guard.model.finding import Lookalike
from guard.model.hold import Choice, Hold, HoldState
from guard.model.job import Job, JobKind
from guard.model.verdict import Confirm
from guard.ports import AuditEntry, Clock, HoldStore
from guard.release.links import fingerprint


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a person said on the page."""

    choice: Choice
    ticked: frozenset[str] = frozenset()
    """Values of the ``confirm`` boxes that were ticked, as they came."""

    domain: str = ""
    """Typed domain, for the rung ``type_domain``."""

    reason: str = ""
    """Typed reason, for the rung ``give_reason``."""

    actor: str = "link"
    peer: str = ""
    """IP address of the browser."""


class Unconfirmed(Exception):  # noqa: N818 -- an answer of a person, not an error of ours
    """The answer lacks what the rung asks for (422); nothing was changed."""

    def __init__(self, hold: Hold, missing: frozenset[str]) -> None:
        super().__init__("the answer lacks a confirmation")
        self.hold = hold
        self.missing = missing
        """What to mark on the page: addresses (`Address.text`) not ticked, ``domain``, ``reason``,
        or ``recipients`` when nobody would be left to send to."""


class Desk:
    """Where senders are asked."""

    def __init__(self, holds: HoldStore, clock: Clock) -> None:
        self._holds = holds
        self._clock = clock

    async def view(self, token: str, *, peer: str) -> Hold:
        """
        Give the hold that *token* opens, and note that it was looked at. Changes nothing else.

        Raises:
            NoSuchHoldError: No link ever had this token.
        """
        hold = (await self._holds.by_token(fingerprint(token))).hold
        await self._holds.record(
            AuditEntry(
                event="hold.viewed", hold_id=hold.id, at=self._clock(), actor="link", peer=peer
            )
        )
        return hold

    async def answer(self, token: str, answer: Answer) -> Hold:
        """
        Do what the sender says, once: of two answers the first counts.

        Raises:
            NoSuchHoldError: No link ever had this token.
            Unconfirmed: The rung of the ladder was not climbed; nothing was changed.
            StaleHoldError: It was decided before, or its time is over; nothing was changed.
        """
        hold = (await self._holds.by_token(fingerprint(token))).hold
        if answer.choice is Choice.UNDO:
            return await self._undo(hold, answer)
        now = self._clock()
        taken_back = answer.choice is Choice.CANCEL and self._can_be_undone(hold)
        if not taken_back and (hold.state is not HoldState.WAITING or hold.expires_at <= now):
            raise StaleHoldError
        if answer.choice is Choice.CANCEL:
            job = Job(kind=JobKind.RESULT, hold_id=hold.id, due_at=now)
            return await self._holds.advance(
                hold.id,
                old=hold.state,
                new=HoldState.RETURNED,
                audit=self._audit(hold, answer, "hold.decided"),
                jobs=(job,),
                choice=answer.choice,
            )
        recipients = _confirmed(hold, answer)
        release_at = now + timedelta(seconds=hold.undo_s)
        return await self._holds.advance(
            hold.id,
            old=HoldState.WAITING,
            new=HoldState.UNDO if hold.undo_s > 0 else HoldState.RELEASING,
            audit=self._audit(hold, answer, "hold.decided"),
            jobs=(Job(kind=JobKind.RELEASE, hold_id=hold.id, due_at=release_at),),
            recipients=recipients,
            release_at=release_at,
            choice=answer.choice,
        )

    async def _undo(self, hold: Hold, answer: Answer) -> Hold:
        if not self._can_be_undone(hold):
            raise StaleHoldError
        return await self._holds.advance(
            hold.id,
            old=HoldState.UNDO,
            new=HoldState.WAITING,
            audit=self._audit(hold, answer, "hold.undone"),
            recipients=tuple(dict.fromkeys(hold.envelope.addresses)),
        )

    def _can_be_undone(self, hold: Hold) -> bool:
        """Whether “send” was said, and can still be taken back."""
        open_until = hold.release_at or hold.held_at
        return hold.state is HoldState.UNDO and self._clock() < open_until

    def _audit(self, hold: Hold, answer: Answer, event: str) -> AuditEntry:
        now = self._clock()
        return AuditEntry(
            event=event,
            hold_id=hold.id,
            at=now,
            actor=answer.actor,
            peer=answer.peer,
            details={
                "choice": answer.choice.value,
                "ticked": sorted(a.text for a in hold.verdict.doubtful if a.text in answer.ticked),
                "seconds": round((now - hold.held_at).total_seconds(), 1),
                "policy": hold.verdict.policy,
            },
        )


def _confirmed(hold: Hold, answer: Answer) -> tuple[Address, ...]:
    """Give who is to get the message by this answer, or raise `Unconfirmed`."""
    still = frozenset(hold.recipients)
    doubtful = [address for address in hold.verdict.doubtful if address in still]
    unticked = [address for address in doubtful if address.text not in answer.ticked]
    recipients = list(hold.recipients)
    match answer.choice:
        case Choice.DROP:
            dropped = frozenset(unticked)
            recipients = [address for address in recipients if address not in dropped]
            unticked = []
        case Choice.REPLACE:
            meant = _intended(hold)
            replaced = frozenset(address for address in unticked if address in meant)
            if not replaced:
                raise Unconfirmed(hold, frozenset(address.text for address in unticked))
            recipients = list(dict.fromkeys(meant[a] if a in replaced else a for a in recipients))
            # The sender answered the look-alike; whatever else a rule said of them is still open.
            unticked = [a for a in unticked if a not in replaced or _also_doubted(hold, a)]
    missing = set[str]()
    if hold.verdict.confirm >= Confirm.TICK_EACH:
        missing |= {address.text for address in unticked}
    if hold.verdict.confirm is Confirm.TYPE_DOMAIN and answer.choice is Choice.SEND:
        typed = set(answer.domain.replace(",", " ").casefold().split())
        if not {address.domain for address in doubtful} <= typed:
            missing.add("domain")
    if hold.verdict.confirm is Confirm.GIVE_REASON and not answer.reason.strip():
        missing.add("reason")
    if not recipients:
        missing.add("recipients")
    if missing:
        raise Unconfirmed(hold, frozenset(missing))
    return tuple(recipients)


def _intended(hold: Hold) -> dict[Address, Address]:
    """Give for each look-alike the contact who was more likely meant."""
    return {
        finding.recipient: finding.intended.address
        for finding in hold.verdict.findings
        if isinstance(finding, Lookalike)
    }


def _also_doubted(hold: Hold, address: Address) -> bool:
    """Whether a holding rule spoke about *address* for another reason than its look."""
    return any(
        address in match.recipients
        and not all(isinstance(finding, Lookalike) for finding in match.findings)
        for match in hold.verdict.acting
    )
