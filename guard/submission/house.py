"""What all sessions of a server share."""

from collections.abc import Callable
from dataclasses import dataclass

from guard.config import Listen
from guard.config.mail import Limits
from guard.memory import Memory
from guard.ports import Authenticator, Upstream
from guard.submission.entry.connection import ClientConnection
from guard.submission.login.authentication import Authentication
from guard.submission.mail.mailing import Accept, Mailing


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What a session finds here, whichever listener its client came in by."""

    name: str
    """Our host name."""

    limits: Limits
    """What clients may ask for."""

    upstream: Upstream
    """Where MAIL and RCPT are proposed, unless a login brings a way out of its own."""

    accept: Accept
    """Takes submissions, and ends their transactions."""

    room: Callable[[], bool]
    """Whether another message could be kept; where it could not, MAIL is put off."""

    memory: Memory
    """What messages on their way in may take."""

    authenticator: Authenticator | None
    """Checks logins; `None`: nobody can log in."""

    login_domain: str | None
    """Domain of a login without one, where a proxy has checked it."""

    def mailing(self, talk: ClientConnection, listen: Listen) -> Mailing:
        """Give what takes mail from a client of *listen*."""
        return Mailing(
            talk,
            limits=self.limits,
            upstream=self.upstream,
            accept=self.accept,
            room=self.room,
            memory=self.memory,
            normalize=listen.stray_line_ends == "normalize",
        )

    def authentication(self, talk: ClientConnection, listen: Listen) -> Authentication | None:
        """Give what logs a client of *listen* in; `None`: nobody can log in there."""
        if self.authenticator is None or listen.auth == "none":
            return None
        return Authentication(talk, self.authenticator)
