"""
What speaks for and against a slip, as named yes-or-no facts that the look-alike channel weighs.

Facts about a quantity are steps (``to.own>1`` holds along with ``to.own>3``), so that a weight
that never changes its sign makes suspicion rise or fall steadily.
"""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final, Literal

from rapidfuzz.distance import OSA

from guard.contacts.acquaintance import Acquaintance, Acquainted, Candidate, Standing
from guard.names.domains import domain
from guard.names.fold import split_words
from guard.names.likeness import SLIPS, Likeness

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

_NOVELTY: Final = (0.03, 0.1, 0.3, 0.6)
_CLOSE: Final = (55, 60, 65, 70, 75, 80)

Taken = tuple[int, ...]
"""How many steps each quantity of a standing has taken, and then its flags."""


def of_recipient(known: Acquainted, acquaintance: Acquaintance) -> Sequence[str]:
    """Facts that tell how much the recipient belongs to the message."""
    to = known.standing
    facts = [*of_standing("to", taken(to))]
    outside = acquaintance.thread_known and not to.thread
    if outside:
        facts.append("to.outside_thread")
    if acquaintance.sender_mails > 3:
        facts += _steps("to.share", to.own / acquaintance.sender_mails, _SHARE)
    else:
        facts.append("to.share_unknown")
    others = [one.standing for one in acquaintance.recipients if one.address != known.address]
    if not others:
        facts.append("message.one_recipient")
    facts += _steps("message.others", len(others), (2, 7))
    # Who writes to one stranger by intent often writes to some.
    facts += _steps("message.unknown_beside", sum(not one.known for one in others), (0, 2))
    facts += _steps("message.new_beside", sum(not one.own for one in others), (0, 2, 6))
    if others:
        strange = sum(not one.own for one in others) / len(others)
        facts += _steps("message.share_new_beside", strange, (0.2, 0.6))
    facts += _steps("message.sender", acquaintance.sender_mails, (3.0, 30.0))
    facts += _steps("message.novelty", acquaintance.novelty, _NOVELTY)
    if acquaintance.thread_known:
        facts.append("message.thread_known")
        beside = sum(not one.thread for one in others)
        facts += _steps("message.outside_beside", beside, (0, 2))
        facts += _steps("message.missing", acquaintance.missing, (0, 1, 3))
    elif acquaintance.reply:
        facts.append("message.thread_unknown")
    return facts


def of_candidate(candidate: Candidate) -> Sequence[str]:
    """Facts that tell how much the candidate belongs to the message."""
    return of_standing("meant", taken(candidate.standing))


def _steps(name: str, quantity: float, steps: Sequence[float]) -> list[str]:
    return [f"{name}>{step:g}" for step in steps if quantity > step]


def of_pair(known: Acquainted, candidate: Candidate, acquaintance: Acquaintance) -> Sequence[str]:
    """Facts about the likeness, and about the two side by side."""
    alike = of_likeness(candidate.likeness, acquainted(known.standing), candidate.standing.thread)
    return [*alike, *side_by_side(known, candidate, acquaintance)]


def of_likeness(alike: Likeness, acquainted: str, thread: int) -> Sequence[str]:
    """Facts about the likeness, to a recipient who is so `acquainted`."""
    group = group_of(alike.kind)
    close = [step for step in _CLOSE if alike.closeness > step] if alike.kind == "similar" else ()
    return [
        f"kind.{alike.kind}",
        f"kind.{alike.kind}/{acquainted}",
        f"kind.{alike.kind}/thread{thread}",
        f"kind.{alike.kind}/{alike.names}",
        f"names.{alike.names}/{group}",
        f"acquainted.{acquainted}/{group}",
        *(f"similar>{step}" for step in close),
    ]


def side_by_side(
    known: Acquainted, candidate: Candidate, acquaintance: Acquaintance
) -> Sequence[str]:
    """Facts that compare what is known of the two."""
    facts: list[str] = []
    to, meant, kind = known.standing, candidate.standing, candidate.likeness.kind
    crowd = len(acquaintance.recipients) - 1
    group = group_of(kind)
    facts += [f"{step}/{group}" for step in _steps("message.others", crowd, (0, 2, 7, 15))]
    if kind == "typo_local":
        facts += _typo(known.address.local, candidate.contact.address.local)
    if meant.own > 1 and to.own > 1:
        facts.append(f"pair.both_regular/{group}")
    if meant.thread > 1:
        facts.append(f"meant.thread{meant.thread}/{acquainted(to)}")
    if group != "slip":
        facts += _FRONT[common_front(known, candidate)]
        if to.shared != meant.shared:
            facts.append("pair.box_and_person")
        elif to.shared:
            facts.append("pair.boxes")
    if candidate.beside > 0.3:
        facts.append(f"pair.seen_together/{group}")
    if meant.thread > 1 and not to.thread and acquaintance.missing == 1:
        facts.append(f"pair.only_missing/{group}")
    if meant.greeted and not to.greeted:
        facts.append("pair.greeting_names_meant")
    if meant.own > 3 * to.own + 1:
        facts.append("pair.own_much_more")
    if meant.thread and not to.thread:
        facts.append(f"pair.thread{meant.thread}_only/{group}")
    if meant.together > 2 * to.together + 0.1:
        facts.append("pair.together_much_more")
    home, other = domain(known.address.domain), domain(candidate.contact.address.domain)
    if home.registrable == other.registrable:
        facts.append(f"pair.one_company/{group}")
    elif home.free and not other.free:
        facts.append("pair.work_to_free")
    elif other.free and not home.free:
        facts.append("pair.free_to_work")
    if not to.at_domain and kind in SLIPS:
        facts.append("pair.slip_at_new_domain")
    return facts


def group_of(kind: str) -> str:
    """Say what was confused: the letters of an address, two people, or neither."""
    if kind in SLIPS:
        return "slip"
    return "unlike" if kind == "unlike" else "person"


def _typo(one: str, other: str) -> list[str]:
    """Say how bold a slip of the keys would have to be."""
    facts = []
    if OSA.distance(one, other, score_cutoff=1) > 1:
        facts.append("typo.two_edits")
        parted = split_words(one), split_words(other)
        if len(parted[0]) == len(parted[1]) > 1:
            facts.append("typo.two_edits_of_words")
    if min(len(one), len(other)) < 5:
        facts.append("typo.short")
    return facts


_FRONT: Final = tuple([f"pair.front>{step}" for step in range(length)] for length in range(5))


def common_front(known: Acquainted, candidate: Candidate) -> int:
    """
    Give how many letters two begin with, at most 4: so far a list that completes offers both.

    By the local parts, or by the names where these share more.
    """
    contact = candidate.contact
    most = _shared_front(known.address.local, contact.address.local)
    if known.name and contact.name:
        most = max(most, _shared_front(known.name.casefold(), contact.name.casefold()))
    return most


def _shared_front(one: str, other: str) -> int:
    length = 0
    for a, b in zip(one[:4], other[:4], strict=False):
        if a != b:
            break
        length += 1
    return length


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
    for (quantity, steps), count in zip(_QUANTITIES, taken, strict=False):
        facts += (f"{who}.{quantity}>{step:g}" for step in steps[:count])
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
    return (
        1
        if fact.startswith(("pair.thread", "pair.greeting", "pair.own", "pair.tog", "similar>"))
        else 0
    )
