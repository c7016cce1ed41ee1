"""
Mail that is held for some of its recipients only (``hold_only: doubtful_recipients``).

Who is in doubt waits for the sender's word; the others get a copy at once, as a hold of its own
that is released already. A RCPT cannot be withdrawn, so the copy takes the release's way out.
"""

import secrets
from collections.abc import Collection
from dataclasses import replace

from guard.holding import new_number
from guard.model.address import Address
from guard.model.hold import Hold, HoldState
from guard.model.job import Job, JobKind
from guard.model.verdict import Action, Verdict
from guard.ports import AuditEntry, Kept


def split(hold: Hold) -> tuple[Hold, Hold | None]:
    """
    Give what waits, and the copy for those whom no rule doubted; `None`: the whole message waits.

    Everybody is in just one of the two.
    """
    doubtful = frozenset(hold.verdict.doubtful)
    clean = tuple(address for address in hold.recipients if address not in doubtful)
    if not hold.verdict.splits or not clean or len(clean) == len(hold.recipients):
        return hold, None
    waiting = replace(
        _only(hold, doubtful),
        already=clean,
        recipients=tuple(a for a in hold.recipients if a in doubtful),
    )
    copy = replace(
        _only(hold, frozenset(clean)),
        id=secrets.token_hex(16),
        number=new_number(),
        state=HoldState.RELEASING,
        recipients=clean,
        verdict=Verdict(action=Action.DELIVER, policy=hold.verdict.policy),
        undo_s=0.0,
        second_persons=(),
        part_of=hold.number,
        release_at=hold.held_at,
    )
    return waiting, copy


def kept_copy(copy: Hold, octets: bytes) -> Kept:
    """Give all that goes with the *copy* of a hold; nobody is asked, so no link opens it."""
    return Kept(
        hold=copy,
        octets=octets,
        tokens={},
        jobs=(Job(kind=JobKind.RELEASE, hold_id=copy.id, due_at=copy.held_at),),
        audit=AuditEntry(
            event="hold.split",
            hold_id=copy.id,
            at=copy.held_at,
            actor="guard",
            peer=copy.peer,
            details={
                "number": copy.number,
                "part_of": copy.part_of,
                "owner": str(copy.owner),
                "sender": str(copy.envelope.sender),
                "recipients": [address.text for address in copy.recipients],
                "policy": copy.verdict.policy,
                "sha256": copy.octets_sha256,
            },
        ),
    )


def _only(hold: Hold, people: Collection[Address]) -> Hold:
    """Give *hold* with an envelope of none but *people*, who keep their RCPT parameters."""
    recipients = tuple(each for each in hold.envelope.recipients if each.address in people)
    return replace(hold, envelope=replace(hold.envelope, recipients=recipients))
