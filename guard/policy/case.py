"""One message, with its findings laid out for the questions that rules ask."""

from collections.abc import Sequence
from typing import Final, TypeVar

from guard.detect.budget import threshold
from guard.detect.inspection import Inspection
from guard.model.address import Address
from guard.model.contact import Relation
from guard.model.finding import CustomerRows, Finding, ListLike, Mark, ProtectedNumbers
from guard.policy.rows import prepared
from guard.policy.us import Us

F = TypeVar("F", bound=Finding)

Content = ListLike | ProtectedNumbers | Mark
"""Findings that need no list."""

NO_RELATION: Final = Relation()


class Case:
    """One message with its people, its files and its findings by their kind."""

    def __init__(
        self, inspection: Inspection, findings: Sequence[Finding], us: Us, *, hold_budget: float
    ) -> None:
        """Lay out *findings* about *inspection*; *hold_budget* is a share of mail, 0 to 1."""
        self.us: Final = us
        self.inspection: Final = inspection
        self.sender: Final = inspection.envelope.sender
        self.recipients: Final = tuple(dict.fromkeys(inspection.envelope.addresses))
        self.threshold: Final = threshold(inspection.channel, inspection.recent, hold_budget)
        """From which suspicion a look-alike may be held for."""

        self._relations = {one.address: one.relation for one in inspection.acquaintance.recipients}
        self._by_kind = dict[type, list[Finding]]()
        for finding in findings:
            self._by_kind.setdefault(type(finding), []).append(finding)
        self.rows: Final = list(prepared(iter(self.of(CustomerRows))))
        self.content: Final[list[Content]] = [
            *self.of(ListLike),
            *self.of(ProtectedNumbers),
            *self.of(Mark),
        ]
        message = inspection.message
        typed = {box.address for box in (*message.to, *message.cc)}
        self.visible_outside: Final = {each for each in typed if not us.covers(each)}
        """Outside addresses that everybody sees in To and Cc."""

        self.files: Final = tuple(
            dict.fromkeys(
                [extract.file for extract in inspection.extracts]
                + [attachment.name for attachment in message.attachments]
            )
        )
        """Names of all attachments, each once."""

    def of(self, kind: type[F]) -> list[F]:
        """Give the findings of one kind, in order."""
        return [one for one in self._by_kind.get(kind, ()) if isinstance(one, kind)]

    def relation(self, address: Address) -> Relation:
        """Give how often *address* was written to."""
        return self._relations.get(address, NO_RELATION)
