"""Whom a text names: its greeting, and the headers of mail that it quotes."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from guard.names.fold import person, romaji

LINES_READ: Final = 60
CHARS_READ: Final = 20_000

_ADDRESS: Final = re.compile(r"[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9.\-]{1,190}\.[A-Za-z]{2,24}")
_QUOTED: Final = re.compile(
    r"^[>\s]*(?:From|To|Cc|差出人|送信者|宛先|To\(宛先\))\s*[:：]\s*(?P<people>.+)$"
    r"|^[>\s]*(?:On\b.{4,80},\s*)?(?P<writer>\S[^<>\n]{1,60}?)\s*(?:<[^>]*>|\[[^\]]*\])?\s*"
    r"(?:wrote|writes|schrieb|a écrit|さんは書きました)\s*[:：]?\s*$",
    re.IGNORECASE | re.MULTILINE,
)
_JAPANESE: Final = re.compile(
    r"^[\s　]*(?P<whole>(?:[^\s　、。,:：]{1,30}[\s　]+){0,4}?(?P<name>[^\s　、。,:：]{1,12}"
    r"(?:[\s　][^\s　、。,:：]{1,6})?)[\s　]*(?:様|さま|さん|殿|先生))(?=[\s　、。,:：（(]|$)"
)
_ENGLISH: Final = re.compile(
    r"^\s*(?:dear|hi|hello|hey|good (?:morning|afternoon|evening)|hallo|guten tag|bonjour)\b"
    r"[\s,]+(?:(?:mr|mrs|ms|dr|prof|herr|frau)\b\.?\s*)?(?P<name>[^\W\d_][^,:;!?\n]{0,60}?)\s*(?:[,:;!.\-–—]|$)",
    re.IGNORECASE,
)
_BARE: Final = re.compile(r"^\s*(?P<name>[A-Z][^\W\d_]{1,15})\s*[,:]\s*$")
_NO_NAME: Final = frozenset(
    {
        "all",
        "everyone",
        "everybody",
        "team",
        "folks",
        "guys",
        "there",
        "both",
        "sir",
        "madam",
        "sirs",
        "colleagues",
        "friends",
        "list",
        "group",
        "maintainers",
        "again",
        "and",
        "or",
        "the",
        "of",
        "your",
        "my",
        "hi",
        "hello",
        "dear",
        "dr",
        "mr",
        "mrs",
        "ms",
        "miss",
        "prof",
    }
)
_MANY: Final = re.compile(r"各位|皆|みな|関係者|担当|お客|ご一同|一同|御中")


@dataclass(frozen=True, slots=True)
class GreetingLine:
    """A line that greets somebody."""

    line: str
    words: frozenset[str]
    """What the name sounds like, folded as `Word.keys`; never empty."""


@dataclass(frozen=True, slots=True)
class Mentions:
    """Whom one text names."""

    greetings: tuple[GreetingLine, ...]
    addresses: frozenset[str]
    """Every address in the text, in lower case."""

    names: frozenset[str]
    """Names in quoted headers, folded as `Person.folded`."""


@lru_cache(maxsize=256)
def mentions(text: str) -> Mentions:
    """Read the first part of a body; what stands deep in it was not written to be a greeting."""
    text = text[:CHARS_READ]
    names: set[str] = set()
    if ":" in text or "：" in text or "wrote" in text or "schrieb" in text:
        for match in _QUOTED.finditer(text):
            people = match["writer"] or re.sub(r"<[^>]*>", "", match["people"])
            names.update(
                who.folded for name in re.split(r"[;,]", people)[:20] if (who := person(name)).words
            )
    addresses = _ADDRESS.findall(text) if "@" in text else []
    return Mentions(
        greetings=tuple(_greetings(text)),
        addresses=frozenset(address.lower() for address in addresses),
        names=frozenset(names),
    )


def _greetings(text: str) -> list[GreetingLine]:
    found: list[GreetingLine] = []
    written = 0
    for line in text.split("\n", LINES_READ)[:LINES_READ]:
        if not line.strip() or line.lstrip().startswith(">"):
            continue
        written += 1
        # The top is where people greet: three greeted in a row still stand there.
        if written > 5:
            break
        greeting = _read_line(line)
        if greeting is not None:
            found.append(greeting)
    return found


def _read_line(line: str) -> GreetingLine | None:
    if len(line) > 120:
        line = line[:120]
    if match := _JAPANESE.match(line):
        if _MANY.search(match["whole"]):
            return None
        keys = person(match["name"]).keys
    elif match := _ENGLISH.match(line) or _BARE.match(line):
        words = re.findall(r"[^\W\d_]+", match["name"])
        if len(words) > 5:
            return None
        keys = frozenset(
            romaji(word) for word in words if word.lower() not in _NO_NAME and len(word) > 1
        )
        if any(word.lower() in {"all", "team", "everyone", "folks", "there"} for word in words):
            return None
    else:
        return None
    return GreetingLine(line.strip()[:80], keys) if keys else None
