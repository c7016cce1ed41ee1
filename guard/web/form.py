"""Forms that a browser posts: who may post, how much, and what was said."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, quote_plus, urlsplit

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request

from guard.model.hold import Hold

BODY_BYTES: Final = 64 * 1024
"""Largest form; one with very many boxes gets what its own boxes need."""

FIELD_LETTERS: Final = 500
"""Longest text that is taken from a field; what is over is cut off."""

FIELDS_BYTES: Final = 8 * 1024
"""What the fields other than boxes can take."""

FORM_S: Final = 30.0
"""Seconds that a browser may take to send its form."""


class TooLarge(Exception):  # noqa: N818 -- an answer, not a fault
    """The body is larger than any form of ours."""


class NoForm(Exception):  # noqa: N818 -- an answer, not a fault
    """The body is none that a form of ours would give."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The fields of the form, as they came."""

    action: str = ""
    ticked: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    domain: str = ""
    reason: str = ""
    never_again: bool = False
    question: str = ""
    password: str = field(default="", repr=False)


def is_ours(headers: Headers, public_url: str) -> bool:
    """
    Tell whether a POST comes from a page of ours.

    Browsers say ``null`` for the origin under ``Referrer-Policy: no-referrer``, and programs
    that are no browsers say nothing; both hold the token, which is the key.
    """
    if headers.get("sec-fetch-site", "none") in {"cross-site", "same-site"}:
        return False
    origin = headers.get("origin", "null")
    return origin == "null" or _origin(origin) == _origin(public_url)


def room(hold: Hold) -> int:
    """Give the octets that the form of *hold* can have, with every box ticked."""
    boxes = sum(len(quote_plus(each.text)) + len("&confirm=") for each in hold.verdict.doubtful)
    boxes += sum(len(part) + len("&without=") for part in hold.parts)
    return max(BODY_BYTES, boxes + FIELDS_BYTES)


async def read(request: Request, more: Callable[[], Awaitable[int]]) -> bytes:
    """
    Read the body, up to `BODY_BYTES`; past that *more* is asked, once, for the real limit.

    Raises:
        TooLarge: There is more than that.
        ClientDisconnect: The browser went away, or needs longer than `FORM_S`.
    """
    body = bytearray()
    limit = BODY_BYTES
    try:
        async with asyncio.timeout(FORM_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > limit == BODY_BYTES:
                    limit = await more()
                if len(body) > limit:
                    raise TooLarge
    except TimeoutError as error:
        raise ClientDisconnect from error
    return bytes(body)


def parse(content_type: str, body: bytes) -> Said:
    """
    Read the fields of a form.

    Raises:
        NoForm: It is not ``application/x-www-form-urlencoded`` text.
    """
    if content_type.partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise NoForm
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError as error:
        raise NoForm from error
    last = dict(pairs)
    return Said(
        action=last.get("action", ""),
        ticked=frozenset(value for name, value in pairs if name == "confirm"),
        without=frozenset(value for name, value in pairs if name == "without"),
        domain=last.get("domain", "")[:FIELD_LETTERS].strip(),
        reason=last.get("reason", "")[:FIELD_LETTERS].strip(),
        never_again="never_again" in last,
        question=last.get("question", "")[:FIELD_LETTERS],
        password=last.get("password", "")[:FIELD_LETTERS],
    )


def _origin(url: str) -> tuple[str, str, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return ("", "", None)
    return (parts.scheme, parts.hostname or "", port)
