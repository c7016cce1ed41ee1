"""Mail that no person sends: what ``machines:`` says."""

from typing import Annotated

from pydantic import Field

from guard.model.address import Address
from guard.model.automatic import Automatic
from guard.policy import words
from guard.policy.part import Part
from guard.policy.words import SEVERAL


class Machines(Part):
    """Mail that no person sends, and who answers for it."""

    never_asked: Annotated[tuple[words.Answers, ...], SEVERAL] = Field(
        (Automatic.BOUNCE, Automatic.AUTO_REPLY, Automatic.RECEIPT, Automatic.CALENDAR_REPLY),
        description="Automatic answers about which nobody is asked or told; rules only record.",
    )
    owners: dict[words.Mailbox, words.Mailbox] = Field(
        default_factory=dict,
        description="Address of a machine (its login, or MAIL FROM): the person asked instead.",
    )

    def owner_of(self, *addresses: Address | None) -> Address | None:
        """Give the person who answers for the first of *addresses* that is a machine's."""
        owners = (self.owners.get(address) for address in addresses if address is not None)
        return next((owner for owner in owners if owner is not None), None)
