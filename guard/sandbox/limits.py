"""What opening files may cost."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Per file, where nothing else is said."""

    wall_s: float = 25
    """Seconds on the clock, then the child is killed: `Reason.TIMEOUT`."""

    cpu_s: int = 20
    """Seconds of processor time (RLIMIT_CPU): `Reason.TIMEOUT`."""

    memory_bytes: int = 1024**3
    """Address space of a child (RLIMIT_AS), its libraries included: `Reason.CRASH`."""

    mail_s: float = 60
    """Seconds of reading for all files of one mail, waiting for a slot not counted: `LIMIT`."""

    entries: int = 5_000
    """Files within files, all attachments of one mail together: `Reason.LIMIT`."""

    expanded_bytes: int = 400 * 1024 * 1024
    """Octets unpacked, all attachments of one mail together: `Reason.LIMIT`."""

    text_chars: int = 40_000_000
    """Characters given back: `Reason.LIMIT`."""

    ocr_pages: int = 0
    """Pictures and scanned pages of one file whose text is recognised."""

    answer_bytes: int = 128 * 1024 * 1024
    """Octets that are taken from a child at all; above, it counts as crashed."""
