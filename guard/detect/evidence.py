"""
What speaks for and against a slip, as named yes-or-no facts that the look-alike channel weighs.

Facts about a quantity are steps (``to.own>1`` holds along with ``to.own>3``), so that a weight
that never changes its sign makes suspicion rise or fall steadily. Facts about a recipient and a
candidate side by side are those of `confusion`.
"""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final, Literal

from guard.contacts.acquaintance import Acquaintance, Acquainted, Candidate, Standing

# The quantities of a standing, and where their steps are.
_OWN: Final = (0.02, 0.3, 1.0, 3.0, 10.0, 30.0)
_OTHERS: Final = (0.02, 1.0, 5.0, 20.0, 100.0)
_INBOUND: Final = (0.02, 0.7, 3.0)
_TOGETHER: Final = (0.01, 0.1, 0.3, 0.6)
_AT_DOMAIN: Final = (0.02, 3.0, 30.0)
_THREAD: Final = (0.5, 1.5, 2.5)
_DAYS: Final = (1.0, 7.0, 30.0, 180.0)
_QUANTITIES: Final = (
    ("own", _OWN),
    ("others", _OTHERS),
    ("inbound", _INBOUND),
    ("together", _TOGETHER),
    ("at_domain", _AT_DOMAIN),
    ("thread", _THREAD),
    ("days", _DAYS),
)
_FLAGS: Final = ("mentioned", "greeted", "known", "imported", "writes", "shared", "silent")
_SHARE: Final = (0.003, 0.02, 0.1)
"""Of the sender's mails."""

NEW_SENDER: Final = 3.0
"""Mails lately up to which a sender is new: then only what the organisation knows counts."""

_NOVELTY: Final = (0.03, 0.1, 0.3, 0.6)

Taken = tuple[int, ...]
"""How many steps each quantity of a standing has taken, and then its flags."""


def of_recipient(known: Acquainted, acquaintance: Acquaintance) -> Sequence[str]:
    """Facts that tell how much the recipient belongs to the message."""
    to = known.standing
    facts = [*of_standing("to", taken(to))]
    outside = acquaintance.thread_known and not to.thread
    if outside:
        facts.append("to.outside_thread")
    if acquaintance.sender_mails > NEW_SENDER:
        facts += steps("to.share", to.own / acquaintance.sender_mails, _SHARE)
    else:
        facts.append("to.share_unknown")
    others = [one.standing for one in acquaintance.recipients if one is not known]
    if not others:
        facts.append("message.one_recipient")
    facts += steps("message.others", len(others), (2, 7))
    # Who writes to one stranger by intent often writes to some.
    facts += steps("message.unknown_beside", sum(not one.known for one in others), (0, 2))
    facts += steps("message.new_beside", sum(not one.own for one in others), (0, 2, 6))
    if others:
        strange = sum(not one.own for one in others) / len(others)
        facts += steps("message.share_new_beside", strange, (0.2, 0.6))
    facts += steps("message.sender", acquaintance.sender_mails, (NEW_SENDER, 30.0))
    facts += steps("message.novelty", acquaintance.novelty, _NOVELTY)
    if acquaintance.thread_known:
        facts.append("message.thread_known")
        beside = sum(not one.thread for one in others)
        facts += steps("message.outside_beside", beside, (0, 2))
        facts += steps("message.missing", acquaintance.missing, (0, 1, 3))
    elif acquaintance.reply:
        facts.append("message.thread_unknown")
    return facts


def of_candidate(candidate: Candidate) -> Sequence[str]:
    """Facts that tell how much the candidate belongs to the message."""
    return of_standing("meant", taken(candidate.standing))


def steps(name: str, quantity: float, at: Sequence[float]) -> list[str]:
    """Give a fact for each step that *quantity* is above."""
    return [f"{name}>{step:g}" for step in at if quantity > step]


def acquainted(to: Standing) -> str:
    """Say in a word how well the recipient is known."""
    if to.own > 1:
        return "regular"
    if to.own:
        return "seldom"
    if to.writes or to.others > 2:
        return "alive"
    return "seen" if to.known else "new"


def taken(standing: Standing) -> Taken:
    """Say which steps a standing has taken: all that its facts depend on."""
    return (
        bisect_left(_OWN, standing.own),
        bisect_left(_OTHERS, standing.others),
        bisect_left(_INBOUND, standing.inbound),
        bisect_left(_TOGETHER, standing.together),
        bisect_left(_AT_DOMAIN, standing.at_domain),
        bisect_left(_THREAD, standing.thread),
        bisect_left(_DAYS, standing.days),
        standing.mentioned,
        standing.greeted,
        standing.known,
        standing.imported,
        standing.writes,
        standing.shared,
        not standing.writes and standing.others > 5,
    )


def of_standing(who: Literal["to", "meant"], taken: Taken) -> Sequence[str]:
    """Give the facts of a standing that has *taken* these steps."""
    facts: list[str] = []
    for (quantity, at), count in zip(_QUANTITIES, taken, strict=False):
        facts += (f"{who}.{quantity}>{step:g}" for step in at[:count])
    flags = zip(_FLAGS, taken[len(_QUANTITIES) :], strict=True)
    return [*facts, *(f"{who}.{flag}" for flag, is_set in flags if is_set)]


_EITHER: Final = frozenset(
    {"imported", "known", "writes", "shared", "silent", "outside_thread", "share_unknown"}
)


def sign_of(fact: str) -> int:
    """Give the only sign that a fact's weight may have, or 0 where either is reasonable."""
    if fact.startswith(("meant.days", "to.days")):
        return -1 if fact.startswith("meant") else 1
    if fact.startswith("meant."):
        return 0 if fact.partition(".")[2] in _EITHER else 1
    if fact.startswith("to."):
        return 0 if fact.partition(".")[2] in _EITHER else -1
    if fact.startswith(("common>", "namesakes>", "pair.one_person")):
        return -1
    return (
        1
        if fact.startswith(("pair.thread", "pair.greeting", "pair.own", "pair.tog", "similar>"))
        else 0
    )
