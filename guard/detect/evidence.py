"""
What speaks for and against a slip, as named yes-or-no facts that the look-alike channel weighs.

Facts about a quantity are steps (``to.own>1`` holds along with ``to.own>3``), so that a weight
that never changes its sign makes suspicion rise or fall steadily.
"""

from collections.abc import Iterator
from typing import Final

from guard.contacts.acquaintance import Acquaintance, Acquainted, Candidate, Standing
from guard.names.domains import domain
from guard.names.likeness import SLIPS

# The quantities of a standing, and where their steps are.
_STEPS: Final[tuple[tuple[str, tuple[float, ...]], ...]] = (
    ("own", (0.02, 0.3, 1.0, 3.0, 10.0, 30.0)),
    ("others", (0.02, 1.0, 5.0, 20.0, 100.0)),
    ("inbound", (0.02, 0.7, 3.0)),
    ("together", (0.01, 0.1, 0.3, 0.6)),
    ("at_domain", (0.02, 3.0, 30.0)),
    ("thread", (0.5, 1.5, 2.5)),
)
_FLAGS: Final = ("mentioned", "greeted", "known", "imported", "writes")

_RECIPIENT: Final = tuple(
    (quantity, tuple((step, f"to.{quantity}>{step:g}") for step in steps))
    for quantity, steps in _STEPS
)
_CANDIDATE: Final = tuple(
    (quantity, tuple((step, f"meant.{quantity}>{step:g}") for step in steps))
    for quantity, steps in _STEPS
)
_CLOSE: Final = tuple((step, f"similar>{step}") for step in (55, 60, 65, 70, 75, 80))


def of_recipient(known: Acquainted, acquaintance: Acquaintance) -> Iterator[str]:
    """Facts that tell how much the recipient belongs to the message."""
    yield from _standing("to", _RECIPIENT, known.standing)
    if acquaintance.thread_known and not known.standing.thread:
        yield "to.outside_thread"
    count = len(acquaintance.recipients)
    if count == 1:
        yield "message.one_recipient"
    for step, fact in ((3, "message.recipients>3"), (8, "message.recipients>8")):
        if count > step:
            yield fact
    for step_, fact in ((3.0, "message.sender>3"), (30.0, "message.sender>30")):
        if acquaintance.sender_mails > step_:
            yield fact
    if acquaintance.thread_known:
        yield "message.thread_known"
    elif acquaintance.reply:
        yield "message.thread_unknown"


def of_candidate(candidate: Candidate) -> Iterator[str]:
    """Facts that tell how much the candidate belongs to the message."""
    yield from _standing("meant", _CANDIDATE, candidate.standing)


def of_pair(known: Acquainted, candidate: Candidate) -> Iterator[str]:
    """Facts about the likeness, and about the two side by side."""
    alike, to, meant = candidate.likeness, known.standing, candidate.standing
    kind = alike.kind
    yield f"kind.{kind}"
    yield f"kind.{kind}/{_acquainted(to)}"
    group = "slip" if kind in SLIPS else "person"
    yield f"names.{alike.names}/{group}"
    if kind == "similar":
        for step, fact in _CLOSE:
            if alike.closeness > step:
                yield fact
    if meant.greeted and not to.greeted:
        yield "pair.greeting_names_meant"
    if meant.own > 3 * to.own + 1:
        yield "pair.own_much_more"
    if meant.thread and not to.thread:
        yield f"pair.thread{meant.thread}_only/{group}"
    if meant.together > 2 * to.together + 0.1:
        yield "pair.together_much_more"
    home, other = domain(known.address.domain), domain(candidate.contact.address.domain)
    if home.registrable == other.registrable:
        yield f"pair.one_company/{group}"
    elif home.free and not other.free:
        yield "pair.work_to_free"
    elif other.free and not home.free:
        yield "pair.free_to_work"
    if not to.at_domain and group == "slip":
        yield "pair.slip_at_new_domain"


def _acquainted(to: Standing) -> str:
    if to.own > 1:
        return "regular"
    if to.own:
        return "seldom"
    if to.writes or to.others > 2:
        return "alive"
    return "seen" if to.known else "new"


def _standing(
    who: str,
    quantities: tuple[tuple[str, tuple[tuple[float, str], ...]], ...],
    standing: Standing,
) -> Iterator[str]:
    for quantity, steps in quantities:
        value = getattr(standing, quantity)
        for step, fact in steps:
            if value <= step:
                break
            yield fact
    for flag in _FLAGS:
        if getattr(standing, flag):
            yield f"{who}.{flag}"


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
