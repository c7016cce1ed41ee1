"""How much one file may cost to open, whatever is packed in it."""

from dataclasses import dataclass
from typing import Final

from guard.extract.pieces import UnreadError
from guard.model.extract import Reason

_RATIO_FROM: Final = 20 * 1024 * 1024
"""Octets from which the ratio counts: small files may well be packed 1,000 to 1."""


@dataclass(slots=True, kw_only=True)
class Budget:
    """What is left to spend; where it is too little, methods raise `UnreadError` (`LIMIT`)."""

    entries: int = 5_000
    """Files within files, all depths together."""

    expanded_bytes: int = 400 * 1024 * 1024
    """Octets out of archives and containers, all depths together."""

    member_bytes: int = 200 * 1024 * 1024
    """Octets of one member."""

    ratio: int = 300
    """Expanded to packed octets of one member."""

    depth: int = 8
    """Files within files within files."""

    text_chars: int = 50_000_000
    """Characters given back."""

    ocr_pages: int = 0
    """Pages and pictures that OCR may look at; 0: none. One takes 1 to 3 seconds."""

    def enter(self) -> None:
        """Pay for one more member."""
        if self.entries <= 0:
            raise UnreadError(Reason.LIMIT)
        self.entries -= 1

    def foresee(self, expanded: int, packed: int) -> None:
        """Refuse a member by what its directory says, before any octet is unpacked."""
        bomb = expanded > _RATIO_FROM and expanded > self.ratio * max(1, packed)
        if bomb or expanded > min(self.member_bytes, self.expanded_bytes):
            raise UnreadError(Reason.LIMIT)

    def expand(self, octets: int) -> None:
        """Pay for octets that were unpacked."""
        self.expanded_bytes -= octets
        if self.expanded_bytes < 0:
            raise UnreadError(Reason.LIMIT)

    def say(self, chars: int) -> None:
        """Pay for text that is given back."""
        self.text_chars -= chars
        if self.text_chars < 0:
            raise UnreadError(Reason.LIMIT)
