"""What one condition of a rule found in one mail, asked about one recipient."""

from collections.abc import Iterable
from dataclasses import dataclass

from guard.model.finding import Finding

Value = str | int | float | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """One condition of a rule, asked about one recipient."""

    fact: str
    """Where it stands in the rule: ``recipient.first_time``."""

    value: Value
    """What was found."""

    wanted: Value
    """What the rule asks for; a number is the least that is enough."""

    holds: bool

    over_budget: bool = False
    """It holds, but more late mail was like it than may be held: it is told of instead."""

    found: tuple[tuple[Finding, int], ...] = ()
    """The findings that bear it out, each with how much of it counts for this recipient."""

    says: tuple[tuple[str, str], ...] = ()
    """What it puts in for placeholders of the rule's sentence: ``("words", "合併")``."""


def enough(fact: str, value: float, wanted: float) -> Ground:
    """Compare a count or a share with the least that is wanted."""
    return Ground(fact=fact, value=value, wanted=wanted, holds=value >= wanted)


def counted(fact: str, count: int, wanted: int) -> Ground:
    """Compare a count that the rule's sentence may tell."""
    says = (("count", str(count)),)
    return Ground(fact=fact, value=count, wanted=wanted, holds=count >= wanted, says=says)


def same(fact: str, value: bool, wanted: bool) -> Ground:
    """Compare yes and no."""
    return Ground(fact=fact, value=value, wanted=wanted, holds=value == wanted)


def found(fact: str, findings: Iterable[Finding], told: Iterable[str], wanted: Value) -> Ground:
    """Hold where there are *findings*; *told* says what they are, each thing once."""
    each = tuple((finding, 1) for finding in findings)
    value = ", ".join(dict.fromkeys(told)) or None
    return Ground(fact=fact, value=value, wanted=wanted, holds=bool(each), found=each)
