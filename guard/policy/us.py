"""Who we are: what ``us:`` says."""

from typing import Annotated

from pydantic import Field

from guard.model.address import Address
from guard.policy import words
from guard.policy.globs import fits
from guard.policy.part import Part
from guard.policy.words import SEVERAL


class Us(Part):
    """Who we are."""

    domains: Annotated[tuple[words.Domain, ...], SEVERAL] = Field(
        min_length=1, description="Our own domains; what stands below them is ours too."
    )
    language: words.Language = Field(
        "en", description="What notices speak where the sender's own language is not known."
    )
    time_zone: words.TimeZone = Field("UTC", description="For times on notices and pages.")
    shared_mailboxes: dict[words.Mailbox, Annotated[tuple[words.Mailbox, ...], SEVERAL]] = Field(
        default_factory=dict, description="Shared address: those who may use and answer for it."
    )
    send_as: dict[words.Mailbox, Annotated[tuple[words.AddressGlob, ...], SEVERAL]] = Field(
        default_factory=dict,
        description="Address of a login: others, with * and ?, that it may send as.",
    )

    groups: dict[words.Name, Annotated[tuple[words.AddressGlob, ...], SEVERAL]] = Field(
        default_factory=dict,
        description="Name for addresses, with * and ?, that rules speak of together.",
    )

    def covers(self, address: Address) -> bool:
        """Whether *address* is of our domains, or of one below them."""
        return any(
            address.domain == ours or address.domain.endswith(f".{ours}") for ours in self.domains
        )

    def groups_of(self, address: Address) -> tuple[str, ...]:
        """Give the names of the groups that *address* is in."""
        return tuple(name for name, members in self.groups.items() if fits(members, address))
