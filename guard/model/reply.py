"""SMTP replies (RFC 5321 §4.2) with enhanced status codes (RFC 3463)."""

import re
from dataclasses import dataclass
from typing import Final, Self

_ENHANCED: Final = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?: |$)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Reply:
    """What an SMTP server says to one command."""

    code: int
    """200 to 599."""

    enhanced: str
    """Enhanced status code, ``4.3.0``; empty where the reply carried none."""

    text: str
    """Printable, without line ends; several lines are joined by LF."""

    @classmethod
    def read(cls, code: int, text: str) -> Self:
        """
        Read what a server said, its lines joined by LF.

        The enhanced status code, which every line repeats (RFC 2034 §4), is parted from the text;
        one of another class than *code* is no enhanced code, but text.
        """
        match = _ENHANCED.match(text)
        if match is None or match[1][0] != str(code)[0]:
            return cls(code, "", text)
        enhanced = match[1]
        lines = (line.removeprefix(enhanced).removeprefix(" ") for line in text.split("\n"))
        return cls(code, enhanced, "\n".join(lines))

    @property
    def is_positive(self) -> bool:
        """2yz: done, or 3yz: go on."""
        return 200 <= self.code < 400

    @property
    def is_permanent(self) -> bool:
        """5yz: trying the same again will not help."""
        return self.code >= 500

    def lines(self) -> list[str]:
        """Give the lines of the reply as they go over the wire, without CRLF."""
        prefix = f"{self.enhanced} " if self.enhanced else ""
        *more, last = self.text.split("\n")
        return [*(f"{self.code}-{prefix}{line}" for line in more), f"{self.code} {prefix}{last}"]

    def __str__(self) -> str:
        return "\r\n".join(self.lines())
