"""``sender:`` and ``visible_outside_…:``: conditions on the people of the whole mail."""

from collections.abc import Iterator

from guard.model.address import Address
from guard.model.finding import SenderNotTheirs
from guard.policy import words
from guard.policy.case import Case
from guard.policy.ground import Ground, enough, found
from guard.policy.part import Part


class VisibleDomains(Part):
    """How many outside domains can be seen in To and Cc."""

    at_least: words.Domains

    def lacks(self, case: Case) -> bool:
        """Whether too few addresses are seen for so many domains."""
        return len(case.visible_outside) < self.at_least

    def grounds(self, case: Case, _: Address) -> Iterator[Ground]:
        """Count the domains."""
        domains = {address.domain for address in case.visible_outside}
        yield enough("visible_outside_domains", len(domains), self.at_least)


class VisibleRecipients(Part):
    """How many outside addresses can be seen in To and Cc."""

    at_least: words.Recipients

    def lacks(self, case: Case) -> bool:
        """Whether too few are seen."""
        return len(case.visible_outside) < self.at_least

    def grounds(self, case: Case, _: Address) -> Iterator[Ground]:
        """Count the addresses."""
        yield enough("visible_outside_recipients", len(case.visible_outside), self.at_least)


class AboutSender(Part):
    """Conditions on whoever logged in; without a login they never hold."""

    not_theirs: words.Yes

    def lacks(self, case: Case) -> bool:
        """Whether every address that was used is the login's own."""
        return not case.of(SenderNotTheirs)

    def grounds(self, case: Case, _: Address) -> Iterator[Ground]:
        """Say which addresses are not theirs."""
        used = case.of(SenderNotTheirs)
        told = (f"{one.where}: {one.address or '?'}" for one in used)
        yield found("sender.not_theirs", used, told, True)
