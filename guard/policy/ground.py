"""What one condition of a rule found in one mail, asked about one recipient."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from guard.model.address import Address
from guard.model.finding import Finding
from guard.policy.globs import Glob

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

    found: tuple[tuple[Finding, int], ...] = ()
    """The findings that bear it out, each with how much of it counts for this recipient."""


def enough(fact: str, value: float, wanted: float) -> Ground:
    """Compare a count or a share with the least that is wanted."""
    return Ground(fact=fact, value=value, wanted=wanted, holds=value >= wanted)


def same(fact: str, value: bool, wanted: bool) -> Ground:
    """Compare yes and no."""
    return Ground(fact=fact, value=value, wanted=wanted, holds=value == wanted)


def found(fact: str, findings: Iterable[Finding], told: Iterable[str], wanted: Value) -> Ground:
    """Hold where there are *findings*; *told* says what they are, each thing once."""
    each = tuple((finding, 1) for finding in findings)
    value = ", ".join(dict.fromkeys(told)) or None
    return Ground(fact=fact, value=value, wanted=wanted, holds=bool(each), found=each)


def fits(globs: Sequence[Glob], address: Address) -> bool:
    """Whether *address* is of one of these patterns, as compared or as it was typed."""
    return any(glob.matches(address.key, address.text) for glob in globs)


def listed(globs: Sequence[Glob]) -> str:
    """Give patterns as a rule's reader sees them."""
    return ", ".join(map(str, globs))
