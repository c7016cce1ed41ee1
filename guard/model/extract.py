"""What a reader got out of a file, and whether it got everything."""

from dataclasses import dataclass
from enum import StrEnum


class ReadState(StrEnum):
    """How far a file could be read."""

    READ = "read"
    PARTIAL = "partial"
    UNREADABLE = "unreadable"


class Reason(StrEnum):
    """Why a file was not read whole."""

    ENCRYPTED = "encrypted"
    IMAGE_ONLY = "image_only"
    CORRUPT = "corrupt"
    UNSUPPORTED = "unsupported"
    UNKNOWN_BINARY = "unknown_binary"
    LIMIT = "limit"
    TIMEOUT = "timeout"
    CRASH = "crash"
    DEFECT = "defect"


class Family(StrEnum):
    """What sort of thing a file is for people, whatever program made it."""

    SPREADSHEET = "spreadsheet"
    DOCUMENT = "document"
    """Of a word processor or of slides."""

    PDF = "pdf"
    TEXT = "text"
    """Plain, HTML, XML, CSV."""

    IMAGE = "image"
    ARCHIVE = "archive"
    MAIL = "mail"
    DATABASE = "database"
    MEDIA = "media"
    """Sound or film."""

    SEALED = "sealed"
    """An envelope of OpenPGP or PKCS #7, or an Office file behind a password."""

    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A stretch of text with its place."""

    place: str
    """For people: ``sheet “顧客”``, ``page 3``; empty for plain text or a body."""

    text: str
    """Lines end in LF. In a sheet a line is a row, cells are parted by tabs."""

    first_row: int = 1
    """Number of the first line, as the program that made the file would count it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """One file, read. `READ` is a promise: nothing that a reader of this format sees is missing."""

    file: str
    """Name as given; a file within an archive or message stands behind a slash."""

    state: ReadState
    reasons: tuple[Reason, ...] = ()
    """Empty if and only if `state` is `READ`."""

    passages: tuple[Passage, ...] = ()

    families: frozenset[Family] = frozenset()
    """What it is, and what is in it; empty where its reader never got so far."""

    seconds: float = 0.0
    """Wall time that the reading took."""

    @property
    def text(self) -> str:
        """All passages, joined."""
        return "\n".join(passage.text for passage in self.passages)
