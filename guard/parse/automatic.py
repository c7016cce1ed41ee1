"""
Tell automatic mail by what it is made of: its envelope, its structure, its header.

A header can be written by anybody, and nobody is asked about an automatic answer. So one counts as
such only if it goes to one recipient and carries nothing that its kind has no need of: no list can
be slipped past with a line in its header. Pure; any message gives an answer.
"""

import re
from collections.abc import Sequence
from typing import Final

from guard.model.automatic import Automatic
from guard.model.envelope import Envelope
from guard.model.message import Attachment, Message
from guard.parse.fields import structured

_METHOD: Final = re.compile(
    rb"^METHOD[ \t]*(?:;[^:\r\n]*)?:[ \t]*([A-Z-]+)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE
)
_ENCLOSED: Final = re.compile(rb"^ATTACH[;:]", re.IGNORECASE | re.MULTILINE)
"""A file within a calendar object (RFC 5545 §3.8.1.1)."""

_CALENDARS: Final = frozenset({"text/calendar", "application/ics"})
_REPLIED: Final = ("X-Autoreply", "X-Autorespond")
"""Of responders that are older than RFC 3834."""

_BULK: Final = frozenset({"bulk", "list", "junk"})


def automatic(envelope: Envelope, message: Message, *, login: bool) -> Automatic | None:
    """
    Give the sort of automatic mail that *message* is; `None` where a person may have sent it.

    *login*: whether somebody is logged in. A person who is can be asked, whatever the envelope
    says, so the null sender alone makes no bounce then.
    """
    report = _report(message)
    alone = len(envelope.recipients) == 1 and not any(d.hides_content for d in message.defects)
    if envelope.sender is None and (not login or (report == "delivery-status" and alone)):
        return Automatic.BOUNCE
    submitted = _word(message.header("Auto-Submitted"))
    bulk = _word(message.header("Precedence")) in _BULK or message.header("List-Id") is not None
    if alone:
        if report == "disposition-notification" and _only_headers(message.attachments):
            return Automatic.RECEIPT
        if _is_calendar_reply(message.attachments):
            return Automatic.CALENDAR_REPLY
        if _is_reply(submitted, message) and _only_pictures(message.attachments):
            return Automatic.AUTO_REPLY
    if bulk:
        return Automatic.BULK
    return Automatic.GENERATED if submitted not in {"", "no"} or _old_reply(message) else None


def _report(message: Message) -> str:
    """Give the type of a report (RFC 6522); empty where it is none."""
    kind = structured(message.header("Content-Type") or "")
    return kind.params.get("report-type", "").lower() if kind.value == "multipart/report" else ""


def _word(value: str | None) -> str:
    """Give the keyword of a field such as Auto-Submitted, without parameters and comments."""
    return structured(value).value if value else ""


def _is_reply(submitted: str, message: Message) -> bool:
    """Whether the header says so; Exchange calls its out-of-office mails ``auto-generated``."""
    answers = message.header("In-Reply-To") is not None
    return (
        submitted == "auto-replied"
        or (submitted == "auto-generated" and answers)
        or _old_reply(message)
    )


def _old_reply(message: Message) -> bool:
    return any(message.header(name) is not None for name in _REPLIED)


def _only_headers(attachments: Sequence[Attachment]) -> bool:
    """Whether there is nothing but the header of the message that was read."""
    return all(each.part.endswith(".HEADER") for each in attachments)


def _only_pictures(attachments: Sequence[Attachment]) -> bool:
    """Whether there is nothing but pictures within the text: the logo of a signature."""
    return all(each.inline and each.content_type.startswith("image/") for each in attachments)


def _is_calendar_reply(attachments: Sequence[Attachment]) -> bool:
    """Whether there is a calendar object that answers an invitation, and nothing else."""
    return bool(attachments) and all(
        each.content_type in _CALENDARS
        and {method.upper() for method in _METHOD.findall(each.octets)} == {b"REPLY"}
        and not _ENCLOSED.search(each.octets)
        for each in attachments
    )
