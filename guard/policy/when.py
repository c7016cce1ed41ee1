"""``when:``: all that a rule asks of a mail, and the answer."""

from collections.abc import Iterator
from functools import cached_property
from typing import Protocol

from guard.model.address import Address
from guard.policy.about.attachment import AboutAttachment
from guard.policy.about.people import (
    AboutRecipients,
    AboutSender,
    AboutTime,
    VisibleDomains,
    VisibleRecipients,
)
from guard.policy.about.recipient import AboutRecipient
from guard.policy.about.text import AboutBody, AboutGreeting, AboutSubject
from guard.policy.case import Case
from guard.policy.ground import Ground
from guard.policy.part import Asking


class Condition(Protocol):
    """What stands under one word of ``when:``."""

    def lacks(self, case: Case) -> bool:
        """Whether it cannot hold, whoever the recipient is: a quick look that spares the rest."""

    def grounds(self, case: Case, recipient: Address) -> Iterator[Ground]:
        """Answer each of its questions, asked about *recipient*."""


class When(Asking):
    """Conditions, all of which must hold."""

    recipient: AboutRecipient | None = None
    recipients: AboutRecipients | None = None
    attachment: AboutAttachment | None = None
    subject: AboutSubject | None = None
    body: AboutBody | None = None
    visible_outside_domains: VisibleDomains | None = None
    visible_outside_recipients: VisibleRecipients | None = None
    greeting: AboutGreeting | None = None
    sender: AboutSender | None = None
    time: AboutTime | None = None

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """What is asked, in the order in which it is answered."""
        asked = (getattr(self, name) for name in type(self).model_fields)
        return tuple(condition for condition in asked if condition is not None)

    def lacks(self, case: Case) -> bool:
        """Whether it cannot hold for any recipient."""
        return any(condition.lacks(case) for condition in self.conditions)

    def grounds(self, case: Case, recipient: Address) -> Iterator[Ground]:
        """Answer every condition."""
        for condition in self.conditions:
            yield from condition.grounds(case, recipient)
