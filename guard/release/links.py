"""The link that a notice carries: made anew from a key when needed, kept only as a hash."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass

from guard.model.address import Address
from guard.model.hold import Hold


@dataclass(frozen=True, slots=True)
class Links:
    """
    Makes the token of a hold for a person: HMAC-SHA256 over both and a serial, in base64url.

    A reminder, or a notice job that crashed, makes the same token again; who steals the database
    without the key makes none.
    """

    current: tuple[str, bytes]
    """Id and bytes of the link key for new holds."""

    key: Callable[[str], bytes]
    """Gives the link key of an id, current or older."""

    def token(self, hold: Hold, person: Address | None = None) -> str:
        """Give the token of a person's current link to *hold*; its owner's, if nobody is named."""
        whose = person or hold.owners[0]
        said = "\0".join((hold.id, whose.key, str(hold.token_serial)))
        digest = hmac.digest(self.key(hold.link_key), said.encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")

    def tokens(self, hold: Hold) -> dict[bytes, Address]:
        """Give the hash of each token of *hold*, with the person whose link it is."""
        return {fingerprint(self.token(hold, person)): person for person in hold.people}


def fingerprint(token: str) -> bytes:
    """Give the hash under which a token is kept."""
    return hashlib.sha256(token.encode(errors="replace")).digest()
