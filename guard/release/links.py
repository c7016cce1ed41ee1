"""The link that a notice carries: made anew from a key when needed, kept only as a hash."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass

from guard.model.hold import Hold


@dataclass(frozen=True, slots=True)
class Links:
    """
    Makes the token of a hold: HMAC-SHA256 over hold, person and serial, 256 bits, base64url.

    A reminder, or a notice job that crashed, makes the same token again; who steals the database
    without the key makes none.
    """

    current: tuple[str, bytes]
    """Id and bytes of the link key for new holds."""

    key: Callable[[str], bytes]
    """Gives the link key of an id, current or older."""

    def token(self, hold: Hold) -> str:
        """Give the token of the hold's current link."""
        said = "\0".join((hold.id, hold.owner.key, str(hold.token_serial)))
        digest = hmac.digest(self.key(hold.link_key), said.encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def fingerprint(token: str) -> bytes:
    """Give the hash under which a token is kept."""
    return hashlib.sha256(token.encode(errors="replace")).digest()
