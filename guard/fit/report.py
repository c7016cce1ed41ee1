"""How many planted slips a channel finds at a given rate of false holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from guard.detect.channel import Channel
from guard.fit.fitting import worst_pairs
from guard.fit.pairs import Pairs

RATES: Final = (0.003, 0.005, 0.01, 0.02)
"""Shares of clean messages that are held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What is told of a message beside its pairs."""

    kind: str
    """Of the slip; empty for a clean message."""

    known: bool = False
    """Whether the sender wrote to the wrong one before."""


def shares_found(
    channel: Channel, pairs: Pairs, about: Sequence[About]
) -> dict[str, tuple[int, tuple[float, ...]]]:
    """
    Say by kind of slip how many there are, and what share is held at each of `RATES`.

    A slip counts where the pair that it was made of comes first in its message. *about* goes
    beside the messages of *pairs*.
    """
    odds, right = worst_pairs(channel, pairs)
    clean = sorted(
        (odd for odd, one in zip(odds, about, strict=True) if not one.kind), reverse=True
    )
    limits = [clean[int(len(clean) * rate)] for rate in RATES]
    rows: dict[str, list[tuple[float, bool]]] = {}
    for odd, hit, one in zip(odds, right, about, strict=True):
        if one.kind:
            known = "the wrong one known to the sender" if one.known else "the wrong one new"
            for group in (one.kind, "all", known):
                rows.setdefault(group, []).append((odd, hit))
    return {
        group: (
            len(found),
            tuple(sum(hit and odd > limit for odd, hit in found) / len(found) for limit in limits),
        )
        for group, found in sorted(rows.items())
    }


def table(channel: Channel, pairs: Pairs, about: Sequence[About]) -> str:
    """Lay `shares_found` out for a terminal."""
    head = "".join(f"{f'{1000 * rate:g} ‰':>8}" for rate in RATES)
    lines = [f"{'slips held at false holds of':34}{'':6}{head}"]
    for group, (count, shares) in shares_found(channel, pairs, about).items():
        lines.append(f"{group:34}{count:6}" + "".join(f"{share:8.2f}" for share in shares))
    return "\n".join(lines)
