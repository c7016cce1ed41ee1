"""
What speaks for and against a slip, as named yes-or-no facts that the look-alike channel weighs.

Facts about a quantity are steps (``to.own>1`` holds along with ``to.own>3``), so that a weight
that never changes its sign makes suspicion rise or fall steadily.
"""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final, Literal

from guard.contacts.acquaintance import Acquaintance, Acquainted, Candidate, Standing
from guard.names.domains import domain
from guard.names.likeness import SLIPS, Likeness

# The quantities of a standing, and where their steps are.
_OWN: Final = (0.02, 0.3, 1.0, 3.0, 10.0, 30.0)
_OTHERS: Final = (0.02, 1.0, 5.0, 20.0, 100.0)
_INBOUND: Final = (0.02, 0.7, 3.0)
_TOGETHER: Final = (0.01, 0.1, 0.3, 0.6)
_AT_DOMAIN: Final = (0.02, 3.0, 30.0)
_THREAD: Final = (0.5, 1.5, 2.5)
_QUANTITIES: Final = (
    ("own", _OWN),
    ("others", _OTHERS),
    ("inbound", _INBOUND),
    ("together", _TOGETHER),
    ("at_domain", _AT_DOMAIN),
    ("thread", _THREAD),
)
_FLAGS: Final = ("mentioned", "greeted", "known", "imported", "writes")
_CLOSE: Final = (55, 60, 65, 70, 75, 80)

Taken = tuple[int, ...]
"""How many steps each quantity of a standing has taken, and then its flags."""


def of_recipient(known: Acquainted, acquaintance: Acquaintance) -> Sequence[str]:
    """Facts that tell how much the recipient belongs to the message."""
    facts = [*of_standing("to", taken(known.standing))]
    if acquaintance.thread_known and not known.standing.thread:
        facts.append("to.outside_thread")
    count = len(acquaintance.recipients)
    if count == 1:
        facts.append("message.one_recipient")
    for step, fact in ((3, "message.recipients>3"), (8, "message.recipients>8")):
        if count > step:
            facts.append(fact)
    for step_, fact in ((3.0, "message.sender>3"), (30.0, "message.sender>30")):
        if acquaintance.sender_mails > step_:
            facts.append(fact)
    if acquaintance.thread_known:
        facts.append("message.thread_known")
    elif acquaintance.reply:
        facts.append("message.thread_unknown")
    return facts


def of_candidate(candidate: Candidate) -> Sequence[str]:
    """Facts that tell how much the candidate belongs to the message."""
    return of_standing("meant", taken(candidate.standing))


def of_pair(known: Acquainted, candidate: Candidate) -> Sequence[str]:
    """Facts about the likeness, and about the two side by side."""
    alike = of_likeness(candidate.likeness, acquainted(known.standing))
    return [*alike, *side_by_side(known, candidate)]


def of_likeness(alike: Likeness, acquainted: str) -> Sequence[str]:
    """Facts about the likeness, to a recipient who is so `acquainted`."""
    group = _group(alike.kind)
    close = [step for step in _CLOSE if alike.closeness > step] if alike.kind == "similar" else ()
    return [
        f"kind.{alike.kind}",
        f"kind.{alike.kind}/{acquainted}",
        f"names.{alike.names}/{group}",
        *(f"similar>{step}" for step in close),
    ]


def side_by_side(known: Acquainted, candidate: Candidate) -> Sequence[str]:
    """Facts that compare what is known of the two."""
    facts: list[str] = []
    to, meant, kind = known.standing, candidate.standing, candidate.likeness.kind
    if meant.greeted and not to.greeted:
        facts.append("pair.greeting_names_meant")
    if meant.own > 3 * to.own + 1:
        facts.append("pair.own_much_more")
    if meant.thread and not to.thread:
        facts.append(f"pair.thread{meant.thread}_only/{_group(kind)}")
    if meant.together > 2 * to.together + 0.1:
        facts.append("pair.together_much_more")
    home, other = domain(known.address.domain), domain(candidate.contact.address.domain)
    if home.registrable == other.registrable:
        facts.append(f"pair.one_company/{_group(kind)}")
    elif home.free and not other.free:
        facts.append("pair.work_to_free")
    elif other.free and not home.free:
        facts.append("pair.free_to_work")
    if not to.at_domain and kind in SLIPS:
        facts.append("pair.slip_at_new_domain")
    return facts


def _group(kind: str) -> str:
    return "slip" if kind in SLIPS else "person"


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
        standing.mentioned,
        standing.greeted,
        standing.known,
        standing.imported,
        standing.writes,
    )


def of_standing(who: Literal["to", "meant"], taken: Taken) -> Sequence[str]:
    """Give the facts of a standing that has *taken* these steps."""
    facts: list[str] = []
    for (quantity, steps), count in zip(_QUANTITIES, taken, strict=False):
        facts += (f"{who}.{quantity}>{step:g}" for step in steps[:count])
    flags = zip(_FLAGS, taken[len(_QUANTITIES) :], strict=True)
    return [*facts, *(f"{who}.{flag}" for flag, is_set in flags if is_set)]


def sign_of(fact: str) -> int:
    """Give the only sign that a fact's weight may have, or 0 where either is reasonable."""
    if fact.startswith("meant."):
        return 0 if fact in {"meant.imported", "meant.known", "meant.writes"} else 1
    if fact.startswith("to."):
        return 0 if fact in {"to.outside_thread", "to.imported"} else -1
    return (
        1
        if fact.startswith(("pair.thread", "pair.greeting", "pair.own", "pair.tog", "similar>"))
        else 0
    )
