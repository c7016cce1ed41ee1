"""Whom a text names: its greeting, and the headers of mail that it quotes."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from guard.model.quotation import quoted_at
from guard.names.fold import person, romaji
from guard.names.nicknames import NICKNAMES
from guard.names.readings import UNKNOWN, surname_cost
from guard.names.spelling import plain
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
_POSTED: Final = re.compile(
    r"^[\s　]*(?P<name>[^\s　、。,:：]{1,4}?)[\s　]*"
    r"(?:本部長|支店長|部長|課長|社長|専務|常務|係長|主任|室長|所長|店長|次長|会長|理事長|教授)"
    r"[\s　、,]*$"
)
"""A surname with a post is as polite as one with 様."""

_TO_ALL: Final = frozenset({"all", "team", "everyone", "folks", "there"})
_LATIN_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
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
    """What each word of the name sounds like, folded as `Word.keys`, and whom else it may call:
    Bob is Robert. Never empty."""

    written: frozenset[str]
    """What the words themselves sound like."""

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
    line = line[:120]
    if _HONOURED.search(line) and (match := _JAPANESE.match(line)):
        return None if _MANY.search(match["whole"]) else _japanese(line, match["name"])
    if (match := _POSTED.match(line)) and surname_cost(plain(match["name"])) < UNKNOWN:
        return _japanese(line, match["name"])
    if match := _ENGLISH.match(line) or _BARE.match(line):
        return _latin(line, match["name"])
    return None


def _japanese(line: str, name: str) -> GreetingLine | None:
    parts = [_told(word.keys) for word in person(name).words]
    return _greeting(line, [(part, part) for part in parts])


def _latin(line: str, name: str) -> GreetingLine | None:
    words = [re.sub("['’]", "", word).lower() for word in _LATIN_WORD.findall(name)]
    if len(words) > 5 or not _TO_ALL.isdisjoint(words):
        return None
    words = [word for word in words if word not in _NO_NAME and len(word) > 1]
    return _greeting(line, [(_told((romaji(word),)), _told(_called(word))) for word in words])


def _greeting(
    line: str, words: Sequence[tuple[frozenset[str], frozenset[str]]]
) -> GreetingLine | None:
    """Make one of *words*, each as it is written, and as whoever it may call is."""
    words = [(written, called) for written, called in words if written]
    if not words:
        return None
    written = frozenset().union(*(written for written, _ in words))
    return GreetingLine(line.strip()[:80], tuple(called for _, called in words), written)


def _told(keys: Iterable[str]) -> frozenset[str]:
    """Leave out what is too short to tell anybody."""
    return frozenset(key for key in keys if len(key) > 1)


@lru_cache(maxsize=4096)
def _called(word: str) -> frozenset[str]:
    """Give all who may be greeted so: Bob is Robert, and Robert is Bob."""
    families = NICKNAMES.get(word, frozenset())
    others = (name for name, of in NICKNAMES.items() if not families.isdisjoint(of))
    return frozenset(map(romaji, (word, *others)))
