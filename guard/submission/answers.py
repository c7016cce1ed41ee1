"""What clients are told, in words of ours."""

import logging
import secrets
import traceback
from dataclasses import replace
from pathlib import Path
from typing import Final

import structlog

from guard.model.errors import GuardError
from guard.model.reply import Reply

log = structlog.get_logger()

OK: Final = Reply(250, "2.0.0", "Ok")
BYE: Final = Reply(221, "2.0.0", "Bye")
GO_AHEAD: Final = Reply(354, "", "End data with <CR><LF>.<CR><LF>")
READY_FOR_TLS: Final = Reply(220, "2.0.0", "Ready to start TLS")
UNKNOWN_COMMAND: Final = Reply(500, "5.5.1", "Command not recognised")
NOT_OFFERED: Final = Reply(502, "5.5.1", "Not offered here")
NO_ARGUMENT: Final = Reply(501, "5.5.4", "No argument is allowed here")
NO_NAME: Final = Reply(501, "5.5.4", "Say your host name")
NO_HELO: Final = Reply(503, "5.5.1", "Send EHLO first")
NESTED: Final = Reply(503, "5.5.1", "A mail transaction has begun already")
TLS_ALREADY: Final = Reply(503, "5.5.1", "TLS is on already")
LOGGED_IN_ALREADY: Final = Reply(503, "5.5.1", "You are logged in already")
NO_MAIL: Final = Reply(503, "5.5.1", "Send MAIL first")
NO_RECIPIENT: Final = Reply(554, "5.5.1", "No valid recipients")
SYNTAX: Final = Reply(501, "5.5.4", "Syntax error in the argument")
BAD_SENDER: Final = Reply(553, "5.1.7", "The sender is no valid address in angle brackets")
BAD_RECIPIENT: Final = Reply(553, "5.1.3", "The recipient is no valid address in angle brackets")
NEEDS_UTF8: Final = Reply(553, "5.6.7", "An address beyond ASCII needs SMTPUTF8")
UNKNOWN_PARAM: Final = Reply(555, "5.5.4", "Parameter not recognised")
TOO_MANY_RECIPIENTS: Final = Reply(452, "4.5.3", "Too many recipients")
NO_RELAY: Final = Reply(554, "5.7.1", "Relaying is not allowed from your address")
TLS_FIRST: Final = Reply(530, "5.7.0", "Must issue a STARTTLS command first")
LOGIN_FIRST: Final = Reply(530, "5.7.0", "Authentication required")
NO_XCLIENT: Final = Reply(550, "5.7.1", "XCLIENT is not allowed from your address")
EARLY_OCTETS: Final = Reply(554, "5.5.1", "Nothing may follow STARTTLS before the handshake")
STRAY: Final = Reply(550, "5.6.11", "Lines end in CR LF; bare CR, bare LF and NUL are not accepted")
TOO_BIG: Final = Reply(552, "5.3.4", "Message exceeds the size limit")
TOO_SLOW: Final = Reply(421, "4.4.2", "Too slow")
TOO_LONG: Final = Reply(500, "5.5.2", "Line too long")
BARE_LF: Final = Reply(500, "5.5.2", "Lines end in CR LF")
ODD_OCTETS: Final = Reply(500, "5.5.2", "Line with octets that have no place in a command")
TIMEOUT: Final = Reply(421, "4.4.2", "Timeout, closing the connection")
GOING_DOWN: Final = Reply(421, "4.3.2", "Going down, try again later")
TOO_MANY_CONNECTIONS: Final = Reply(421, "4.7.0", "Too many connections, try again later")
TOO_MANY_COMMANDS: Final = Reply(421, "4.7.0", "Too many commands without a message")
LOGIN_LOST: Final = Reply(421, "4.4.1", "The mail server is gone, log in again later")
VRFY: Final = Reply(252, "2.5.0", "Try it and see")
HELP: Final = Reply(214, "2.0.0", "See RFC 5321")


class RefusedError(Exception):
    """A command cannot be carried out; *reply* says why."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.code)
        self.reply = reply


def fault(error: Exception) -> Reply:
    """Log a failure of ours, without its words, and give the reply for it."""
    fault_id = secrets.token_hex(4)
    frames = traceback.extract_tb(error.__traceback__)
    expected = isinstance(error, GuardError)
    log.log(
        logging.WARNING if expected else logging.ERROR,
        "submission.failed",
        fault_id=fault_id,
        error=type(error).__name__,
        where=f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "",
    )
    if isinstance(error, GuardError):
        return error.reply
    return Reply(451, "4.3.0", f"Temporary failure {fault_id}, try again later")


def passed_on(reply: Reply) -> Reply:
    """Give the upstream's reply as ours: 421 would say that it is we who hang up."""
    return replace(reply, code=451) if reply.code == 421 else reply
