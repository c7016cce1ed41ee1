"""The way in: who a client is."""

from dataclasses import dataclass, field
from typing import Protocol

from guard.model.address import Address
from guard.ports.upstream import Upstream


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a client proves itself with (RFC 4422); never kept, never logged."""

    mechanism: str
    """In upper case: ``PLAIN``, ``LOGIN``, ``XOAUTH2``, ``OAUTHBEARER``, ``EXTERNAL``."""

    identity: str
    """Who it says it is (authentication identity)."""

    secret: str = field(default="", repr=False)
    """Password or bearer token; empty with EXTERNAL, where a certificate spoke."""

    response: bytes = field(default=b"", repr=False)
    """The initial response as the client gave it, decoded: for mechanisms that are passed on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Somebody who proved who they are."""

    name: str
    """The identity, as it will stand in the hold and in the audit log."""

    address: Address | None
    """Their mail address; `None` where nobody knows it."""

    upstream: "OwnUpstream | None" = None
    """A way out of their own, where the login was passed on; else all share one."""


class OwnUpstream(Upstream, Protocol):
    """
    A connection to the real mail server on which one client is logged in.

    It cannot be made again, for the secret is gone: once lost, `transaction` raises
    `UpstreamError`, and the session ends with 421 so that the client logs in anew.
    """

    @property
    def lost(self) -> bool:
        """Whether the connection is lost, and the login with it."""

    async def close(self) -> None:
        """Take leave of the upstream."""


class Authenticator(Protocol):
    """Checks logins."""

    def mechanisms(self, *, certificate: bool) -> tuple[str, ...]:
        """
        Give the mechanisms that can succeed now, in the order to announce them.

        *certificate* says whether the client showed one that was verified.
        """

    async def log_in(self, credentials: Credentials) -> Login:
        """
        Check *credentials*.

        Raises:
            LoginRefusedError: They are wrong; its `answer` is for the client (535 5.7.8, or the
                upstream's own).
            UpstreamError: Nobody can say now.
        """
