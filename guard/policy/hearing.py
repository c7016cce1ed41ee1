"""
One rule asked about one recipient: each condition, with what was found and whether it holds.

`decide` and `explain` both read these answers; there is no second way to judge.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from guard.model.address import Address
from guard.policy.case import Case
from guard.policy.globs import fits
from guard.policy.ground import Ground
from guard.policy.schema import Exemption, Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """What one rule says about one recipient, and on which grounds."""

    recipient: Address
    grounds: tuple[Ground, ...]
    exemption: Exemption | None
    """The exception that takes this recipient out, if one does."""

    @property
    def matches(self) -> bool:
        """Whether every condition holds and nothing excepts."""
        return self.exemption is None and all(ground.holds for ground in self.grounds)

    @property
    def over_budget(self) -> bool:
        """Whether it is only told of, for more late mail was like it than may be held."""
        return any(ground.over_budget for ground in self.grounds)


def hear(rule: Rule, case: Case, today: date) -> tuple[Hearing, ...]:
    """Ask *rule* about each recipient, in envelope order, to the last condition."""
    return tuple(
        Hearing(
            recipient=recipient,
            grounds=tuple(rule.when.grounds(case, recipient)),
            exemption=_exemption(rule, case, recipient, today),
        )
        for recipient in case.recipients
    )


def holding(rule: Rule, case: Case, today: date) -> Iterator[Hearing]:
    """
    Give those of `hear` of which every condition holds, whether something excepts or not.

    Of the others, nothing is asked after the first no.
    """
    for recipient in () if rule.when.lacks(case) else case.recipients:
        grounds = list[Ground]()
        for ground in rule.when.grounds(case, recipient):
            if not ground.holds:
                break
            grounds.append(ground)
        else:
            exemption = _exemption(rule, case, recipient, today)
            yield Hearing(recipient=recipient, grounds=tuple(grounds), exemption=exemption)


def _exemption(rule: Rule, case: Case, recipient: Address, today: date) -> Exemption | None:
    for exemption in rule.except_:
        ended = exemption.until is not None and exemption.until < today
        to = not exemption.to or fits(exemption.to, recipient)
        from_ = not exemption.from_ or (
            case.sender is not None and fits(exemption.from_, case.sender)
        )
        sort = not exemption.mail or case.inspection.automatic in exemption.mail
        if to and from_ and sort and not ended:
            return exemption
    return None
