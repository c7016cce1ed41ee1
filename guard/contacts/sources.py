"""Mail that was sent, from where it lies: mbox, Maildir, folders of .eml, event lines."""

import gzip
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from guard.contacts.events import Event, read_events
from guard.model.contact import Exchange
from guard.model.errors import SourceError

MOST_OCTETS: Final = 64 * 1024
"""Of a message this much is read: headers and the top of the text; attachments teach nothing."""


def read_sent(path: Path, *, now: datetime) -> Iterator[Event]:
    """
    Give all mail that *path* holds, whatever kind of store it is, lazily.

    A message without a sender or a recipient is left out; a date that is missing or lies after
    *now* counts as *now*.

    Raises:
        SourceError: It is no store that is known, or cannot be read.
    """
    try:
        if path.is_dir():
            yield from _exchanges(_maildir(path) if _is_maildir(path) else _folder(path), now)
        elif path.name.endswith((".jsonl", ".jsonl.gz", ".ndjson")):
            yield from events_file(path)
        elif _head(path).startswith(b"From "):
            yield from _exchanges(_mbox(path), now)
        elif path.suffix == ".eml":
            yield from _exchanges(iter((_part(path),)), now)
        else:
            raise SourceError(
                f"{path}: not an mbox, a Maildir, a folder of .eml files or a .jsonl of events"
            )
    except OSError as error:
        raise SourceError(f"{path}: cannot be read ({error.strerror or 'damaged'})") from error
    except EOFError as error:
        raise SourceError(f"{path}: ends too early; the file is damaged") from error


def events_file(path: Path) -> Iterator[Event]:
    """
    Read a file of event lines, compressed if its name ends in ``.gz``.

    Raises:
        SourceError: It cannot be read, or a line is no event.
    """
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as lines:
            yield from read_events(lines, str(path))
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError(f"{path}: cannot be read ({type(error).__name__})") from error


def _exchanges(messages: Iterator[bytes], now: datetime) -> Iterator[Exchange]:
    for octets in messages:
        exchange = exchange_of(octets, now=now)
        if exchange is not None:
            yield exchange


def exchange_of(octets: bytes, *, now: datetime) -> Exchange | None:
    """Give one message as history sees it; `None` without sender or recipient."""
    from guard.parse import parse  # event lines need none of it

    message = parse(octets)
    recipients = {box.address: box for box in (*message.to, *message.cc, *message.bcc)}
    if not message.from_ or not recipients:
        return None
    date = message.date or now
    return Exchange(
        sender=message.from_[0],
        recipients=tuple(recipients.values()),
        at=min(date, now),
        message_id=message.message_id,
        references=message.references,
        subject=message.subject,
        text=message.text,
    )


def _is_maildir(path: Path) -> bool:
    return (path / "cur").is_dir() and (path / "new").is_dir()


def _maildir(path: Path) -> Iterator[bytes]:
    """Every message of a Maildir and of its folders (``.Sent``), in order of names."""
    for place in (path, *sorted(path.glob(".*"))):
        for part in ("cur", "new"):
            if (place / part).is_dir():
                yield from (_part(file) for file in sorted((place / part).iterdir()))


def _folder(path: Path) -> Iterator[bytes]:
    found = False
    for file in sorted(path.rglob("*.eml")):
        found = True
        yield _part(file)
    if not found:
        raise SourceError(f"{path}: neither a Maildir nor a folder with .eml files in it")


def _mbox(path: Path) -> Iterator[bytes]:
    """Part an mbox at its From lines (RFC 4155); quoting of ``>From`` is left as it is."""
    message: list[bytes] = []
    size, blank = 0, True
    with path.open("rb") as lines:
        for line in lines:
            if blank and line.startswith(b"From "):
                if message:
                    yield b"".join(message)
                message, size = [], 0
            elif size < MOST_OCTETS:
                message.append(line)
                size += len(line)
            blank = line in {b"\n", b"\r\n"}
    if message:
        yield b"".join(message)


def _part(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(MOST_OCTETS)


def _head(path: Path) -> bytes:
    with path.open("rb") as opened:
        return opened.read(5)
