"""Mail that was sent, from where it lies: mbox, Maildir, folders of .eml, event lines."""

import gzip
import os
import zlib
from collections.abc import Iterator
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO, Final

from guard.contacts.events import Event, read_events
from guard.contacts.sources.changes import Broken, Mark
from guard.contacts.sources.mbox import MOST_OCTETS, split
from guard.model.contact import Exchange
from guard.model.errors import SourceError

_TAIL: Final = 4096
"""Octets before a mark in an mbox by which it is known again."""

_OFTEN: Final = 1000
"""Messages of an mbox between two marks."""

_MARGIN_NS: Final = 60 * 10**9
"""Clocks of file servers differ: files that are older by this much are looked at again."""


def read_sent(path: Path, *, now: datetime) -> Iterator[Event | Broken]:
    """
    Give all mail that *path* holds, whatever kind of store it is, lazily.

    A message without a sender or a recipient is `Broken`; a date that is missing or lies after
    *now* counts as *now*.

    Raises:
        SourceError: It is no store that is known, or cannot be read.
    """
    if path.is_dir():
        yield from (each for each in read_folder(path, now=now) if not isinstance(each, Mark))
    elif path.name.endswith((".jsonl", ".jsonl.gz", ".ndjson")):
        yield from events_file(path)
    elif _head(path).startswith(b"From "):
        yield from (each for each in read_mbox(path, now=now) if not isinstance(each, Mark))
    elif path.suffix == ".eml":
        yield from _mail(path, now)
    else:
        raise SourceError(
            f"{path}: not an mbox, a Maildir, a folder of .eml files or a .jsonl of events"
        )


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


def exchange_of(octets: bytes, *, now: datetime) -> Exchange | None:
    """
    Give one message as history sees it; `None` without sender or recipient.

    One without a Message-ID gets a name by its octets: so it can be known again. Subject and text
    teach nothing, and are left out.
    """
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
        message_id=message.message_id or f"<{blake2b(octets, digest_size=16).hexdigest()}@unnamed>",
        references=message.references,
    )


def read_mbox(path: Path, *, now: datetime, since: str = "") -> Iterator[Exchange | Broken | Mark]:
    """
    Give the mail of an mbox, from the mark *since* on if the file only grew after it was made.

    Raises:
        SourceError: It cannot be read.
    """
    try:
        with path.open("rb") as file:
            file.seek(_begin(file, since))
            if file.tell() == 0 and _head(path) not in {b"From ", b""}:
                raise SourceError(f"{path}: is no mbox; one begins with “From ”")
            end = file.tell()
            for number, (end, octets) in enumerate(split(file), 1):
                exchange = exchange_of(octets, now=now)
                yield exchange or Broken(
                    f"{path}: the message that ends at octet {end:,} has no sender or no recipient"
                )
                if number % _OFTEN == 0:
                    yield _mark(path, end)
            yield _mark(path, end)
    except OSError as error:
        raise SourceError(f"{path}: cannot be read ({error.strerror or 'damaged'})") from error


def _begin(file: BinaryIO, since: str) -> int:
    """Give the offset of a mark, if what stands before it is what stood there."""
    offset, _, tail = since.partition(":")
    if not offset.isdecimal() or int(offset) > os.fstat(file.fileno()).st_size:
        return 0
    return int(offset) if _tail(file, int(offset)) == tail else 0


def _mark(path: Path, offset: int) -> Mark:
    # Opened anew: the other one reads ahead.
    with path.open("rb") as file:
        return Mark(f"{offset}:{_tail(file, offset)}")


def _tail(file: BinaryIO, offset: int) -> str:
    begin = max(0, offset - _TAIL)
    file.seek(begin)
    return blake2b(file.read(offset - begin), digest_size=16).hexdigest()


def read_folder(
    path: Path, *, now: datetime, since: str = ""
) -> Iterator[Exchange | Broken | Mark]:
    """
    Give the mail of a Maildir with its folders (``.Sent``), or of all .eml files below *path*.

    With the mark *since* only of files that were put there after it was made, by the change time
    of their inodes: a copy keeps its other times.

    Raises:
        SourceError: It is neither, or cannot be read.
    """
    newest = int(since) if since.isdecimal() else 0
    after = newest - _MARGIN_NS
    try:
        for file in files_in(path):
            try:
                changed = file.stat().st_ctime_ns
            except FileNotFoundError:
                continue  # a mail program moved it while we looked
            newest = max(newest, changed)
            if changed > after or not since:
                yield from _mail(file, now)
    except OSError as error:
        raise SourceError(f"{path}: cannot be read ({error.strerror or 'damaged'})") from error
    yield Mark(str(newest))


def _mail(file: Path, now: datetime) -> Iterator[Exchange | Broken]:
    try:
        with file.open("rb") as opened:
            octets = opened.read(MOST_OCTETS)
    except OSError as error:
        yield Broken(f"{file}: cannot be read ({error.strerror})")
        return
    yield exchange_of(octets, now=now) or Broken(f"{file}: has no sender or no recipient")


def files_in(path: Path) -> Iterator[Path]:
    """
    Give the files of a Maildir with its folders, or all .eml files below *path*.

    Raises:
        SourceError: It is neither.
    """
    return _maildir(path) if _is_maildir(path) else _eml(path)


def _is_maildir(path: Path) -> bool:
    return (path / "cur").is_dir() and (path / "new").is_dir()


def _maildir(path: Path) -> Iterator[Path]:
    """Every message of a Maildir and of its folders, in order of names, which is that of time."""
    for place in (path, *sorted(path.glob(".*"))):
        for part in ("cur", "new"):
            if (place / part).is_dir():
                # Names as texts: of a million, paths would take half a gigabyte.
                with os.scandir(place / part) as found:
                    names = sorted(each.name for each in found)
                yield from (place / part / name for name in names)


def _eml(path: Path) -> Iterator[Path]:
    found = False
    for folder, folders, names in os.walk(path):
        folders.sort()
        for name in sorted(names):
            if name.lower().endswith(".eml"):
                found = True
                yield Path(folder, name)
    if not found:
        raise SourceError(f"{path}: neither a Maildir nor a folder with .eml files in it")


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as opened:
            return opened.read(5)
    except OSError as error:
        raise SourceError(f"{path}: cannot be read ({error.strerror})") from error
