"""What speaks for and against one having been taken for the other, as facts like `evidence`'s."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from rapidfuzz.distance import OSA

from guard.contacts.acquaintance import Acquaintance, Acquainted, Candidate
from guard.detect.evidence import acquainted, steps
from guard.names.domains import domain
from guard.names.fold import person, split_words
from guard.names.likeness import SLIPS, Likeness

_CLOSE: Final = (55, 60, 65, 70, 75, 80)
_CROWD: Final = (0, 2, 7, 15)
_NAMESAKES: Final = (1, 3, 7)

Crowds = Mapping[str, int]
"""How many candidates of one recipient are alike in each way."""


def of_pair(
    known: Acquainted, candidate: Candidate, acquaintance: Acquaintance, crowds: Crowds
) -> Sequence[str]:
    """Facts about the likeness, and about the two side by side."""
    alike = of_likeness(candidate.likeness, acquainted(known.standing), candidate.standing.thread)
    return [*alike, *side_by_side(known, candidate, acquaintance, crowds)]


def crowds(known: Acquainted) -> Crowds:
    """Count the candidates of a recipient by how they are alike."""
    return Counter(candidate.likeness.kind for candidate in known.candidates)


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
        # Another Sato is no surprise, unless this Sato is who takes part in the thread.
        *(f"common>{step}/{alike.kind}" for step in range(0 if thread else alike.common)),
    ]


def side_by_side(
    known: Acquainted, candidate: Candidate, acquaintance: Acquaintance, crowds: Crowds
) -> Sequence[str]:
    """Facts that compare what is known of the two; *crowds* are those of the recipient."""
    kind = candidate.likeness.kind
    group = group_of(kind)
    crowd = len(acquaintance.recipients) - 1
    facts = [f"{step}/{group}" for step in steps("message.others", crowd, _CROWD)]
    if kind == "typo_local":
        facts += _typo(known.address.local, candidate.contact.address.local)
    if group != "slip":
        facts += _FRONT[common_front(known, candidate)]
        if known.standing.shared != candidate.standing.shared:
            facts.append("pair.box_and_person")
        elif known.standing.shared:
            facts.append("pair.boxes")
    if group == "person":
        # Of many namesakes any may be meant, and one more is no surprise.
        facts += [f"{step}/{kind}" for step in steps("namesakes", crowds[kind], _NAMESAKES)]
    facts += _by_habit(known, candidate, group)
    facts += _by_thread(known, candidate, acquaintance, group)
    facts += _by_domain(known, candidate, group)
    return facts


def _by_habit(known: Acquainted, candidate: Candidate, group: str) -> Iterator[str]:
    to, meant = known.standing, candidate.standing
    if meant.own > 1 and to.own > 1:
        yield f"pair.both_regular/{group}"
    if candidate.beside > 0.3:
        yield f"pair.seen_together/{group}"
    if meant.greeted and not to.greeted:
        yield "pair.greeting_names_meant"
    if meant.own > 3 * to.own + 1:
        yield "pair.own_much_more"
    if meant.together > 2 * to.together + 0.1:
        yield "pair.together_much_more"


def _by_thread(
    known: Acquainted, candidate: Candidate, acquaintance: Acquaintance, group: str
) -> Iterator[str]:
    to, meant = known.standing, candidate.standing
    if meant.thread > 1:
        yield f"meant.thread{meant.thread}/{acquainted(to)}"
        if not to.thread and acquaintance.missing == 1:
            yield f"pair.only_missing/{group}"
    if meant.thread and not to.thread:
        yield f"pair.thread{meant.thread}_only/{group}"


def _by_domain(known: Acquainted, candidate: Candidate, group: str) -> Iterator[str]:
    home, other = domain(known.address.domain), domain(candidate.contact.address.domain)
    # Mail for the office that goes to a private address is another matter.
    if not (home.free and not other.free) and is_one_person(known, candidate):
        yield "pair.one_person"
    if home.registrable == other.registrable:
        yield f"pair.one_company/{group}"
    elif home.free and not other.free:
        yield "pair.work_to_free"
    elif other.free and not home.free:
        yield "pair.free_to_work"
    if not known.standing.at_domain and group == "slip":
        yield "pair.slip_at_new_domain"


def is_one_person(known: Acquainted, candidate: Candidate) -> bool:
    """
    Whether two addresses are most likely one person's: of one full name, and each of them in use.

    In use is what somebody writes from, or what got more than one mail.
    """
    if candidate.likeness.names != "same":
        return False
    one, two = person(known.name), person(candidate.contact.name)
    return (
        len(one.words) > 1
        and one.folded == two.folded
        and not any(word.initial for word in one.words)
        and (known.standing.writes or known.relation.by_organisation > 1)
        and (candidate.standing.writes or candidate.relation.by_organisation > 1)
    )


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
