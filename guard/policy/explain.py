"""Why a message was judged as it was: the grounds of every rule, as plain values for JSON."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from guard.detect.budget import PRIOR, Threshold
from guard.detect.evidence import NEW_SENDER
from guard.detect.inspection import Inspection
from guard.model.contact import Relation
from guard.model.finding import (
    CustomerRows,
    DetectorFailed,
    Finding,
    Greeting,
    ListLike,
    Lookalike,
    Mark,
    OtherCompany,
    ProtectedNumbers,
    SenderNotTheirs,
    Unread,
    WrongFile,
)
from guard.model.verdict import Match, Verdict
from guard.policy.case import Case
from guard.policy.ground import Ground
from guard.policy.hearing import Hearing, hear
from guard.policy.schema import Policy
from guard.policy.why_not import misses

Explanation = dict[str, Any]
"""What `reasons` tells as text. Its keys are an interface: add, don't rename."""


def explain(
    inspection: Inspection,
    findings: Sequence[Finding],
    verdict: Verdict,
    policy: Policy,
    *,
    today: date,
) -> Explanation:
    """
    Give ``decision``, ``rules`` and ``findings`` of a message, and what is known of its people.

    Asks the very questions that `decide` asked, so *today* must be the day of the *verdict*.
    """
    case = Case(inspection, findings, policy.us, hold_budget=policy.holding.hold_budget)
    submitter = inspection.submitter
    matches = {match.rule: match for match in verdict.matches}
    heard = [(rule, hear(rule, case, today)) for rule in policy.rules]
    rules = [
        {
            "id": rule.id,
            "then": (matches[rule.id].action if rule.id in matches else rule.then).word,
            "matched": rule.id in matches,
            "watched": policy.watches(rule) or (rule.id in matches and matches[rule.id].watched),
            **_said(matches.pop(rule.id, None)),
            "asked": [_hearing(hearing) for hearing in hearings],
        }
        for rule, hearings in heard
    ]
    built_in = [
        {
            "id": match.rule,
            "then": match.action.word,
            "matched": True,
            "watched": match.watched,
            **_said(match),
            "asked": [],
        }
        for match in matches.values()
    ]
    return {
        "decision": verdict.action.word,
        "mode": policy.mode,
        "policy": verdict.policy,
        "login": submitter.login if submitter else None,
        "mail": inspection.automatic,
        "sender": _sender(inspection),
        "holds_from": _threshold(case.threshold),
        "confirm": verdict.confirm.word,
        "doubtful": [address.text for address in verdict.doubtful],
        "recipients": [
            {
                "address": address.text,
                "outside": not policy.is_ours(address),
                "written": _relation(case.relation(address)),
            }
            for address in case.recipients
        ],
        "rules": rules + built_in,
        "why_not": [
            miss.as_dict()
            for miss in misses(heard, searched=_searched(case, policy), watches=policy.watches)
        ],
        "findings": [_finding(finding) for finding in findings],
    }


def _searched(case: Case, policy: Policy) -> frozenset[str]:
    """Give the lists that hold something; where the search failed, nobody knows of any that not."""
    if case.of(DetectorFailed):
        return frozenset(policy.lists)
    return frozenset(one.list_name for one in case.inspection.searched)


def _sender(inspection: Inspection) -> dict[str, Any]:
    """Say what is known about the sender: of a new one what the organisation knows speaks alone."""
    known, sender = inspection.acquaintance, inspection.exchange.sender
    return {
        "address": sender.address.text,
        "mails_lately": round(known.sender_mails, 1),
        "share_to_new_people": round(known.novelty, 3),
        "is_new": known.sender_mails <= NEW_SENDER,
    }


def _threshold(threshold: Threshold) -> dict[str, Any]:
    """Say from which suspicion a look-alike is held, and what that was counted on."""
    return {
        "suspicion": threshold.suspicion,
        "tells_from": threshold.told,
        "budget": threshold.budget,
        "mails": threshold.recent.mails,
        "held": threshold.recent.held,
        "table_counts_for": PRIOR,
        "bound": threshold.bound or None,
    }


def _said(match: Match | None) -> dict[str, Any]:
    if match is None:
        return {"unasked": None, "recipients": [], "sentences": {}}
    return {
        "unasked": match.unasked,
        "recipients": [address.text for address in match.recipients],
        "sentences": {language: list(said) for language, said in match.sentences},
    }


def _hearing(hearing: Hearing) -> dict[str, Any]:
    exemption = hearing.exemption
    return {
        "recipient": hearing.recipient.text,
        "matched": hearing.matches,
        "excepted": None
        if exemption is None
        else {
            "because": exemption.because,
            "until": exemption.until.isoformat() if exemption.until else None,
        },
        "facts": [_ground(ground) for ground in hearing.grounds],
    }


def _ground(ground: Ground) -> dict[str, Any]:
    return {
        "fact": ground.fact,
        "value": ground.value,
        "wanted": ground.wanted,
        "holds": ground.holds,
    }


def _relation(relation: Relation) -> dict[str, Any]:
    return {
        "by_sender": relation.by_sender,
        "by_organisation": relation.by_organisation,
        "last_at": relation.last_at.isoformat() if relation.last_at else None,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    """Give one finding: ``evidence`` holds what only its kind has."""
    intended = finding.intended if isinstance(finding, Lookalike | Greeting) else None
    return {
        "code": finding.code,
        "score": finding.score,
        "recipient": finding.recipient.text if finding.recipient else None,
        "intended": intended.address.text if intended else None,
        "evidence": _evidence(finding),
    }


def _evidence(finding: Finding) -> dict[str, Any]:
    match finding:
        case Lookalike():
            return {
                "kind": finding.kind,
                "closeness": finding.closeness,
                "name": finding.intended.name,
                "company": finding.intended.company,
                "written": _relation(finding.written),
                "usual": _relation(finding.usual),
                "parts": dict(finding.parts),
            }
        case CustomerRows():
            return {
                "list": finding.list_name,
                "list_version": finding.list_version,
                "file": finding.file,
                "count": len(finding.rows),
                "rows": list(finding.rows),
                "own_rows": dict(finding.own_rows),
                "places": list(finding.places),
                "samples": list(finding.samples),
            }
        case WrongFile():
            return {
                "file": finding.file,
                "company": finding.company,
                "domain": finding.domain,
                "signs": [
                    {
                        "whose": sign.whose,
                        "weight": round(sign.weight, 3),
                        "place": sign.place,
                        "count": sign.count,
                        "last_on": sign.last_on.isoformat() if sign.last_on else None,
                    }
                    for sign in finding.signs
                ],
                "against": list(finding.against),
            }
        case Unread():
            reasons = [reason.value for reason in finding.reasons]
            return {"file": finding.file, "state": finding.state.value, "reasons": reasons}
        case ListLike():
            return {
                "file": finding.file,
                "count": finding.count,
                "rows": finding.rows,
                "columns": list(finding.columns),
                "emails": finding.emails,
                "phones": finding.phones,
                "lines": finding.lines,
                "places": list(finding.places),
            }
        case ProtectedNumbers():
            return {
                "file": finding.file,
                "kind": finding.kind,
                "count": finding.count,
                "places": list(finding.places),
            }
        case Mark():
            return {
                "file": finding.file,
                "marks": list(finding.marks),
                "places": list(finding.places),
            }
        case Greeting():
            return {"greeting": finding.greeting}
        case OtherCompany():
            return {"line": finding.line, "company": finding.company, "domain": finding.domain}
        case SenderNotTheirs():
            used = finding.address.text if finding.address else None
            return {"login": finding.login, "address": used, "where": finding.where}
        case DetectorFailed():
            return {"detector": finding.detector, "error": finding.error}
