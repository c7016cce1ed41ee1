"""Contacts and sent mail in files."""

import errno
import gzip
import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Final

from guard.config.sources import FileSource, MailSource
from guard.contacts.sources.changes import Change, Mark
from guard.contacts.sources.people import read_people
from guard.contacts.sources.sent import read_folder, read_mbox
from guard.contacts.sources.table import read_table
from guard.contacts.sources.vcard import read_vcards
from guard.model.errors import SourceAwayError, SourceError

_AWAY: Final = {
    errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.EHOSTDOWN, errno.ENOTCONN, errno.EHOSTUNREACH,
    errno.EBUSY, errno.EMFILE, errno.ENFILE, errno.ENOMEM,
}  # fmt: skip
"""Errors of a file that may be over by and by: its server, or this machine, is in trouble."""

_READING: Final = 1
"""Rises when the same file is read differently: unchanged files are then read once more."""


class ContactFile:
    """Contacts in a file or, of vCards, in a folder; read only if something in it changed."""

    def __init__(self, its: FileSource) -> None:
        self._its = its

    def changes(self, since: str, *, now: datetime) -> Iterator[Change] | None:  # noqa: ARG002
        """Give every contact, unless no file changed; as `Source` says."""
        try:
            files = self._files()
            seen = _fingerprint(files)
        except OSError as error:
            raise unreadable(self._its.path, error) from None
        return None if seen == since else self._read(files, seen)

    def _files(self) -> Sequence[Path]:
        path = self._its.path
        if self._its.kind != "vcard" or not path.is_dir():
            return (path,)
        files = sorted(
            file for file in path.rglob("*") if file.suffix.lower() in {".vcf", ".vcard"}
        )
        if not files:
            raise SourceError(f"{path}: has no .vcf file in it")
        return files

    def _read(self, files: Sequence[Path], seen: str) -> Iterator[Change]:
        for file in files:
            try:
                yield from self._contacts(file)
            except OSError as error:
                raise unreadable(file, error) from None
        yield Mark(seen)

    def _contacts(self, file: Path) -> Iterator[Change]:
        # Below a folder many files may have the same name.
        name = str(file) if file != self._its.path else file.name
        match self._its.kind:
            case "csv":
                yield from read_table(file.read_bytes(), name)
            case "vcard":
                yield from read_vcards(file.read_bytes(), name)
            case "jsonl":
                with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as lines:
                    try:
                        yield from read_people(lines, name)
                    except (EOFError, zlib.error, gzip.BadGzipFile):
                        raise SourceError(f"{name}: is damaged; write the file again") from None


class SentMail:
    """Sent mail in an mbox, a Maildir or a folder of .eml files; of what was read, no more."""

    def __init__(self, its: MailSource) -> None:
        self._its = its

    def changes(self, since: str, *, now: datetime) -> Iterator[Change]:
        """Give mail that came after the mark; as `Source` says."""
        path = self._its.path
        try:
            path.stat()
        except OSError as error:
            raise unreadable(path, error) from None
        if self._its.kind == "mbox":
            if path.is_dir():
                raise SourceError(f'{path}: is a folder; write kind = "maildir" or "eml"')
            return read_mbox(path, now=now, since=since)
        if not path.is_dir():
            raise SourceError(f'{path}: is a file; write kind = "mbox"')
        return read_folder(path, now=now, since=since)


def unreadable(path: Path, error: OSError) -> SourceError:
    """Say why *path* cannot be read, and whether it may be later."""
    kind = SourceAwayError if error.errno in _AWAY else SourceError
    return kind(f"{path}: cannot be read ({error.strerror or type(error).__name__})")


def _fingerprint(files: Sequence[Path]) -> str:
    """Give what changes when one of *files* does."""
    total = blake2b(digest_size=16)
    for file in files:
        stat = file.stat()
        facts = (stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino)
        total.update(repr((str(file), facts)).encode(errors="replace"))
    return f"{_READING}:{total.hexdigest()}"
