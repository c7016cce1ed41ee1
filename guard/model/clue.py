"""What a file says of whose it is, as far as contacts can be asked about it."""

from dataclasses import dataclass
from typing import Literal, NamedTuple


class Clue(NamedTuple):
    """A company or a person that a file, its name or its properties name."""

    kind: Literal["domain", "company", "label", "person"]
    text: str
    """A registrable domain; a company as `company_key` folds it; the label that its domain would
    have; a person as written."""


class Company(NamedTuple):
    """A company that somebody here writes to, or that stands in the imported contacts."""

    domain: str
    """Registrable; empty where its people have addresses at free providers."""

    name: str = ""
    """As the contacts have it; may be empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedFile:
    """One file of a message, as history knows it again. Only keyed hashes of it are ever kept."""

    name: str
    """As the attachment was called."""

    digest: bytes
    """SHA-256 of its octets; empty for one too small to be told from others."""

    stem: str = ""
    """The name without what changes from month to month; empty where that says nothing."""


class Went(NamedTuple):
    """How often a file, or files of one name, went to a company before."""

    domain: str
    """Registrable."""

    mails: int
    last: float
    """Seconds of the epoch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Travelled:
    """Where one file went before."""

    same: tuple[Went, ...] = ()
    """The very same octets, by company."""

    alike: tuple[Went, ...] = ()
    """Files of the same stem, by company."""
