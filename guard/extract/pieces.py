"""What goes into a reader and what comes out of it."""

from dataclasses import dataclass, field

from guard.model.extract import Passage, Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file, on its own or out of another."""

    name: str
    """For people; never trusted for choosing a reader."""

    octets: bytes

    charset: str | None = None
    """As declared by the mail that carries it."""

    inline: bool = False
    """Shown within an HTML body by its Content-ID."""

    path: tuple[str, ...] = ()
    """Names of the files on the way from the outermost to this one."""

    password: str = field(default="", repr=False)
    """What people gave to open it with, for this once; most files need none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A file within a file, unpacked, still to be read."""

    name: str
    octets: bytes
    charset: str | None = None
    inline: bool = False


Piece = Passage | Reason | Member


class UnreadError(Exception):
    """The rest of this file cannot be read; what was given before counts."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason
