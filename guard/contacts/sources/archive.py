"""Whole messages of an mbox, a Maildir or a folder of .eml, in the order of their dates."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from guard.contacts.sources.mbox import MOST_OCTETS, split
from guard.contacts.sources.sent import exchange_of, files_in
from guard.model.contact import Exchange
from guard.model.errors import SourceError


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One message, and where its octets are."""

    exchange: Exchange
    """By its header alone."""

    path: Path
    start: int = 0
    size_bytes: int = 0
    """0: the whole file."""

    def octets(self) -> bytes:
        """
        Read it, with the line ends that mail has on its way (RFC 5321 §2.3.8).

        Raises:
            OSError: It cannot be read any more.
        """
        with self.path.open("rb") as file:
            file.seek(self.start)
            octets = file.read(self.size_bytes or -1)
        if self.size_bytes and octets.startswith(b"From "):
            octets = octets.partition(b"\n")[2]
        return octets.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def letters(path: Path, *, now: datetime) -> Sequence[Letter]:
    """
    Give every message that has a sender and a recipient, the oldest first.

    A date that is missing or lies after *now* counts as *now*.

    Raises:
        SourceError: *path* is none of these, or cannot be read.
    """
    try:
        found = list(_in_folder(path, now) if path.is_dir() else _in_file(path, now))
    except OSError as error:
        raise SourceError(f"{path}: cannot be read ({error.strerror or 'damaged'})") from error
    return sorted(found, key=lambda letter: letter.exchange.at)


def _in_folder(path: Path, now: datetime) -> Iterator[Letter]:
    for file in files_in(path):
        with file.open("rb") as opened:
            exchange = exchange_of(opened.read(MOST_OCTETS), now=now)
        if exchange is not None:
            yield Letter(exchange=exchange, path=file)


def _in_file(path: Path, now: datetime) -> Iterator[Letter]:
    with path.open("rb") as file:
        if not file.read(5).startswith(b"From "):
            file.seek(0)
            exchange = exchange_of(file.read(MOST_OCTETS), now=now)
            if exchange is None or path.suffix != ".eml":
                raise SourceError(f"{path}: not an mbox, a Maildir or a folder of .eml files")
            yield Letter(exchange=exchange, path=path)
            return
        file.seek(0)
        start = 0
        for end, octets in split(file):
            exchange = exchange_of(octets, now=now)
            if exchange is not None:
                yield Letter(exchange=exchange, path=path, start=start, size_bytes=end - start)
            start = end
