"""
Recipients that resemble a different contact, whom the sender more likely meant.

A noisy channel: how likely the message was for the candidate, how likely a slip is that turns the
candidate into the recipient, against how likely it was for the recipient after all. Each is a sum
of weights of the facts in `evidence`; `channel` has the weights.
"""

from collections.abc import Iterator
from dataclasses import replace
from math import inf
from typing import Final

from guard.contacts.acquaintance import Acquaintance, Acquainted, Candidate
from guard.detect import confusion, evidence
from guard.detect.channel import Channel, suspicion
from guard.detect.inspection import Inspection
from guard.model.finding import Lookalike
from guard.names.likeness import UNLIKE

FLOOR: Final = 0.02
"""Suspicion below which nothing is reported: no policy would hold so much."""

UNLIKE_FLOOR: Final = 0.75
"""The same for two who are not alike, where all speaks by context: some 2 % of clean mail."""

ALIKE: Final = 50
"""Closeness, 0 to 100, from which a reader would say that two resemble each other."""


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
        weighed = best(known, acquaintance, channel)
        if weighed is None:
            continue
        yield from _finding(known, *weighed, floor)
        if weighed[0].likeness.closeness < ALIKE:
            alike = [one for one in known.candidates if one.likeness.closeness >= ALIKE]
            second = best(replace(known, candidates=tuple(alike)), acquaintance, channel)
            if second is not None:
                yield from _finding(known, *second, floor)


def _finding(
    known: Acquainted, candidate: Candidate, parts: tuple[float, float, float], floor: float
) -> Iterator[Lookalike]:
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
            parts=tuple(
                (name, round(part, 2))
                for name, part in zip(("recipient", "candidate", "likeness"), parts, strict=True)
            ),
        )


def best(
    known: Acquainted, acquaintance: Acquaintance, channel: Channel
) -> tuple[Candidate, tuple[float, float, float]] | None:
    """Give the candidate with the highest sum, and its three parts; `None` without candidates."""
    if not known.candidates:
        return None
    recipient = channel.weigh(evidence.of_recipient(known, acquaintance), channel.bias)
    acquainted = evidence.acquainted(known.standing)
    found: tuple[Candidate, tuple[float, float, float]] | None = None
    highest = -inf
    for candidate in known.candidates:
        meant = channel.of_standing(evidence.taken(candidate.standing))
        alike = channel.of_likeness(candidate.likeness, acquainted, candidate.standing.thread)
        alike = channel.weigh(confusion.side_by_side(known, candidate, acquaintance), alike)
        total = recipient + meant + alike
        if total > highest or (total == highest and found and _later(candidate, found[0])):
            found, highest = (candidate, (recipient, meant, alike)), total
    return found


def _later(one: Candidate, other: Candidate) -> bool:
    """Whether of two that are as likely the one is given: it is the same one in every process."""
    return one.contact.address.key > other.contact.address.key
