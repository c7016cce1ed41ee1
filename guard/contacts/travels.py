"""
Where files went before: what makes two files the same, and what makes two names alike.

Kept of a file is a hash under a key, with the registrable domains of the companies it went to.
"""

import re
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Final

from guard.model.clue import CarriedFile, Clue, Travelled, Went
from guard.model.contact import Exchange
from guard.model.message import Message
from guard.names.data import lines
from guard.names.domains import company_domain
from guard.names.spelling import KANA, KANJI, plain

FEWEST_OCTETS: Final = 256
"""Below this two files may well be the same by chance."""

MOST_FILES: Final = 20
"""Files of one message that are known again."""

MOST_COMPANIES: Final = 8
"""Companies that are kept for one file or name: beyond, it is nobody's own."""

KEEP_DAYS: Final = 180
"""After which nobody knows any more where a file went."""

_WORDS: Final = frozenset(map(plain, lines("document_words")))
_JAPANESE: Final = re.compile(
    "|".join(sorted((word for word in _WORDS if not word.isascii()), key=len, reverse=True))
)
_LONGER: Final = re.compile(
    "|".join(sorted((w for w in _WORDS if not w.isascii() and len(w) > 1), key=len, reverse=True))
)
"""Without those of one letter, which also stand in names: 日本, 月島."""

_PARTS: Final = re.compile(r"[^\W\d_]+")
_EXTENSION: Final = re.compile(r"\.[A-Za-z0-9]{1,5}$")


def carried(message: Message) -> tuple[CarriedFile, ...]:
    """Give the files of a message that somebody attached."""
    files = [one for one in message.attachments if not one.inline]
    return tuple(
        CarriedFile(
            name=one.name,
            digest=sha256(one.octets).digest() if len(one.octets) >= FEWEST_OCTETS else b"",
            stem=stem(one.name),
        )
        for one in files[:MOST_FILES]
    )


def stem(name: str) -> str:
    """
    Give a file name without its end, numbers, dates and versions.

    Empty where only words are left that many documents are called by.
    """
    left = words_of(name, parting=_JAPANESE)
    return " ".join(left) if any(map(_tells, left)) else ""


def words_of(name: str, *, parting: re.Pattern[str] = _LONGER) -> list[str]:
    """Give the words of a file name, folded, less those that many documents are called by."""
    words = _PARTS.findall(plain(_EXTENSION.sub("", name)))
    parted = (word for each in words for word in parting.split(each))
    return [word for word in parted if word and word not in _WORDS]


def _tells(word: str) -> bool:
    return len(word) > 3 or (len(word) > 1 and bool(KANJI.search(word) or KANA.search(word)))


def went_to(exchange: Exchange) -> tuple[str, ...]:
    """Give the companies that a message went to, less the sender's own; in order."""
    own = company_domain(exchange.sender.address.domain)
    homes = dict.fromkeys(company_domain(one.address.domain) for one in exchange.recipients)
    return tuple(home for home in homes if home and home != own)


def marks(file: CarriedFile) -> Iterator[tuple[str, bytes]]:
    """Give what a file is known again by, each with what it is; to be hashed under a key."""
    if file.digest:
        yield "same", file.digest
    if file.stem:
        yield "alike", file.stem.encode()


def clues_of(travelled: Iterable[Travelled]) -> Iterator[Clue]:
    """Give the companies that files went to, to ask what they are called; each once."""
    homes = dict.fromkeys(went.domain for one in travelled for went in (*one.same, *one.alike))
    return (Clue("domain", home) for home in homes)


class Travels:
    """Where files went, in memory."""

    def __init__(self) -> None:
        self._went: dict[tuple[str, bytes], dict[str, Went]] = {}

    def learn(self, exchange: Exchange) -> None:
        """Count the files of a message that was really delivered."""
        at = exchange.at.timestamp()
        for file in exchange.files:
            for mark in marks(file):
                went = self._went.setdefault(mark, {})
                for home in went_to(exchange):
                    if home in went or len(went) < MOST_COMPANIES:
                        before = went.get(home, Went(home, 0, at))
                        went[home] = Went(home, before.mails + 1, max(before.last, at))

    def of(self, exchange: Exchange) -> tuple[Travelled, ...]:
        """Say where each file went within the last `KEEP_DAYS`."""
        since = exchange.at.timestamp() - KEEP_DAYS * 86400

        def went(kind: str, octets: bytes) -> tuple[Went, ...]:
            known = self._went.get((kind, octets), {})
            return tuple(known[home] for home in sorted(known) if known[home].last >= since)

        return tuple(
            Travelled(**{kind: went(kind, octets) for kind, octets in marks(file)})
            for file in exchange.files
        )
