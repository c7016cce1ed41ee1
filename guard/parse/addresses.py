"""Address lists of header fields (RFC 5322 §3.4), as people and programs really write them."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from guard.model.address import Address, AddressError, Mailbox
from guard.parse.words import decode_words

_PART: Final = re.compile(r'"(?:[^"\\]|\\.)*"?|<[^>]*>?|[(),;:]|[^"<(),;:]+', re.DOTALL)
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"?', re.DOTALL)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)

_SHORT: Final = 300
_REMEMBERED: Final = 4_096
"""Short fields that are remembered: people write from few addresses, to the same ones."""

_MOST: Final = 5_000
"""Mailboxes of one field that are looked at; an envelope carries far fewer."""


def mailboxes(text: str) -> tuple[tuple[Mailbox, ...], int]:
    """
    Read an address list from its unfolded, undecoded text; also count what was refused.

    A display name in encoded words is decoded after the list was parted, so that a comma in it
    parts nothing. Group names are dropped, their members kept.
    """
    return _short(text) if len(text) <= _SHORT else _read(text)


@lru_cache(maxsize=_REMEMBERED)
def _short(text: str) -> tuple[tuple[Mailbox, ...], int]:
    """Remember what `_read` made of short fields."""
    return _read(text)


def _read(text: str) -> tuple[tuple[Mailbox, ...], int]:
    """Do what `mailboxes` does."""
    if "@" not in text:
        text = decode_words(text)  # some programs encode a whole field, addresses and all
    found: list[Mailbox] = []
    refused = 0
    for words, angle, comment in _entries(text):
        spec = angle if angle is not None else words.strip()
        name = words if angle is not None else comment
        try:
            address = Address.parse(re.sub(r"\s", "", spec) if '"' not in spec else spec.strip())
        except AddressError:
            refused += 1
            continue
        found.append(Mailbox(address=address, name=_display(name)))
        if len(found) + refused >= _MOST:
            break
    return tuple(found), refused


def _display(name: str) -> str:
    """Take the quotes off a display name, also the single ones that Outlook puts around it."""
    name = _QUOTED.sub(lambda quoted: _ESCAPED.sub(r"\1", quoted[1]), name)
    name = " ".join(decode_words(name).split())
    return name[1:-1] if len(name) > 2 and name[0] == name[-1] == "'" else name


def _entries(text: str) -> Iterator[tuple[str, str | None, str]]:
    """Part a list into words, what stood in angle brackets (if anything), and comments."""
    words: list[str] = []
    comment: list[str] = []
    angle: str | None = None
    depth = 0
    for part in _PART.findall(text):
        if depth or part == "(":
            depth += (part == "(") - (part == ")")
            if depth and not (part == "(" and depth == 1):
                comment.append(part)
        elif part in {",", ";"}:
            if "".join(words).strip() or angle is not None:
                yield "".join(words), angle, "".join(comment)
            words, comment, angle = [], [], None
        elif part == ":" and angle is None:
            words, comment = [], []  # the name of a group
        elif part.startswith("<") and angle is None:
            angle = part.strip("<>")
        elif part != ")":
            words.append(part)
    if "".join(words).strip() or angle is not None:
        yield "".join(words), angle, "".join(comment)
