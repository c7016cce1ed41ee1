"""Which header fields carry words of whoever wrote the message."""

import re
from collections.abc import Iterable
from typing import Final

_PEOPLE: Final = (
    r"(?:resent-)?(?:from|to|cc|bcc|reply-to|sender)|apparently-to|errors-to|return-receipt-to"
)
_OF_PEOPLE: Final = re.compile(_PEOPLE, re.IGNORECASE)
_ADDRESS: Final = re.compile(r"<[^<>]*>|[^\s<>\"(),;:@]{1,64}@[^\s<>\"(),;:@]+")
_NUMBER: Final = re.compile(r"\d(?:[ -]?\d){5}")
"""No name has so many digits in it."""

_MOST_CHARS: Final = 65_536

_NO_PROSE: Final = re.compile(
    # Who: everybody in these is the sender or gets the message.
    rf"{_PEOPLE}"
    r"|disposition-notification-to|delivered-to|return-path|x-(?:original|envelope)-(?:to|from)"
    r"|x-(?:sender|receiver)|autocrypt"
    # When and along which way.
    r"|(?:resent-)?(?:date|message-id)|references|in-reply-to|(?:x-)?received(?:-spf)?"
    r"|thread-index|mime-version|user-agent|x-mailer"
    # What machines say to machines.
    r"|(?:x-)?(?:google-)?dkim-signature|domainkey-signature|arc-.*|authentication-results"
    r"|x-ms-exchange-.*|x-microsoft-antispam.*"
    # What gives a part its structure.
    r"|content-(?:type|transfer-encoding|disposition|id|md5|length|language)",
    re.IGNORECASE,
)


def prose(fields: Iterable[tuple[str, str]]) -> str:
    """
    Give the fields, name and decoded value, that a reader of the source would find words in.

    Left out are fields of addresses, of the way here, of signatures, and of MIME's structure; but
    of addresses, what is beside them counts where it has a number in it.
    """
    return "\n".join(
        f"{name}: {said}" for name, value in fields if value and (said := _said(name, value))
    )


def _said(name: str, value: str) -> str:
    """Give the words of a field; empty where they are none of its writer's."""
    if not _NO_PROSE.fullmatch(name):
        return value
    if len(value) > _MOST_CHARS or not _OF_PEOPLE.fullmatch(name):
        return ""
    beside = _ADDRESS.sub("", value)
    return beside if _NUMBER.search(beside) else ""
