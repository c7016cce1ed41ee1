"""How a release ended: for each recipient, over two tries, and in a line. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from guard.model.hold import End, Fate
from guard.ports import Outcome
from guard.release.means import said


def with_the_first(ends: Sequence[End], outcome: Outcome) -> Outcome:
    """
    Give the *outcome* of the second try, knowing the *ends* of the first.

    Who refuses the second may well have taken the first: some upstreams refuse a Message-ID that
    they have seen. So where the first end is unknown it stays so, unless the second was taken;
    where there are no *ends*, nobody wrote them down, and all are unknown.
    """
    if Fate.TAKEN in outcome.fates:
        return outcome
    known = {end.recipient for end in ends if end.fate is not Fate.UNKNOWN}
    recipients = tuple(
        (address, fate if address in known else Fate.UNKNOWN, reply)
        for address, fate, reply in outcome.recipients
    )
    return replace(outcome, recipients=recipients)


def by_fate(outcome: Outcome) -> dict[str, list[str]]:
    """Give who met which fate."""
    return {
        fate.value: [a.text for a, f, _ in outcome.recipients if f is fate]
        for fate in sorted(outcome.fates)
    }


def account(outcome: Outcome) -> str:
    """Say in a line an upstream's answer, with each refusal: what page and result mail show."""
    refusals = [f"{a}: {said(r)}" for a, f, r in outcome.recipients if f is Fate.REFUSED]
    return "\n".join([said(outcome.reply), *refusals])
