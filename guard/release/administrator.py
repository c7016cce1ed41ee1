"""What an administrator can do about a held mail, in place of its sender; with a reason, always."""

from typing import Final

from guard.model.errors import NoSuchHoldError, StaleHoldError
from guard.model.hold import Choice, Hold
from guard.model.job import Job, JobKind, mark_of
from guard.model.life import HoldState
from guard.ports import AuditEntry, Clock, HoldStore, Outbox

SENDABLE: Final = frozenset(
    {
        HoldState.WAITING,
        HoldState.SECOND_PERSON,
        HoldState.FAILED,
        HoldState.UNKNOWN,
        HoldState.EXPIRED,
    }
)
"""From where an administrator can have it sent. Not from `UNDO`: that is being sent already."""

RETURNABLE: Final = frozenset(
    {
        HoldState.WAITING,
        HoldState.SECOND_PERSON,
        HoldState.UNDO,
        HoldState.FAILED,
        HoldState.EXPIRED,
    }
)


class Administrator:
    """One administrator, at one desk; of two answers the first counts here, too."""

    def __init__(self, holds: HoldStore, outbox: Outbox, clock: Clock, *, who: str) -> None:
        """Act as *who*, as the audit log will name them."""
        self._holds = holds
        self._outbox = outbox
        self._clock = clock
        self._who = who

    async def send(self, hold: Hold, because: str) -> Hold:
        """
        Have it sent as it stands; a worker does it.

        Raises:
            StaleHoldError: It cannot be sent from where it stands by now; nothing was changed.
            NoSuchHoldError: Its octets were destroyed after retention.
        """
        self._check(hold, SENDABLE)
        await self._need_octets(hold)
        now = self._clock()
        return await self._holds.advance(
            hold.id,
            old=hold.state,
            new=HoldState.RELEASING,
            audit=self._audit("hold.decided", hold, Choice.SEND, because),
            jobs=(Job(kind=JobKind.RELEASE, hold_id=hold.id, due_at=now),),
            release_at=now,
            choice=Choice.SEND,
        )

    async def give_back(self, hold: Hold, because: str) -> Hold:
        """
        Give it back to its owner, with the original, unsent.

        Raises:
            StaleHoldError: It cannot be given back from where it stands; nothing was changed.
            NoSuchHoldError: Its octets were destroyed after retention.
        """
        self._check(hold, RETURNABLE)
        await self._need_octets(hold)
        return await self._holds.advance(
            hold.id,
            old=hold.state,
            new=HoldState.RETURNED,
            audit=self._audit("hold.decided", hold, Choice.CANCEL, because),
            jobs=(Job(kind=JobKind.RESULT, hold_id=hold.id, due_at=self._clock()),),
            choice=Choice.CANCEL,
        )

    async def ask_again(self, hold: Hold) -> None:
        """
        Mail the notice once more: to the owner, or to whoever has to agree.

        Raises:
            StaleHoldError: Nobody is asked about it any more.
        """
        self._check(hold, frozenset({HoldState.WAITING, HoldState.SECOND_PERSON}))
        now = self._clock()
        if hold.state is HoldState.WAITING:
            jobs = [
                Job(kind=JobKind.NOTICE, hold_id=hold.id, due_at=now, person=mark_of(person))
                for person in hold.owners
            ]
        else:
            jobs = [
                Job(kind=JobKind.SECOND, hold_id=hold.id, due_at=now, person=mark_of(person))
                for person in hold.seconds
            ]
        await self._holds.record(
            AuditEntry(event="hold.notified_again", hold_id=hold.id, at=now, actor=self._who),
            jobs=jobs,
        )

    async def retry(self, hold: Hold, because: str) -> int:
        """Have work that was laid aside done again, and say how much there was."""
        count = await self._outbox.take_up(hold.id)
        if count:
            await self._holds.record(
                AuditEntry(
                    event="hold.retried",
                    hold_id=hold.id,
                    at=self._clock(),
                    actor=self._who,
                    details={"because": because, "jobs": count},
                )
            )
        return count

    async def original(self, hold: Hold, because: str) -> bytes:
        """
        Give the octets as they came in; that somebody took them is in the audit log first.

        Raises:
            NoSuchHoldError: They were destroyed after retention.
        """
        octets = await self._holds.octets(hold.id)
        await self._holds.record(
            AuditEntry(
                event="hold.exported",
                hold_id=hold.id,
                at=self._clock(),
                actor=self._who,
                details={"because": because},
            )
        )
        return octets

    def _check(self, hold: Hold, states: frozenset[HoldState]) -> None:
        if hold.state not in states:
            raise StaleHoldError(f"{hold.number} is {hold.state}")

    async def _need_octets(self, hold: Hold) -> None:
        if not await self._holds.octets(hold.id):
            raise NoSuchHoldError

    def _audit(self, event: str, hold: Hold, choice: Choice, because: str) -> AuditEntry:
        now = self._clock()
        return AuditEntry(
            event=event,
            hold_id=hold.id,
            at=now,
            actor=self._who,
            details={
                "choice": choice.value,
                "how": "command",
                "because": because,
                "was": hold.state.value,
                "seconds": round((now - hold.held_at).total_seconds(), 1),
            },
        )
