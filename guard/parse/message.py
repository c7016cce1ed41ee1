"""A message's octets as a `Message`."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import unquote

from guard.model.address import Mailbox
from guard.model.message import Attachment, Body, Header, Message
from guard.parse.addresses import mailboxes
from guard.parse.charset import decode, guess, utf8_instead
from guard.parse.embedded import BASE64, embedded
from guard.parse.flowed import unflow
from guard.parse.markup import page
from guard.parse.prose import prose
from guard.parse.removal import removable
from guard.parse.structure import MESSAGES, Head, Leaf, Tree, is_plain, walk
from guard.parse.transfer import STEP, undo
from guard.parse.words import decode_words, raw_text

_MESSAGE_ID: Final = re.compile(r"<[^<>\s]{1,998}>")
_CID: Final = re.compile(r"""\bcid:([^"'\s<>)]{1,500})""", re.IGNORECASE)
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f\s]+")
_PGP_MESSAGE: Final = "-----BEGIN PGP MESSAGE-----"

_READ_AS_TEXT: Final = {
    "text/plain", "text/html", "text/enriched", "text/richtext", "text/rfc822-headers",
    "message/delivery-status", "message/disposition-notification", "message/feedback-report",
    "message/global-delivery-status", "message/global-disposition-notification",
}  # fmt: skip
"""Types that mail programs show as part of the message, unless they are given a file name."""

_SUFFIXES: Final = {
    "text/plain": ".txt", "text/html": ".html", "text/calendar": ".ics", "text/csv": ".csv",
    "text/vcard": ".vcf", "text/x-vcard": ".vcf", "image/png": ".png", "image/jpeg": ".jpg",
    "image/gif": ".gif", "application/pdf": ".pdf", "application/zip": ".zip",
    "application/ms-tnef": ".dat", "application/pgp-signature": ".asc",
    "application/pkcs7-signature": ".p7s", "application/pkcs7-mime": ".p7m",
}  # fmt: skip

_NAME_CHARS: Final = 255

_MOST_EMBEDDED: Final = 100
"""Files within the text of a message. Who writes more of them hides something."""


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
    bodies, attachments = _contents(tree)
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
        bodies=tuple(bodies),
        attachments=tuple(attachments),
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


def _contents(tree: Tree) -> tuple[list[Body], list[Attachment]]:
    """Part the leaves into what is read in the message and what is attached to it."""
    apart = removable(tree)
    attached: list[tuple[Leaf, bytes]] = []
    attachments: list[Attachment] = []
    shown: set[str] = set()
    own: list[Body] = []
    for leaf in tree.leaves:
        octets, problem = undo(leaf.octets, leaf.head.encoding)
        if problem:
            hides = problem == "unknown-encoding" and not is_plain(octets)
            tree.note(problem, leaf.number, hides=hides)
        if _is_body(leaf.head):
            bodies = _bodies(tree, leaf, octets, shown)
            own.extend(bodies)
            # Tags may part what a reader of the page sees in one piece.
            pages = (body.text.encode("utf-8", "replace") for body in bodies if body.html)
            attachments.extend(_embedded(tree, leaf.number, b"\n".join((octets, *pages))))
        else:
            attached.append((leaf, octets))
    for number, octets in tree.beside:
        own.append(Body(part=number, text=_lines(guess(octets))))
        attachments.extend(_embedded(tree, number, octets))
    attachments += [
        _attachment(leaf, octets, shown, removable=leaf.number in apart)
        for leaf, octets in attached
    ]
    return own + _headers(tree), attachments


def _headers(tree: Tree) -> list[Body]:
    """Give what headers within the message say."""
    found = [Body(part=f"{number}.HEADER", text=_summary(head)) for number, head in tree.messages]
    for number, head in tree.heads:
        # Outlook writes a file's name once more, as its description.
        name = head.disposition.params.get("filename") or head.content_type.params.get("name")
        if text := prose(field for field in _decoded(head) if field[1] != name):
            found.append(Body(part=f"{number}.MIME", text=text))
    return found


def _embedded(tree: Tree, number: str, octets: bytes) -> list[Attachment]:
    """Give the files that stand in the text of one part."""
    found: list[Attachment] = []
    for raw_name, content in embedded(octets):
        if len(found) >= _MOST_EMBEDDED:
            tree.note("too-many-embedded", number, hides=True)
            break
        name = "" if raw_name is BASE64 else _name(raw_text(raw_name))
        found.append(
            Attachment(
                part=number,
                name=name or f"part-{number}{' base64' if raw_name is BASE64 else ''}",
                content_type="application/octet-stream",
                octets=content,
            )
        )
    return found


def _is_body(head: Head) -> bool:
    kind = head.content_type.value
    named = "filename" in head.disposition.params or "name" in head.content_type.params
    if kind.startswith("multipart/") or kind in MESSAGES:
        return True  # one that could not be taken apart: its raw text is what there is to search
    return kind in _READ_AS_TEXT and not named and head.disposition.value != "attachment"


def _bodies(tree: Tree, leaf: Leaf, octets: bytes, shown: set[str]) -> list[Body]:
    """Decode one text part; *shown* collects the Content-IDs that an HTML body shows."""
    kind = leaf.head.content_type
    text, problem = decode(octets, kind.params.get("charset"))
    if problem:
        hides = problem == "unknown-charset" and not octets.isascii()
        tree.note(problem, leaf.number, hides=hides)
    text = _lines(text)
    if _PGP_MESSAGE in text:
        tree.note("encrypted", leaf.number, hides=True)
    readings = [text]
    if (other := utf8_instead(octets)) is not None and _lines(other) != text:
        readings.append(_lines(other))
    return [body for reading in readings for body in _reading(leaf, reading, shown)]


def _reading(leaf: Leaf, text: str, shown: set[str]) -> Iterator[Body]:
    """Give what a decoded text part says."""
    kind = leaf.head.content_type
    if kind.value == "text/html":
        shown.update(unquote(cid) for cid in _CID.findall(text))
        read = page(text)
        yield Body(part=leaf.number, text=read.text, html=True)
        if read.aside:
            yield Body(part=leaf.number, text=read.aside, html=True)
        return
    if kind.params.get("format", "").lower() == "flowed":
        text = unflow(text, delsp=kind.params.get("delsp", "").lower() == "yes")
    yield Body(part=leaf.number, text=text)


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _attachment(leaf: Leaf, octets: bytes, shown: set[str], *, removable: bool) -> Attachment:
    kind, disposition = leaf.head.content_type, leaf.head.disposition
    name = _name(disposition.params.get("filename", "")) or _name(kind.params.get("name", ""))
    cid = leaf.head.get("content-id").strip().strip("<>")
    return Attachment(
        part=leaf.number,
        name=name or f"part-{leaf.number}{_SUFFIXES.get(kind.value, '')}",
        content_type=kind.value,
        octets=octets,
        charset=kind.params.get("charset"),
        inline=bool(cid) and cid in shown,
        removable=removable,
    )


def _name(text: str) -> str:
    """Make a file name fit to be shown in one line."""
    return _UNPRINTABLE.sub(" ", text).strip()[:_NAME_CHARS]


def _decoded(head: Head) -> Iterator[tuple[str, str]]:
    """Give all fields of a header, decoded."""
    return ((name, decode_words(raw_text(raw))) for name, raw in head.fields)


def _summary(head: Head) -> str:
    """Give the header lines of a message within the message: who, and all that has words."""
    people = ((name, decode_words(head.get(name.lower()))) for name in ("From", "To", "Cc"))
    lines = [prose(_decoded(head)), *(f"{name}: {value}" for name, value in people if value)]
    return "\n".join(filter(None, lines))
