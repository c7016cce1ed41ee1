"""From a verdict to a hold: who is asked, in which language, until when."""

import hashlib
import re
import secrets
from collections.abc import Sequence
from typing import Final

from guard.examine import Examination
from guard.model.address import Address
from guard.model.automatic import Automatic
from guard.model.calendar import Calendar, Wait
from guard.model.envelope import Submission
from guard.model.finding import rows_in
from guard.model.hold import Hold, HoldState
from guard.model.job import Job, JobKind, mark_of
from guard.model.octets import Octets
from guard.model.verdict import Confirm
from guard.policy.identity import address_of, without_tag
from guard.policy.schema import Policy
from guard.ports import AuditEntry

_JAPANESE: Final = re.compile(r"[\u3040-\u30ff\uff66-\uff9f]")
_HAN: Final = re.compile(r"[\u4e00-\u9fff]")
_LETTERS: Final = re.compile(r"[A-Za-z]{2}")

_ALPHABET: Final = "23456789ACDEFGHJKMNPQRTVWXY"
"""Digits and letters less those that look like another: 0 1 B I L O S U Z."""


_MACHINES: Final = re.compile(
    r"mailer-daemon|postmaster|(?:no|do[-_.]?not)[-_.]?reply|owner-.+|.+-(?:owner|request|bounces?)"
)
"""Local parts behind which nobody reads (RFC 2142 §6, and custom)."""


_BY_NOBODY: Final = frozenset(
    {Automatic.BOUNCE, Automatic.AUTO_REPLY, Automatic.BULK, Automatic.GENERATED}
)
"""Mail that no person sent just now; receipts and answers to invitations a mail client sends."""


def owner(submission: Submission, automatic: Automatic | None, policy: Policy) -> Address | None:
    """
    Give the person who may confirm, or `None` when there is nobody to ask.

    Whoever answers for a machine of this login or envelope sender (``machines: owners``), whatever
    sort of *automatic* mail it sent. Else the authenticated submitter; where nobody logged in, as
    on a trusted network, or nobody knows the mail address of the login, the envelope sender if it
    is one of ours. Never the From header, which anybody can write. Other machines and mailing lists
    are not asked: nobody would answer, or a machine would, for ever (RFC 3834 §2).
    """
    sender = submission.envelope.sender
    login = address_of(submission.submitter)
    if named := policy.machines.owner_of(login, sender):
        return named
    ours = sender if sender is not None and policy.is_ours(sender) else None
    person = login or ours
    by_nobody = person is None or automatic in _BY_NOBODY or _MACHINES.fullmatch(person.local)
    return None if by_nobody else person


def hold_of(
    submission: Submission,
    examination: Examination,
    policy: Policy,
    *,
    owner: Address,
    link_key: str,
    calendar: Calendar,
) -> Hold:
    """Make the hold that *examination* asks for, waiting for *owner*."""
    message = examination.message
    members = _members(policy, owner)
    names = {mailbox.address: mailbox.name for mailbox in message.from_}
    held_at = submission.received_at
    return Hold(
        id=secrets.token_hex(16),
        number=new_number(),
        state=HoldState.WAITING,
        submission_id=submission.id,
        owner=owner,
        members=members,
        owner_name="" if members else names.get(owner, ""),
        language=language(f"{message.subject}\n{message.text}", policy.us.language),
        envelope=submission.envelope,
        recipients=tuple(dict.fromkeys(submission.envelope.addresses)),
        subject=message.subject,
        message_id=message.message_id,
        to=tuple(mailbox.address.key for mailbox in message.to),
        cc=tuple(mailbox.address.key for mailbox in message.cc),
        attachments=tuple((a.name, len(a.octets)) for a in message.attachments),
        parts=tuple(a.part if a.removable else "" for a in message.attachments),
        signed=message.header("DKIM-Signature") is not None,
        verdict=examination.verdict,
        held_at=held_at,
        expires_at=policy.holding.if_no_answer.after.after(held_at, calendar),
        give_back=policy.holding.if_no_answer.then == "give_back",
        undo_s=policy.holding.undo_after_send.total_seconds(),
        retention_s=policy.holding.retention.total_seconds(),
        second_persons=_second_persons(policy, owner, members),
        peer=submission.submitter.peer,
        helo=submission.submitter.helo,
        login=submission.submitter.login,
        login_address=submission.submitter.address,
        link_key=link_key,
        octets_sha256=_sha256(submission.octets),
    )


def _members(policy: Policy, owner: Address) -> tuple[Address, ...]:
    """Give who answer for *owner*, each once, where it is a shared mailbox; else nobody."""
    boxes = policy.us.shared_mailboxes
    return tuple(dict.fromkeys(boxes.get(owner, ()) or boxes.get(without_tag(owner), ())))


def _second_persons(
    policy: Policy, owner: Address, members: Sequence[Address]
) -> tuple[Address, ...]:
    """
    Give who may agree, where a rule can want that: never the one who sends.

    The sender may change the mail so that such a rule speaks only then; their links are made now.
    """
    if all(rule.confirm is not Confirm.SECOND_PERSON for rule in policy.rules):
        return ()
    selves = {without_tag(each) for each in (owner, *members)}
    return tuple(
        each
        for each in dict.fromkeys(policy.holding.second_person)
        if without_tag(each) not in selves
    )


def _sha256(octets: Octets) -> str:
    digest = hashlib.sha256()
    for block in octets.blocks():
        digest.update(block)
    return digest.hexdigest()


def new_number() -> str:
    """Make a short number for people, ``H-7K3Q-M2``: one of 387 million, in no order."""
    signs = "".join(secrets.choice(_ALPHABET) for _ in range(6))
    return f"H-{signs[:4]}-{signs[4:]}"


def first_jobs(
    hold: Hold, remind_after: Sequence[Wait] = (), calendar: Calendar | None = None
) -> tuple[Job, ...]:
    """Give the work that a new hold promises: notice, reminders while it waits, expiry."""
    calendar = calendar or Calendar()
    reminders = [wait.after(hold.held_at, calendar) for wait in remind_after]
    asking = [(JobKind.NOTICE, hold.held_at)]
    asking += [(JobKind.REMINDER, due) for due in reminders if due < hold.expires_at]
    return (
        *(
            Job(kind=kind, hold_id=hold.id, due_at=due, person=mark_of(person))
            for kind, due in asking
            for person in hold.owners
        ),
        Job(kind=JobKind.EXPIRE, hold_id=hold.id, due_at=hold.expires_at),
    )


def first_audit(hold: Hold) -> AuditEntry:
    """Give the first line of a hold's history."""
    return AuditEntry(
        event="hold.created",
        hold_id=hold.id,
        at=hold.held_at,
        actor=str(hold.owner),
        peer=hold.peer,
        details={
            "number": hold.number,
            "sender": str(hold.envelope.sender),
            "recipients": [address.text for address in hold.envelope.addresses],
            "rules": [match.rule for match in hold.verdict.acting],
            "policy": hold.verdict.policy,
            "sha256": hold.octets_sha256,
            **({"lists": rows} if (rows := rows_in(hold.verdict.findings)) else {}),
            **({"members": [each.text for each in hold.members]} if hold.members else {}),
            **({"login": hold.login} if hold.login is not None else {}),
        },
    )


def language(text: str, default: str) -> str:
    """Guess the language that the sender reads, ``ja`` or ``en``, from what was written."""
    if _JAPANESE.search(text) or (_HAN.search(text) and default == "ja"):
        return "ja"
    return "en" if _LETTERS.search(text) else default
