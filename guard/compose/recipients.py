"""Who gets a held mail, and what its header fields say about that."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from guard.model.hold import Hold


class Part(StrEnum):
    """Where a recipient stands."""

    TO = "to"
    CC = "cc"
    BCC = "bcc"
    """Gets the mail, and stands in no header field."""

    SENT = "sent"
    """Was among the recipients, in doubt to no rule, and gets the mail at once."""

    NONE = "none"
    """Stands in a header field or was meant to get the mail, and does not get it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One line of the list of recipients."""

    text: str
    part: Part
    domain: str = ""
    """For comparing; empty for one who only stands in a header field."""

    doubtful: bool = False


def parted(hold: Hold) -> Iterator[Listed]:
    """
    Give everybody who gets the mail, doubtful ones first in each part, then those who do not.

    Between them stand those who have it already.
    """
    to, cc = frozenset(hold.to), frozenset(hold.cc)
    doubtful = frozenset(hold.verdict.doubtful)
    getting = {
        address: Part.TO if address.key in to else Part.CC if address.key in cc else Part.BCC
        for address in hold.recipients
    }
    for part in (Part.TO, Part.CC, Part.BCC):
        here = [address for address, where in getting.items() if where is part]
        for address in sorted(here, key=lambda one: one not in doubtful):
            yield Listed(
                text=address.text, part=part, domain=address.domain, doubtful=address in doubtful
            )
    for address in hold.already:
        yield Listed(text=address.text, part=Part.SENT, domain=address.domain)
    known = {address.key for address in (*getting, *hold.already)}
    dropped = [each for each in hold.envelope.addresses if each.key not in known]
    for address in dropped:
        yield Listed(text=address.text, part=Part.NONE, domain=address.domain)
    known.update(address.key for address in dropped)
    for key in dict.fromkeys((*hold.to, *hold.cc)):
        if key not in known:
            yield Listed(text=key, part=Part.NONE)
