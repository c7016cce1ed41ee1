"""A client's login (RFC 4954): the exchange, what became of it, and patience with wrong ones."""

import asyncio
from base64 import b64encode
from collections.abc import Awaitable, Callable
from typing import Final, cast

import structlog
from prometheus_client import Counter

from guard.model.errors import GuardError, LoginRefusedError
from guard.model.reply import Reply
from guard.ports import Authenticator, Credentials, Login
from guard.submission.answers import TOO_LONG, RefusedError
from guard.submission.entry.connection import ClientConnection, GoneError
from guard.submission.login.sasl import (
    AUTH_OCTETS,
    MalformedError,
    begin,
    decoded,
    initial_response,
)

log = structlog.get_logger()

LOGINS = Counter(
    "guard_smtp_auth",
    "Logins of clients, by what became of them: ok, refused, malformed, cancelled, unanswered.",
    ["mechanism", "result"],
)

FAILURES: Final = 3
"""Wrong logins in one session after which it ends."""

LONGEST_PAUSE_S: Final = 16.0
"""Seconds; a session that asks on while nobody can say waits no longer for each answer."""

WELCOME: Final = Reply(235, "2.7.0", "Authentication successful")
NO_SUCH_MECHANISM: Final = Reply(504, "5.5.4", "Authentication mechanism not available")
CANCELLED: Final = Reply(501, "5.7.0", "Authentication cancelled")
MALFORMED: Final = Reply(501, "5.5.2", "Cannot read the authentication response")
EXCHANGE_TOO_LONG: Final = Reply(500, "5.5.6", "Authentication exchange line is too long")
NOBODY_CAN_SAY: Final = Reply(454, "4.7.0", "Temporary authentication failure, try again later")
TOO_MANY_FAILURES: Final = Reply(421, "4.7.0", "Too many failed logins")


class Authentication:
    """
    The AUTH command of one session.

    The session decides when it may come: under TLS, outside of a transaction, once.
    """

    def __init__(
        self,
        talk: ClientConnection,
        authenticator: Authenticator,
        *,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """*pause* waits for some seconds: it makes guessing slow."""
        self._talk = talk
        self._authenticator = authenticator
        self._pause = pause
        self._failures = 0
        self._unanswered = 0

    def offered(self, *, certificate: str | None) -> tuple[str, ...]:
        """
        Give the mechanisms for EHLO.

        *certificate* is the identity that a verified client certificate gave.
        """
        return self._authenticator.mechanisms(certificate=certificate is not None)

    async def auth(self, argument: str, *, certificate: str | None) -> Login | None:
        """
        Carry an AUTH command out, from its *argument* to its last reply; say who it is.

        `None`: nobody was logged in, and the client knows why. After the third failure 421 is said,
        and `GoneError` raised.
        """
        login: Login | None = None
        name, _, word = argument.partition(" ")
        mechanism = name.upper()
        if mechanism not in self.offered(certificate=certificate):
            raise RefusedError(NO_SUCH_MECHANISM)
        try:
            login = await self._authenticator.log_in(
                await self._exchange(mechanism, word.strip(" "), certificate)
            )
        except _CancelledError:
            result, answer = "cancelled", CANCELLED
        except MalformedError:
            result, answer = "malformed", MALFORMED
        except _TooLongError:
            result, answer = "malformed", EXCHANGE_TOO_LONG
        except LoginRefusedError as refused:
            answer = refused.answer
            result = "refused" if answer.is_permanent else "unanswered"
        except GuardError:
            result, answer = "unanswered", NOBODY_CAN_SAY
        else:
            result, answer = "ok", WELCOME
        # Not before here: an exception keeps the frames that it passed, and these the secret.
        await self._done(mechanism, result, answer)
        return login

    async def _exchange(self, mechanism: str, word: str, certificate: str | None) -> Credentials:
        """Ask until the mechanism has what it needs."""
        exchange = begin(mechanism, certificate=certificate)
        challenge = next(exchange)
        response = initial_response(word)
        while True:
            if response is None:
                response = await self._ask(challenge)
            try:
                challenge = exchange.send(response)
            except StopIteration as end:
                return cast("Credentials", end.value)
            response = None

    async def _ask(self, challenge: bytes) -> bytes:
        """Say a challenge, and wait for the response to it."""
        self._talk.say(Reply(334, "", b64encode(challenge).decode("ascii")))
        line = await self._talk.line(most=AUTH_OCTETS)
        if line == "*":
            raise _CancelledError
        if isinstance(line, Reply):
            raise _TooLongError if line is TOO_LONG else MalformedError
        return decoded(line)

    async def _done(self, mechanism: str, result: str, answer: Reply) -> None:
        """
        Count and tell what became of it; a failure later each time, and in the end for good.

        What nobody could say costs the same pause, for whoever floods us brings it about; but it
        ends no session, for the login may be right.
        """
        LOGINS.labels(mechanism, result).inc()
        if result == "ok":
            log.info("client.logged_in", mechanism=mechanism)
        else:
            log.info("client.login_failed", mechanism=mechanism, result=result)
        if result in {"malformed", "refused"}:
            self._failures += 1
        if result == "unanswered":
            self._unanswered += 1
        if result in {"malformed", "refused", "unanswered"}:
            earlier = self._failures + self._unanswered - 1
            await self._pause(min(2**earlier, LONGEST_PAUSE_S))
        if self._failures >= FAILURES:
            self._talk.part(TOO_MANY_FAILURES)
            raise GoneError
        self._talk.say(answer)


class _CancelledError(Exception):
    """The client gave the exchange up."""


class _TooLongError(Exception):
    """A response is longer than `AUTH_OCTETS`."""
