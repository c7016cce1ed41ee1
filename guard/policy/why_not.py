"""
Why a rule said nothing: the first condition that did not hold, in words; near misses first.

Of the recipients about whom a rule was asked, the one counts for whom least was missing. A rule
that matches and only records is the nearest miss of all.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from guard.policy.ground import Ground
from guard.policy.hearing import Hearing
from guard.policy.schema import Rule
from guard.policy.why_not_words import WORDS, is_number, said


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """One rule that did nothing, and what was missing."""

    rule: str
    hearing: Hearing

    ground: Ground | None
    """The first condition that did not hold; `None`: all did, and it is excepted or watched."""

    missing: int
    """How many conditions did not hold."""

    nearness: float
    """How near the farthest of them came, 0.0 to 1.0; yes-or-no questions come to nothing."""

    unknown_lists: tuple[str, ...] = ()
    """Lists that the rule looks for and that hold nothing yet, where that is the reason."""

    watched: bool = False
    """Nothing was missing, but the rule, or the policy, only records."""

    def reason(self, language: str) -> str:
        """Say it in *language* (``ja`` or ``en``)."""
        words = WORDS[language]
        if self.watched:
            return words["watched"]
        if self.ground is None:
            exemption = self.hearing.exemption
            assert exemption is not None  # noqa: S101 -- else it would match
            until = words["until"].format(exemption.until) if exemption.until else ""
            return words["excepted"].format(exemption.because) + until
        if self.unknown_lists:
            return words["no_list"].format(words["between"].join(self.unknown_lists))
        return said(self.ground, language)

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain values, for JSON."""
        ground = self.ground
        return {
            "rule": self.rule,
            "recipient": self.hearing.recipient.text,
            "fact": ground.fact if ground else None,
            "value": ground.value if ground else None,
            "wanted": ground.wanted if ground else None,
            "missing": self.missing,
            "nearness": round(self.nearness, 3),
            "reason": {language: self.reason(language) for language in WORDS},
        }


def misses(
    heard: Sequence[tuple[Rule, Sequence[Hearing]]],
    *,
    searched: frozenset[str],
    watches: Callable[[Rule], bool],
) -> tuple[Miss, ...]:
    """
    Give, for each rule that does nothing, why.

    *searched* are the lists that hold rows; *watches* says which rules only record.
    """
    found: list[Miss] = []
    for rule, hearings in heard:
        matching = next((hearing for hearing in hearings if hearing.matches), None)
        if matching is None and hearings:
            found.append(_miss(rule, hearings, searched))
        elif matching is not None and watches(rule):
            found.append(_watched(rule, matching))
    return tuple(sorted(found, key=lambda one: (not one.watched, -one.nearness, one.missing)))


def _watched(rule: Rule, hearing: Hearing) -> Miss:
    return Miss(rule=rule.id, hearing=hearing, ground=None, missing=0, nearness=1.0, watched=True)


def _miss(rule: Rule, hearings: Sequence[Hearing], searched: frozenset[str]) -> Miss:
    candidates = (_of(rule, hearing, searched) for hearing in hearings)
    return max(candidates, key=lambda one: (one.nearness, -one.missing))


def _of(rule: Rule, hearing: Hearing, searched: frozenset[str]) -> Miss:
    failing = [ground for ground in hearing.grounds if not ground.holds]
    first = failing[0] if failing else None
    unknown: tuple[str, ...] = ()
    if first is not None and first.fact.endswith(".contains"):
        part = getattr(rule.when, first.fact.partition(".")[0])
        unknown = tuple(name for name in part.contains if name not in searched)
    return Miss(
        rule=rule.id,
        hearing=hearing,
        ground=first,
        missing=len(failing),
        nearness=min((_near(ground) for ground in failing), default=1.0),
        unknown_lists=unknown,
    )


def _near(ground: Ground) -> float:
    if not is_number(ground.value) or not is_number(ground.wanted):
        return 0.0
    return min(1.0, float(ground.value or 0) / float(ground.wanted or 1))
