"""Held mail, and the audit log of what became of it."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from guard.model.address import Address
from guard.model.hold import Choice, End, Hold, HoldState
from guard.model.job import Job
from guard.model.verdict import Verdict

MACHINE: Final = "guard"
"""Actor of what Guard did by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One line of the audit log: who did what to which hold. No content."""

    event: str
    """``hold.created``, ``hold.viewed``, ``hold.decided``, ``hold.delivered``, …"""

    hold_id: str
    at: datetime
    actor: str = ""
    """Address of the person, or ``guard`` for what the machine did by itself."""

    peer: str = ""
    """IP address of a browser, where one was used."""

    details: dict[str, str | int | float | list[str]] = field(default_factory=dict)
    """Rule ids, states, codes, seconds. Addresses are allowed here, text is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One message to keep, with all that goes with it."""

    hold: Hold
    octets: bytes
    tokens: Mapping[bytes, Address]
    """SHA-256 of each link's token → the person whose link it is."""

    jobs: Sequence[Job]
    audit: AuditEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """What a link opens."""

    hold: Hold
    person: Address
    """Whose link it is: the owner's, or a second person's."""


class HoldStore(Protocol):
    """Held mail. Each method is one transaction, and durable once it returns."""

    async def put(self, *kept: Kept) -> None:
        """
        Keep each hold, its octets, links, first audit row and jobs: all of *kept* or nothing.

        Raises:
            StoreFullError: There is no room; nothing was kept.
            StoreError: The database is away or locked; nothing was kept.
        """

    async def get(self, hold_id: str) -> Hold:
        """
        Give one hold.

        Raises:
            NoSuchHoldError: There is none.
        """

    async def by_token(self, token_sha256: bytes) -> Linked:
        """
        Give the hold that a link token belongs to, in whatever state.

        Raises:
            NoSuchHoldError: No link ever had this token.
        """

    def find(self, *, states: Sequence[HoldState] = ()) -> AsyncIterator[Hold]:
        """Give holds, oldest first; of all states where none is named."""

    async def octets(self, hold_id: str) -> bytes:
        """
        Give the message as received.

        Raises:
            NoSuchHoldError: There is no such hold, or its octets were destroyed after retention.
            DamagedError: What stands on disk is not what was written.
        """

    async def advance(
        self,
        hold_id: str,
        *,
        old: HoldState,
        new: HoldState,
        audit: AuditEntry,
        asked: Hold | None = None,
        jobs: Sequence[Job] = (),
        done: Job | None = None,
        recipients: tuple[Address, ...] | None = None,
        without: tuple[str, ...] | None = None,
        verdict: Verdict | None = None,
        release_at: datetime | None = None,
        choice: Choice | None = None,
        reply: str = "",
        ends: tuple[End, ...] | None = None,
    ) -> Hold:
        """
        Move a hold on if it is still in *old*; of two callers, on any number of nodes, one wins.

        The audit row, new *jobs*, and the end of the job *done* (if its fence still holds) are in
        the same transaction. *recipients*, *without*, *verdict*, *release_at*, *choice*, *reply*
        and *ends* are kept where given; a choice also keeps the entry's time and actor as
        `decided_at` and `decided_by`. There is never more than one job that releases a hold: one
        that was there before is struck off by every move but the bare one to `RELEASING`.

        *asked* is the hold as the question showed it, for an answer to that: were recipients or
        attachments changed since, it is stale, though the state is the same.

        Raises:
            StaleHoldError: It is no longer in *old*, or *done* was claimed by another; nothing
                was changed.
            ValueError: There is no such move (`HoldState.may_become`).
        """

    async def destroy(self, hold_id: str, *, audit: AuditEntry, done: Job | None = None) -> None:
        """
        Destroy the octets of a hold that is over, and the job *done* with them.

        The hold itself and its audit rows stay. Nothing happens where the octets are gone already.

        Raises:
            StaleHoldError: The hold is not over (`DESTROYABLE`), its result is still to be told,
                which may need them, or *done* was claimed by another; nothing was changed.
        """

    async def record(
        self, *audit: AuditEntry, jobs: Sequence[Job] = (), done: Sequence[Job] = ()
    ) -> None:
        """
        Add audit rows that go with no change of state (a page was viewed, a mail was sent).

        New *jobs*, and the end of those *done* whose fences still hold, are in the same
        transaction.
        """

    async def record_if(
        self,
        audit: AuditEntry,
        *,
        events: Collection[str],
        allows: Callable[[Sequence[AuditEntry]], None],
    ) -> None:
        """
        Add an audit row, unless *allows* raises something: then nothing is added.

        It is given what the log has of that hold under *events*, oldest first. Of several callers,
        on any nodes, each sees what those before it added.
        """
