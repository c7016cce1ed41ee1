"""
Recipients that resemble a different contact, whom the sender more likely meant.

A noisy channel: how likely the message was for the candidate, how likely a slip is that turns the
candidate into the recipient, against how likely it was for the recipient after all. Each is a sum
of weights of the facts in `evidence`; `lookalike_weights` says where those come from.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import lru_cache
from math import exp, inf, log
from typing import Final

from guard.contacts.acquaintance import Acquaintance, Acquainted, Candidate
from guard.detect import evidence
from guard.detect.inspection import Inspection
from guard.detect.lookalike_weights import BIAS, HOLD_SHARES, WEIGHTS
from guard.model.finding import Lookalike
from guard.names.likeness import Likeness

FLOOR: Final = 0.02
"""Suspicion below which nothing is reported: no policy would hold so much."""


def lookalike(inspection: Inspection) -> Iterator[Lookalike]:
    """Report each recipient with somebody who was meant more likely, with the best such contact."""
    yield from suspects(inspection.acquaintance)


def suspects(acquaintance: Acquaintance, floor: float = FLOOR) -> Iterator[Lookalike]:
    """Report recipients of a suspicion of at least *floor*, in their order."""
    for known in acquaintance.recipients:
        weighed = best(known, acquaintance)
        if weighed is None:
            continue
        candidate, parts = weighed
        score = suspicion(sum(parts))
        if score < floor:
            continue
        yield Lookalike(
            score=score,
            recipient=known.address,
            intended=candidate.contact,
            kind=candidate.likeness.kind,
            closeness=candidate.likeness.closeness,
            written=known.relation,
            usual=candidate.relation,
            parts=tuple(
                (name, round(part, 2))
                for name, part in zip(("recipient", "candidate", "likeness"), parts, strict=True)
            ),
        )


def best(
    known: Acquainted, acquaintance: Acquaintance
) -> tuple[Candidate, tuple[float, float, float]] | None:
    """Give the candidate with the highest sum, and its three parts; `None` without candidates."""
    if not known.candidates:
        return None
    recipient = BIAS + _sum(evidence.of_recipient(known, acquaintance))
    acquainted = evidence.acquainted(known.standing)
    found: tuple[Candidate, tuple[float, float, float]] | None = None
    highest = -inf
    for candidate in known.candidates:
        meant = _worth_of_standing(evidence.taken(candidate.standing))
        alike = _worth_of_likeness(candidate.likeness, acquainted, candidate.standing.thread)
        alike = _sum(evidence.side_by_side(known, candidate, acquaintance), alike)
        total = recipient + meant + alike
        if total > highest or (total == highest and found and _later(candidate, found[0])):
            found, highest = (candidate, (recipient, meant, alike)), total
    return found


def suspicion(log_odds: float) -> float:
    """Map the sum of all weights to 0.0 to 1.0."""
    return 1 / (1 + exp(-max(-40.0, min(40.0, log_odds))))


@lru_cache(maxsize=64)
def threshold(budget: float) -> float:
    """
    Give the suspicion from which to hold so that about *budget* of clean mail is held.

    A budget of 0.003 is three messages in a thousand. Interpolated in the table that was counted
    when the weights were fitted; budgets beyond its ends take these.
    """
    shares = [share for share, _ in HOLD_SHARES]
    at = bisect_left(shares, budget)
    if at == 0:
        return suspicion(HOLD_SHARES[0][1])
    if at == len(shares):
        return suspicion(HOLD_SHARES[-1][1])
    (low, first), (high, second) = HOLD_SHARES[at - 1], HOLD_SHARES[at]
    part = (log(budget) - log(low)) / (log(high) - log(low))
    return suspicion(first + part * (second - first))


def _later(one: Candidate, other: Candidate) -> bool:
    """Whether of two that are as likely the one is given: it is the same one in every process."""
    return one.contact.address.key > other.contact.address.key


@lru_cache(maxsize=8192)
def _worth_of_standing(taken: evidence.Taken) -> float:
    """Weigh the standing of a candidate: of thousands of them most have taken the same steps."""
    return _sum(evidence.of_standing("meant", taken))


@lru_cache(maxsize=8192)
def _worth_of_likeness(alike: Likeness, acquainted: str, thread: int) -> float:
    return _sum(evidence.of_likeness(alike, acquainted, thread))


def _sum(facts: Iterable[str], start: float = 0.0) -> float:
    for fact in facts:
        start += WEIGHTS.get(fact, 0.0)
    return start
