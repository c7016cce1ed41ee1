"""
What the flow needs from outside, as small promises; adapters need not inherit from them.

Each port has one contract suite in `tests/contract/`, run over every adapter.
"""

import asyncio
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Mapping,
    Sequence,
)
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from guard.contacts.acquaintance import Acquaintance
from guard.lists.hits import RowHit
from guard.model.address import Address
from guard.model.contact import Exchange
from guard.model.envelope import Recipient
from guard.model.extract import Extract, Passage
from guard.model.hold import Choice, End, Fate, Hold, HoldState
from guard.model.job import Job, JobKind
from guard.model.message import Attachment
from guard.model.octets import Octets
from guard.model.reply import Reply
from guard.model.verdict import Verdict


class Clock(Protocol):
    """The time of day; aware, UTC. A fake one stands in for tests."""

    def __call__(self) -> datetime:
        """Now."""


class Readers(Protocol):
    """Opens attachments where a crash hurts nobody."""

    async def read(self, attachments: Sequence[Attachment]) -> tuple[Extract, ...]:
        """
        Read each file; the answer has one `Extract` an attachment, in their order.

        Never raises for what stands in a file: time, memory and crashes end as `UNREADABLE`.
        """


class Contacts(Protocol):
    """Who writes to whom."""

    async def acquaintance(self, exchange: Exchange) -> Acquaintance:
        """Say what is known about the people of *exchange*, which is not learned by this."""

    async def learn(self, exchange: Exchange) -> None:
        """Count one message that was really delivered. Failing is logged, never raised."""


class Lists(Protocol):
    """The customer lists."""

    async def has(self, name: str) -> bool:
        """
        Whether a list called *name* was ever imported, even if its index is lost by now.

        Raises:
            StoreError: Nobody can say.
        """

    async def search(
        self,
        names: Sequence[str],
        passages: Sequence[Passage],
        recipients: Sequence[Address],
        *,
        companies: Mapping[str, str] | None = None,
    ) -> tuple[tuple[RowHit, ...], ...]:
        """
        Find rows of the lists called *names*; one tuple of hits a passage, in their order.

        Each hit says which of *recipients* the row belongs to: by address, by domain, or by the
        company that *companies* know for an `Address.key`.

        Raises:
            SourceError: A list of that name was never imported, or its index is lost or cannot
                be opened.
            SearchLimitError: It takes too long: no answer is to be had for this mail.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one transaction with the upstream ended."""

    reply: Reply
    """The final reply, or the one that ended it; our own 451 where none came."""

    recipients: tuple[tuple[Address, Fate, Reply], ...]

    @property
    def fates(self) -> set[Fate]:
        """Every fate that occurred."""
        return {fate for _, fate, _ in self.recipients}


GoOn = Callable[[], Awaitable[bool]]
"""Asked right before what cannot be undone: whether to do it."""


class Transaction(Protocol):
    """
    One mail transaction at the upstream (RFC 5321 §3.3), beside the client's own.

    Every reply is the upstream's own. Trouble on the way is no exception but a 451 reply, after
    which the transaction is over.
    """

    async def mail(self, sender: Address | None, params: Sequence[str]) -> Reply:
        """Propose the reverse-path."""

    async def rcpt(self, recipient: Recipient) -> Reply:
        """Propose one forward-path."""

    async def data(
        self, *parts: bytes | Octets, chunking: bool = False, go_on: GoOn | None = None
    ) -> Outcome:
        """
        Send the message: the octets of *parts* as they are, one behind the other, and its end.

        By DATA; with *chunking*, by BDAT where the upstream knows it (RFC 3030). Right before the
        end *go_on* is asked: if it says no, the connection is dropped and nobody has the message.

        Raises:
            ValueError: The octets are not CRLF lines; the upstream has no whole message.
            OSError: They can no longer be read; as above.
            StoreError: Raised by *go_on*; as above.
        """

    async def reset(self) -> None:
        """Give the transaction up (RSET) and the connection back. Never raises."""


class Upstream(Protocol):
    """The real mail server."""

    @property
    def extensions(self) -> Mapping[str, str]:
        """EHLO keyword in upper case → its parameters; empty while it was never reached."""

    async def probe(self) -> None:
        """Try to learn `extensions`; never fails, and gives up soon."""

    async def transaction(self) -> Transaction:
        """
        Open a transaction, on a kept connection or a new one.

        Raises:
            UpstreamError: It cannot be reached.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a client proves itself with (RFC 4422); never kept, never logged."""

    mechanism: str
    """In upper case: ``PLAIN``, ``LOGIN``, ``XOAUTH2``, ``OAUTHBEARER``, ``EXTERNAL``."""

    identity: str
    """Who it says it is (authentication identity)."""

    secret: str = field(default="", repr=False)
    """Password or bearer token; empty with EXTERNAL, where a certificate spoke."""

    response: bytes = field(default=b"", repr=False)
    """The initial response as the client gave it, decoded: for mechanisms that are passed on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Somebody who proved who they are."""

    name: str
    """The identity, as it will stand in the hold and in the audit log."""

    address: Address | None
    """Their mail address; `None` where nobody knows it."""

    upstream: "OwnUpstream | None" = None
    """A way out of their own, where the login was passed on; else all share one."""


class OwnUpstream(Upstream, Protocol):
    """
    A connection to the real mail server on which one client is logged in.

    It cannot be made again, for the secret is gone: once lost, `transaction` raises
    `UpstreamError`, and the session ends with 421 so that the client logs in anew.
    """

    @property
    def lost(self) -> bool:
        """Whether the connection is lost, and the login with it."""

    async def close(self) -> None:
        """Take leave of the upstream."""


class Authenticator(Protocol):
    """Checks logins."""

    def mechanisms(self, *, certificate: bool) -> tuple[str, ...]:
        """
        Give the mechanisms that can succeed now, in the order to announce them.

        *certificate* says whether the client showed one that was verified.
        """

    async def log_in(self, credentials: Credentials) -> Login:
        """
        Check *credentials*.

        Raises:
            LoginRefusedError: They are wrong; its `answer` is for the client (535 5.7.8, or the
                upstream's own).
            UpstreamError: Nobody can say now.
        """


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


class Outbox(Protocol):
    """Jobs that wait for a worker."""

    def bell(self) -> asyncio.Event:
        """
        Give an event of the caller's own, set whenever new jobs were committed by this process.

        A hint to look now rather than later; the caller clears it before it looks. Commits of other
        nodes may ring it, too.
        """

    async def add(self, *jobs: Job) -> None:
        """Add jobs that go with no change of a hold."""

    async def claim(
        self, *, lease_s: float, kinds: Collection[JobKind] = tuple(JobKind)
    ) -> Job | None:
        """
        Take the job of these *kinds* that is due longest, for *lease_s* seconds.

        `None` when nothing is due.
        """

    async def claim_with(
        self, job: Job, *, lease_s: float, limit: int, ahead_s: float = 0.0
    ) -> tuple[Job, ...]:
        """
        Take up to *limit* other jobs that are due for the same kind and person as *job*.

        So that one mail can tell of them all; those that are due *ahead_s* seconds from now go
        along. Empty where *job* names no person.
        """

    async def extend(self, *jobs: Job, lease_s: float) -> bool:
        """Renew the lease on *jobs*, *lease_s* seconds from now; false: another has one of them."""

    async def holds_lease(self, job: Job) -> bool:
        """Whether *job* is still this worker's: asked before what cannot be undone."""

    async def begin_sending(self, job: Job) -> bool:
        """
        Note on a release that the end of its message goes out now (`SENDING`), durably.

        False, and nothing noted, if it is no longer this worker's. Whoever claims it with that note
        knows that it may have been sent; `retry` takes the note away.
        """

    async def finish(self, *jobs: Job) -> None:
        """Strike jobs off. Nothing happens to those that another worker has now."""

    async def retry(self, *jobs: Job, due_at: datetime, error: str) -> None:
        """Put jobs back for later; *error* is a class name or an SMTP code, never content."""

    async def put_off(self, *jobs: Job, due_at: datetime) -> None:
        """Put jobs back untried: it counts as no try, and what the last one said stays."""

    async def park(self, job: Job, *, error: str, alarm: Job) -> None:
        """
        Lay a job aside that was tried too often, until a person takes it up; *alarm* is added.

        Nothing happens if another worker has it now.
        """

    async def take_up(self, hold_id: str) -> int:
        """Give the parked jobs of a hold to the workers again; how many there were."""

    async def next_due(self, *, kinds: Collection[JobKind] = tuple(JobKind)) -> datetime | None:
        """When the next job of these *kinds* is due, claimed or not; `None`: there is none."""
