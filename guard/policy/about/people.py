"""``sender:``, ``recipients:``, ``visible_outside_…:``, ``time:``: who sends to whom, and when."""

from collections.abc import Iterator
from typing import Annotated, Final

from pydantic import Field

from guard.model.address import Address
from guard.model.finding import SenderNotTheirs
from guard.policy import words
from guard.policy.case import Case
from guard.policy.globs import fits, listed
from guard.policy.ground import Ground, counted, found
from guard.policy.part import Asking, Part
from guard.policy.words import SEVERAL

_TOLD: Final = 3
"""Addresses that are told of those that must not meet the recipient."""

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class VisibleDomains(Part):
    """How many outside domains can be seen in To and Cc."""

    at_least: words.Domains = Field(description="From how many on, like 5 domains.")

    def lacks(self, case: Case) -> bool:
        """Whether too few addresses are seen for so many domains."""
        return len(case.visible_outside) < self.at_least

    def grounds(self, case: Case, _: Address) -> Iterator[Ground]:
        """Count the domains."""
        domains = {address.domain for address in case.visible_outside}
        yield counted("visible_outside_domains", len(domains), self.at_least)


class VisibleRecipients(Part):
    """How many outside addresses can be seen in To and Cc."""

    at_least: words.Recipients = Field(description="From how many on, like 20 recipients.")

    def lacks(self, case: Case) -> bool:
        """Whether too few are seen."""
        return len(case.visible_outside) < self.at_least

    def grounds(self, case: Case, _: Address) -> Iterator[Ground]:
        """Count the addresses."""
        count = len(case.visible_outside)
        yield counted("visible_outside_recipients", count, self.at_least)


class AboutSender(Asking):
    """Conditions on whoever sends the mail."""

    not_theirs: words.Yes | None = Field(
        None, description="Sent as an address that is not the login's; never without a login."
    )
    from_outside: words.YesNo | None = Field(
        None, description="From has an address that is not of our domains."
    )
    address: Annotated[tuple[words.AddressGlob, ...], SEVERAL] = Field(
        (), description="Envelope sender with * and ?, or a list of such."
    )
    group: Annotated[tuple[words.Name, ...], SEVERAL] = Field(
        (), description="In a group of us: groups, or in one of these."
    )

    def lacks(self, case: Case) -> bool:
        """Whether every address that was used is the login's own."""
        return bool(self.not_theirs and not case.of(SenderNotTheirs))

    def grounds(self, case: Case, _: Address) -> Iterator[Ground]:
        """Answer each condition."""
        sender, us = case.sender, case.us
        if self.not_theirs:
            used = case.of(SenderNotTheirs)
            told = (f"{one.where}: {one.address or '?'}" for one in used)
            yield found("sender.not_theirs", used, told, True)
        if self.from_outside is not None:
            strange = [b.address for b in case.inspection.message.from_ if not us.covers(b.address)]
            yield Ground(
                fact="sender.from_outside",
                value=strange[0].text if strange else False,
                wanted=self.from_outside,
                holds=bool(strange) == self.from_outside,
                says=_sender(strange[0] if strange else sender),
            )
        if self.address:
            yield Ground(
                fact="sender.address",
                value=sender.text if sender else None,
                wanted=listed(self.address),
                holds=sender is not None and fits(self.address, sender),
                says=_sender(sender),
            )
        if self.group:
            groups = us.groups_of(sender) if sender else ()
            yield Ground(
                fact="sender.group",
                value=listed(groups) or None,
                wanted=listed(self.group),
                holds=not {*groups}.isdisjoint(self.group),
                says=_sender(sender),
            )


def _sender(address: Address | None) -> tuple[tuple[str, str], ...]:
    return (("sender", address.text),) if address else ()


class AboutRecipients(Part):
    """Conditions on all recipients together."""

    never_together: Annotated[tuple[words.Party, ...], SEVERAL] = Field(
        min_length=2, description="Addresses with * and ?, or groups, that must not meet."
    )

    def lacks(self, case: Case) -> bool:
        """Whether there are not two who could meet."""
        return len(case.recipients) < 2

    def grounds(self, case: Case, recipient: Address) -> Iterator[Ground]:
        """Hold for whoever is of one party while somebody is there who is of another only."""
        own = self._parties(case, recipient)
        others = [
            one.text
            for one in case.recipients
            if own and (theirs := self._parties(case, one)) and theirs.isdisjoint(own)
        ]
        yield Ground(
            fact="recipients.never_together",
            value=listed(others[:_TOLD]) or None,
            wanted=listed(self.never_together),
            holds=bool(others),
            says=(("others", listed(others[:_TOLD])),) if others else (),
        )

    def _parties(self, case: Case, address: Address) -> set[int]:
        """Give the numbers of the parties that an address is of."""
        groups = case.us.groups_of(address)
        return {
            number
            for number, party in enumerate(self.never_together)
            if (party in groups if isinstance(party, str) else fits((party,), address))
        }


class AboutTime(Asking):
    """Conditions on the moment at which the mail is sent, in our time zone."""

    between: Annotated[tuple[words.DayHours, ...], SEVERAL] = Field(
        (), description='Hours like "18:00-08:00", or a list of such.'
    )
    days: Annotated[tuple[words.Weekday, ...], SEVERAL] = Field(
        (), description="Days of the week: mon, tue, …"
    )

    def lacks(self, _: Case) -> bool:
        """Never: it is some time always."""
        return False

    def grounds(self, case: Case, _: Address) -> Iterator[Ground]:
        """Compare the clock and the day."""
        if self.between:
            clock = f"{case.sent_at:%H:%M}"
            holds = any(hours.cover(clock) for hours in self.between)
            yield Ground(fact="time.between", value=clock, wanted=listed(self.between), holds=holds)
        if self.days:
            day = _DAYS[case.sent_at.weekday()]
            yield Ground(
                fact="time.days", value=day, wanted=listed(self.days), holds=day in self.days
            )
