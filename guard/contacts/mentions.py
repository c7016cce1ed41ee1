"""Whom a text names: its greeting, and the headers of mail that it quotes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from guard.model.quotation import quoted_at
from guard.names.fold import person, romaji
from guard.parse.quoting import quotations, quoted_headers

LINES_READ: Final = 60
CHARS_READ: Final = 20_000

_LOCAL: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._%+-"
_LOCAL_LENGTH: Final = 64
_DOMAIN: Final = re.compile(r"[A-Za-z0-9.\-]{1,190}\.[A-Za-z]{2,24}")

_HONOURED: Final = re.compile("[様殿]|さ[まん]|先生")
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
    parts: tuple[frozenset[str], ...]
    """What each word of the name sounds like, folded as `Word.keys`; never empty."""

    @property
    def words(self) -> frozenset[str]:
        """What any of the words sounds like."""
        return frozenset().union(*self.parts)

    def names(self, keys: frozenset[str]) -> bool:
        """Whether somebody is meant whose name has these *keys*: who is, bears all the words."""
        return all(not part.isdisjoint(keys) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Mentions:
    """Whom one text names."""

    greetings: tuple[GreetingLine, ...]
    addresses: frozenset[str]
    """Every address in the text, in lower case."""

    names: frozenset[str]
    """Names in quoted headers, folded as `Person.folded`."""


def mentions(text: str) -> Mentions:
    """Read the first part of a body; what stands deep in it was not written to be a greeting."""
    text = text[:CHARS_READ]
    return Mentions(
        greetings=tuple(_greetings(text)),
        addresses=frozenset(_addresses(text)),
        names=frozenset(_quoted(text)),
    )


def _addresses(text: str) -> Iterator[str]:
    """Give every address: from each ``@`` to the left as far as a local part goes."""
    end = 0
    at = text.find("@")
    while at >= 0:
        before = text[max(end, at - _LOCAL_LENGTH) : at]
        local = before[len(before.rstrip(_LOCAL)) :]
        if local and (domain := _DOMAIN.match(text, at + 1)):
            end = domain.end()
            yield f"{local}@{domain[0]}".lower()
        at = text.find("@", max(end, at + 1))


def _quoted(text: str) -> Iterator[str]:
    """Give everybody whom quoted headers name."""
    for match in quoted_headers(text):
        people = match["writer"] or re.sub(r"<[^>]*>", "", match["people"])
        for name in re.split(r"[;,]", people)[:20]:
            if (who := person(name)).words:
                yield who.folded


def _greetings(text: str) -> list[GreetingLine]:
    """Give the lines at the top that greet somebody; what is quoted was written by another."""
    found: dict[int, GreetingLine] = {}
    written = 0
    for number, line in enumerate(text.split("\n", LINES_READ)[:LINES_READ], start=1):
        if not line.strip() or line.lstrip().startswith(">"):
            continue
        written += 1
        # The top is where people greet: three greeted in a row still stand there.
        if written > 5:
            break
        greeting = _read_line(line)
        if greeting is not None:
            found[number] = greeting
    quoted = quotations(text) if found else ()
    return [found[number] for number in found if quoted_at(quoted, number) is None]


def _read_line(line: str) -> GreetingLine | None:
    if len(line) > 120:
        line = line[:120]
    if _HONOURED.search(line) and (match := _JAPANESE.match(line)):
        if _MANY.search(match["whole"]):
            return None
        parts = [word.keys for word in person(match["name"]).words]
    elif match := _ENGLISH.match(line) or _BARE.match(line):
        words = re.findall(r"[^\W\d_]+", match["name"])
        if len(words) > 5:
            return None
        parts = [
            frozenset((romaji(word),))
            for word in words
            if word.lower() not in _NO_NAME and len(word) > 1
        ]
        if any(word.lower() in {"all", "team", "everyone", "folks", "there"} for word in words):
            return None
    else:
        return None
    parts = [keys for part in parts if (keys := frozenset(key for key in part if len(key) > 1))]
    return GreetingLine(line.strip()[:80], tuple(parts)) if parts else None
