"""
Logs: JSON lines for machines, coloured lines on a terminal. No content, token or secret, ever.

Event names are ``noun.verb``; values are keywords. Addresses go through `Pseudonyms`.
"""

import contextlib
import hashlib
import hmac
import io
import logging
import sys
from typing import Final, Literal, TextIO, cast

import structlog
from prometheus_client import Counter

LOST: Final = Counter("guard_log_lines_lost", "Log lines that could not be written.")
LEVELS: Final = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def configure(*, level: str = "info", stream: TextIO = sys.stderr) -> None:
    """Set up structlog for the whole process, and keep the libraries' own loggers quiet."""
    on_terminal = stream.isatty()
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer()
        if on_terminal
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="ts"),
            _without_text_of_exceptions,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", _Unfailing(stream))),
        cache_logger_on_first_use=False,
    )
    # aiosmtpd logs addresses at INFO and whole bodies at DEBUG.
    for name in ("mail.log", "mail.debug", "uvicorn", "aiosqlite", "sqlalchemy", "multipart"):
        quiet = logging.getLogger(name)
        quiet.handlers = [logging.NullHandler()]
        quiet.propagate = False
        quiet.setLevel(logging.CRITICAL)


class _Unfailing(io.TextIOBase):
    """
    A stream that never raises: what cannot be written is counted and let go.

    A full disk under the log must not take the reply from a client whose mail is accepted: it
    would send it again.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except (OSError, ValueError):
            LOST.inc(bool(text.strip()))  # the line's end comes by itself
            return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._stream.flush()


def _without_text_of_exceptions(
    _logger: object, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """
    Replace an exception by its class and the places it passed.

    Its text may quote what it choked on: an address, a line of a message, a password.
    """
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
        event["at"] = _places(error)
    return event


def _places(error: BaseException) -> list[str]:
    places, trace = [], error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        module = trace.tb_frame.f_globals.get("__name__", "?")
        places.append(f"{module}.{code.co_name}:{trace.tb_lineno}")
        trace = trace.tb_next
    return places[-6:]


class Pseudonyms:
    """How addresses stand in the log: the domain in clear, the local part as a keyed hash."""

    def __init__(self, key: bytes, show: Literal["full", "domain", "hash"] = "hash") -> None:
        self._key = key
        self._show = show

    def __call__(self, address: object) -> str:
        """Give what may be logged for *address* (`None` is the null sender)."""
        text = "" if address is None else str(address)
        if self._show == "full" or not text:
            return text or "<>"
        local, _, domain = text.rpartition("@")
        if self._show == "domain":
            return f"@{domain}"
        digest = hmac.digest(self._key, local.casefold().encode(errors="replace"), hashlib.sha256)
        return f"a:{digest[:3].hex()}@{domain}"
