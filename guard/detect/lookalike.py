"""
Recipients that resemble a different contact, whom the sender more likely meant.

A noisy channel: how likely the message was for the candidate, how likely a slip is that turns the
candidate into the recipient, against how likely it was for the recipient after all. Each is a sum
of weights of the facts in `evidence`; `channel` has the weights.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from guard.contacts.acquaintance import Acquaintance, Acquainted, Candidate
from guard.detect import confusion, evidence
from guard.detect.channel import Channel, log_odds, suspicion
from guard.detect.inspection import Inspection
from guard.model.finding import Finding, Lookalike
from guard.names.likeness import UNLIKE

FLOOR: Final = 0.02
"""Suspicion below which nothing is reported: no policy would hold so much."""

UNLIKE_FLOOR: Final = 0.75
"""The same for two who are not alike, where all speaks by context: some 2 % of clean mail."""

ALIKE: Final = 50
"""Closeness, 0 to 100, from which a reader would say that two resemble each other."""


NOTHING: Final = -99.0
"""Log odds of a message in which nobody resembles anybody."""

Weighed = tuple[Candidate, tuple[float, float, float]]
"""A candidate, and what recipient, candidate and likeness add to the sum."""


def lookalike(inspection: Inspection) -> Iterator[Lookalike]:
    """Report each recipient with somebody who was meant more likely, with the best such contact."""
    yield from suspects(inspection.acquaintance, inspection.channel)


def suspects(
    acquaintance: Acquaintance, channel: Channel, floor: float = FLOOR
) -> Iterator[Lookalike]:
    """
    Report recipients of a suspicion of at least *floor*, in their order.

    Where the likeliest is one whom the recipient is not like, the likeliest of those that it is
    like follows: a rule may ask for a likeness.
    """
    for known in acquaintance.recipients:
        all_ = weighed(known, acquaintance, channel)
        first = _likeliest(all_)
        if first is None:
            continue
        yield from _finding(known, first, floor)
        if not _is_alike(first):
            second = _likeliest(filter(_is_alike, all_))
            if second is not None:
                yield from _finding(known, second, floor)


def highest(findings: Iterable[Finding]) -> float:
    """Give the log odds of the most suspicious pair that a rule may hold for, else `NOTHING`."""
    scores = [
        one.score for one in findings if isinstance(one, Lookalike) and one.closeness >= ALIKE
    ]
    return log_odds(max(scores)) if scores else NOTHING


def best(known: Acquainted, acquaintance: Acquaintance, channel: Channel) -> Weighed | None:
    """Give the candidate with the highest sum, and its three parts; `None` without candidates."""
    return _likeliest(weighed(known, acquaintance, channel))


def _finding(known: Acquainted, weighed: Weighed, floor: float) -> Iterator[Lookalike]:
    candidate, parts = weighed
    score = suspicion(sum(parts))
    if candidate.likeness is UNLIKE and floor:
        floor = max(floor, UNLIKE_FLOOR)
    if score >= floor:
        yield Lookalike(
            score=score,
            recipient=known.address,
            intended=candidate.contact,
            kind=candidate.likeness.kind,
            closeness=candidate.likeness.closeness,
            written=known.relation,
            usual=candidate.relation,
            parts=named(parts),
        )


def named(parts: tuple[float, float, float]) -> tuple[tuple[str, float], ...]:
    """Give the parts of a sum by their names, for people."""
    names = ("recipient", "candidate", "likeness")
    return tuple((name, round(part, 2)) for name, part in zip(names, parts, strict=True))


def weighed(known: Acquainted, acquaintance: Acquaintance, channel: Channel) -> Sequence[Weighed]:
    """Give every candidate with its three parts."""
    if not known.candidates:
        return ()
    recipient = channel.weigh(evidence.of_recipient(known, acquaintance), channel.bias)
    acquainted, crowds = evidence.acquainted(known.standing), confusion.crowds(known)
    found = []
    for candidate in known.candidates:
        meant = channel.of_standing(evidence.taken(candidate.standing))
        alike = channel.of_likeness(candidate.likeness, acquainted, candidate.standing.thread)
        beside = confusion.side_by_side(known, candidate, acquaintance, crowds)
        alike = channel.weigh(beside, alike)
        found.append((candidate, (recipient, meant, alike)))
    return found


def _likeliest(weighed: Iterable[Weighed]) -> Weighed | None:
    """Give who has the highest sum; of two that are as likely the same one in every process."""
    return max(weighed, key=lambda one: (sum(one[1]), one[0].contact.address.key), default=None)


def _is_alike(weighed: Weighed) -> bool:
    return weighed[0].likeness.closeness >= ALIKE
