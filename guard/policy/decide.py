"""All rules, asked about all recipients: what is done with a message."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from guard.detect.inspection import Inspection
from guard.model.finding import DetectorFailed, Finding
from guard.model.verdict import Action, Match, Verdict
from guard.policy.case import Case
from guard.policy.granted import Granted
from guard.policy.hearing import Hearing, holding
from guard.policy.schema import BUILT_IN, Policy, Rule
from guard.policy.sentences import Concern, spoken

COULD_NOT_CHECK: Final[Mapping[str, str]] = {
    "ja": "検査の一部が正しく動かなかったため、このメールの内容を確かめられませんでした。",
    "en": "Part of the check failed, so this mail could not be judged.",
}
"""What the built-in rule says. No policy can take that rule away."""

SOURCES: Final = "sources"
"""`DetectorFailed.detector` where no detector failed, but lists or contacts could not be asked."""


Heard = Sequence[tuple[Rule, Sequence[Hearing]]]
"""What each rule says of each recipient for whom its conditions hold."""


def decide(
    inspection: Inspection, findings: Sequence[Finding], policy: Policy, *, today: date
) -> Verdict:
    """
    Give the strictest action over all rules that match; deliver when none does.

    Every rule is asked about each recipient, so that an exception made for one never excuses
    another. *today*, in the policy's time zone, says which exceptions have ended.
    """
    case = Case(inspection, findings, policy.us, hold_budget=policy.holding.hold_budget)
    heard = [(rule, tuple(holding(rule, case, today))) for rule in policy.rules]
    matches = tuple(
        _unasked(match, inspection, policy) for match in _matches(case, findings, policy, heard)
    )
    acting = (match.action for match in matches if not match.watched)
    return Verdict(
        action=max(acting, default=Action.DELIVER),
        matches=matches,
        policy=policy.hash,
        excused=tuple(dict.fromkeys(_excused(heard))),
    )


def _excused(heard: Heard) -> Iterator[str]:
    for _, hearings in heard:
        for hearing in hearings:
            if isinstance(hearing.exemption, Granted):
                yield hearing.exemption.id


def _matches(
    case: Case, findings: Sequence[Finding], policy: Policy, heard: Heard
) -> Iterator[Match]:
    for rule, all_ in heard:
        if hearings := tuple(hearing for hearing in all_ if hearing.matches):
            certain = tuple(hearing for hearing in hearings if not hearing.over_budget)
            watched = policy.watches(rule)
            if certain or rule.then <= Action.TELL:
                yield _match(rule, rule.then, certain or hearings, watched=watched)
            else:
                yield _match(rule, Action.TELL, hearings, watched=watched)
    failed = tuple(finding for finding in findings if isinstance(finding, DetectorFailed))
    if failed:
        yield Match(
            rule=BUILT_IN,
            action=Action.HOLD,
            recipients=case.recipients,
            findings=failed,
            sentences=tuple((language, (text,)) for language, text in COULD_NOT_CHECK.items()),
            watched=policy.mode == "watch" or _waived(policy, failed),
        )


def _unasked(match: Match, inspection: Inspection, policy: Policy) -> Match:
    """Let *match* only record where it would ask or tell somebody about an automatic answer."""
    kind = inspection.automatic
    asks = match.action in {Action.HOLD, Action.TELL} and not match.watched
    if not asks or kind not in policy.machines.never_asked:
        return match
    return replace(match, watched=True, unasked=kind)


def _waived(policy: Policy, failed: Sequence[DetectorFailed]) -> bool:
    """Whether the policy would rather deliver than wait for its lists; crashes it cannot waive."""
    only_sources = all(finding.detector == SOURCES for finding in failed)
    return only_sources and policy.if_guard_cannot_check == "deliver"


def _match(rule: Rule, action: Action, hearings: Sequence[Hearing], *, watched: bool) -> Match:
    concerns: dict[int, Concern] = {}  # by identity: to hash thousands of rows takes its time
    says: dict[str, str] = {}
    for hearing in hearings:
        for ground in hearing.grounds:
            for finding, amount in ground.found:
                concern = concerns.setdefault(id(finding), Concern(finding=finding))
                concern.recipients.append(hearing.recipient)
                concern.count = max(concern.count, amount)
            for name, value in ground.says:
                says.setdefault(name, value)
    recipients = tuple(hearing.recipient for hearing in hearings)
    found = tuple(concerns.values())
    return Match(
        rule=rule.id,
        action=action,
        over_budget=action is not rule.then,
        confirm=rule.confirm,
        recipients=recipients,
        findings=tuple(concern.finding for concern in found),
        sentences=spoken(rule.message, found, recipients, says=says),
        hold_only_doubtful=rule.hold_only is not None,
        watched=watched,
    )
