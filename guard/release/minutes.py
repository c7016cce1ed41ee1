"""What the audit log says of an answer: who said what, from where, by what, how long it took."""

from datetime import datetime

from guard.model.address import Address
from guard.model.finding import rows_in
from guard.model.hold import Hold
from guard.model.verdict import Verdict
from guard.ports import AuditEntry
from guard.release.answer import Answer, Sending


def minute(
    event: str,
    at: datetime,
    hold: Hold,
    person: Address,
    answer: Answer,
    sending: Sending | None = None,
    verdict: Verdict | None = None,
) -> AuditEntry:
    """
    Give the audit row of what *person* said about *hold*.

    *sending* is what follows from it, *verdict* what the policy says of that, where it was asked
    again. Typed words are left out.
    """
    judged = verdict or hold.verdict
    details: dict[str, str | int | float | list[str]] = {
        "choice": answer.choice.value,
        "ticked": sorted(a.text for a in hold.verdict.doubtful if a.text in answer.ticked),
        "seconds": round((at - hold.held_at).total_seconds(), 1),
        "policy": judged.policy,
        "how": answer.how,
        "browser": answer.browser,
    }
    if answer.never_again:
        details["never_again"] = "yes"
    if sending is not None:
        details["recipients"] = [address.text for address in sending.recipients]
        details["without"] = list(sending.without)
        details["rules"] = [match.rule for match in judged.acting]
        if rows := rows_in(judged.findings):
            details["lists"] = rows
    return AuditEntry(
        event=event, hold_id=hold.id, at=at, actor=str(person), peer=answer.peer, details=details
    )
