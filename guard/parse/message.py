"""A message's octets as a `Message`."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from guard.model.address import Mailbox
from guard.model.message import Body, Header, Message
from guard.parse.addresses import mailboxes
from guard.parse.fields import FOR_PEOPLE
from guard.parse.heading import Head
from guard.parse.parts import Parts
from guard.parse.prose import prose
from guard.parse.structure import Tree, walk
from guard.parse.transfer import STEP
from guard.parse.words import decode_words, raw_text

_TELLING: Final = re.compile(r"[^\x00-\x7f]|@|\d[\d-]{8}")
"""Stands in a parameter that says something about somebody."""

_MESSAGE_ID: Final = re.compile(r"<[^<>\s]{1,998}>")


def parse(octets: bytes) -> Message:
    """
    Read a message (RFC 5322, MIME). Never fails.

    Text that an HTML body carries in attributes, comments and scripts is a second body of the same
    part, after the one that a reader sees; so is text whose charset is not the one declared. A
    message within the message gives a body of its own for its header (part ``2.HEADER``, as in
    IMAP); its text and attachments stand with the rest. Words in the header of a part
    (``2.MIME``), and text beside the parts (``1.PREAMBLE``, ``1.EPILOGUE``), are bodies too.
    Files that are written into the text (uuencode, base64) are attachments.
    """
    if b"\n" not in octets:
        octets = octets.replace(b"\r", b"\n")  # a file from before OS X
    tree = walk(octets)
    if _has_bare_cr(octets):
        # Where lines end is a matter of taste then, and with it where parts begin.
        tree.note("bare-cr", hides=True)
    parts = Parts(tree)
    parts.take()
    head = tree.head
    references = _MESSAGE_ID.findall(f"{head.get('references')} {head.get('in-reply-to')}")
    message_id = head.get("message-id")
    bracketed = _MESSAGE_ID.search(message_id)
    return Message(
        headers=tuple(Header(name=name, value=value) for name, value in _decoded(head)),
        subject=decode_words(head.get("subject")),
        from_=_people(tree, "from"),
        to=_people(tree, "to"),
        cc=_people(tree, "cc"),
        bcc=_people(tree, "bcc"),
        message_id=bracketed[0] if bracketed else message_id,
        references=tuple(dict.fromkeys(references)),
        date=_date(head.get("date")),
        bodies=(*parts.bodies, *_headers(tree)),
        attachments=tuple(parts.attachments),
        defects=tuple(tree.defects),
    )


def _people(tree: Tree, name: str) -> tuple[Mailbox, ...]:
    """Give the mailboxes of all fields of that name."""
    found: list[Mailbox] = []
    for given, raw in tree.head.fields:
        if given.lower() == name:
            people, refused = mailboxes(raw_text(raw))
            found.extend(people)
            if refused:
                tree.note("bad-address")
    return tuple(found)


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
        return date if date.tzinfo else date.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _has_bare_cr(octets: bytes) -> bool:
    return any(
        octets.count(b"\r", start, start + STEP) != octets.count(b"\r\n", start, start + STEP + 1)
        for start in range(0, len(octets), STEP)
    )


def _headers(tree: Tree) -> list[Body]:
    """Give what headers within the message say."""
    found = [Body(part=f"{number}.HEADER", text=_summary(head)) for number, head in tree.messages]
    for number, head in (("", tree.head), *tree.heads):
        name = head.disposition.params.get("filename") or head.content_type.params.get("name")
        # Outlook writes a file's name once more, as its description.
        lines = prose(field for field in _decoded(head) if field[1] != name) if number else ""
        said = [lines, *_asides(head, name)]
        if text := "\n".join(filter(None, said)):
            found.append(Body(part=f"{number}.MIME".lstrip("."), text=text))
    return found


def _asides(head: Head, name: str | None) -> Iterator[str]:
    """Give the parameters that no program shows, or only some do: other names, and odd values."""
    for way in (head, *head.others):
        for field in (way.content_type, way.disposition):
            if not field.params:
                continue
            for key, value in (*field.params.items(), *field.others):
                if key in FOR_PEOPLE:
                    if value != name:
                        yield value
                elif key != "boundary" and _TELLING.search(value):
                    yield value


def _decoded(head: Head) -> Iterator[tuple[str, str]]:
    """Give all fields of a header, decoded."""
    return ((name, decode_words(raw_text(raw))) for name, raw in head.fields)


def _summary(head: Head) -> str:
    """Give the header lines of a message within the message: who, and all that has words."""
    people = ((name, decode_words(head.get(name.lower()))) for name in ("From", "To", "Cc"))
    lines = [prose(_decoded(head)), *(f"{name}: {value}" for name, value in people if value)]
    return "\n".join(filter(None, lines))
