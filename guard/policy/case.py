"""One message, with its findings laid out for the questions that rules ask."""

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from guard.contacts.acquaintance import Acquainted
from guard.detect.budget import threshold
from guard.detect.inspection import Inspection
from guard.model.address import Address
from guard.model.contact import Relation
from guard.model.extract import Family
from guard.model.finding import CustomerRows, Finding, ListLike, Mark, ProtectedNumbers
from guard.model.quotation import quoted_at
from guard.names.domains import registrable_of
from guard.parse.quoting import quotations
from guard.policy.phrases import fold
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
        self.threshold: Final = inspection.threshold or threshold(
            inspection.channel, inspection.recent, hold_budget
        )
        """From which suspicion a look-alike may be held for."""

        self._known = {one.address: one for one in inspection.acquaintance.recipients}
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

        self.files: Final = files_of(inspection)
        """Names of all attachments, each once."""

    def families(self, file: str) -> frozenset[Family]:
        """Give what sort of thing an attachment is, and what is in it, as far as it was read."""
        extracts = self.inspection.extracts
        return frozenset().union(*(one.families for one in extracts if one.file == file))

    def joins_thread(self, known: Acquainted) -> bool:
        """Whether the mail answers a thread in which nobody of a recipient's company took part."""
        acquaintance = self.inspection.acquaintance
        if not acquaintance.thread_known or self.us.covers(known.address):
            return False
        home = registrable_of(known.address.domain)
        return known.standing.thread == 0 and home not in acquaintance.thread_homes

    def of(self, kind: type[F]) -> list[F]:
        """Give the findings of one kind, in order."""
        return [one for one in self._by_kind.get(kind, ()) if isinstance(one, kind)]

    def relation(self, address: Address) -> Relation:
        """Give how often *address* was written to."""
        known = self._known.get(address)
        return known.relation if known else NO_RELATION

    def known(self, address: Address) -> Acquainted | None:
        """Give what is known of a recipient; `None` where contacts could not be asked."""
        return self._known.get(address)

    @cached_property
    def subject(self) -> str:
        """The subject, folded as phrases are."""
        return fold(self.inspection.message.subject)

    @cached_property
    def own_text(self) -> str:
        """What the sender wrote, without what is quoted, folded as phrases are."""
        written = (_unquoted(body.text) for body in self.inspection.message.bodies)
        return "\n".join(map(fold, written))

    @cached_property
    def homes(self) -> frozenset[str]:
        """The registrable domains of the recipients outside."""
        outside = (each for each in self.recipients if not self.us.covers(each))
        return frozenset(registrable_of(each.domain) for each in outside)

    @cached_property
    def quoted_homes(self) -> frozenset[str]:
        """The registrable domains of all outside who wrote or got what the text quotes."""
        quoted = quotations(self.inspection.message.text)
        people = (box.address for one in quoted for box in (*one.from_, *one.to))
        outside = (each for each in people if not self.us.covers(each))
        return frozenset(registrable_of(each.domain) for each in outside)

    @cached_property
    def sent_at(self) -> datetime:
        """When it came to us, in our time zone."""
        return self.inspection.exchange.at.astimezone(ZoneInfo(self.us.time_zone))


def _unquoted(text: str) -> str:
    quoted = quotations(text)
    if not quoted:
        return text
    lines = enumerate(text.split("\n"), start=1)
    return "\n".join(line for number, line in lines if quoted_at(quoted, number) is None)


def files_of(inspection: Inspection) -> tuple[str, ...]:
    """Give the names of all attachments, and of all that is in them, each once."""
    return tuple(
        dict.fromkeys(
            [extract.file for extract in inspection.extracts]
            + [attachment.name for attachment in inspection.message.attachments]
        )
    )
