"""What stands around a name and is none: titles, posts, departments, companies, remarks."""

import re
from functools import cache, lru_cache
from itertools import pairwise
from typing import Final

from guard.names.data import lines
from guard.names.readings import UNKNOWN, surname_cost
from guard.names.spelling import KANA, KANJI, plain

TITLES: Final = frozenset(lines("titles"))
"""Titles and honorifics in Latin letters, folded."""

POSTS: Final = TITLES | frozenset(lines("posts"))
"""Also posts and degrees: taken off where they stand apart from the name."""

SPOKEN_TITLES: Final = frozenset({"san", "sama", "kun", "chan", "sensei", "dono", "shi"})
"""What is hung on a Japanese name with a hyphen: ``Sato-san``."""

_LEGAL: Final = frozenset(lines("legal"))


@cache
def _ends_in(*tables: str) -> re.Pattern[str]:
    """Give a pattern for words that end in an entry of *tables*; made when it is first wanted."""
    return re.compile(f"{_any_of(tables)}$")


@cache
def _begins_with(table: str) -> re.Pattern[str]:
    """Give a pattern for words that go on behind an entry of *table*."""
    return re.compile(f"^[^ ]*{_any_of((table,))}(?=.)")


def _any_of(tables: tuple[str, ...]) -> str:
    entries = {plain(entry) for table in tables for entry in lines(table)}
    return f"(?:{'|'.join(sorted(entries, key=lambda entry: (-len(entry), entry)))})"


_MARK: Final = (
    r"(?:[(（](?:株|有|合|同|社|財|医|学|独)[)）]|(?:株式|有限|合同|合資|合名)会社"
    r"|(?:一般|公益)?(?:社団|財団)法人"
    r"|(?:医療|学校|宗教|社会福祉|独立行政|国立大学|税理士|弁護士|特定非営利活動)法人)"
)
_COMPANY_MARK: Final = re.compile(_MARK)
_COMPANIES: Final = (
    re.compile(rf"[^\s/|]+{_MARK}(?=[\s/|]|$)"),
    re.compile(rf"{_MARK}[^\s/|]+"),
    re.compile(rf"{_MARK}\s+\S+(?=\s+\S)"),
)
_BRACKETS: Final = re.compile(
    r"\([^)]*\)|\[[^\]]*\]|<[^>]*>|【[^】]*】|「[^」]*」|〔[^〕]*〕|\*[^*]*\*"
)
_DEPARTMENT: Final = re.compile(r"..[部課室係局科庁班店社]$|[課室係庁]$")
"""Of two characters the others are surnames: 阿部, 仁科."""

_ADDRESS: Final = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+")


def is_address(text: str) -> bool:
    """Whether there is an address in *text*."""
    return _ADDRESS.search(text) is not None


def without_remarks(name: str) -> str:
    """Take off companies with their mark, and what is in brackets unless that is all there is."""
    bare = _BRACKETS.sub(" ", _without_companies(name))
    return bare if bare.strip() else re.sub(r"[()\[\]<>【】「」〔〕*]", " ", name)


def _without_companies(name: str) -> str:
    """Take off 株式会社 and the like with what it stands at, in front or behind."""
    if not _COMPANY_MARK.search(name):
        return name
    for pattern in _COMPANIES:
        bare = pattern.sub(" ", name)
        name = bare if bare.strip() else name
    return _COMPANY_MARK.sub(" ", name)


def japanese_words(name: str) -> list[str]:
    """Give the words of a name in kanji or kana, as written, without all that is not name."""
    tokens = [token for token in re.split(r"[\s・,、。;:._]+", name) if token]
    words: list[str] = []
    for before, token in pairwise(["", *tokens]):
        word = without_titles(token)
        if word and not is_unit(word):
            # Of 東京支店長 佐藤 the first is no name either.
            if words and _ends_in("positions").search(plain(before)):
                words.pop()
            words.append(word)
    if not words:
        words = [word for token in tokens if (word := without_titles(token))]
    if any(map(_is_japanese, words)) and not all(map(_is_japanese, words)):
        japanese = [word for word in words if _is_japanese(word)]
        if len(japanese) > 1 or len(japanese[0]) > 2:
            words = japanese
    return words[-2:]  # a company or a post stands before the name


def _is_japanese(word: str) -> bool:
    return KANJI.search(word) is not None or KANA.search(word) is not None


@lru_cache(maxsize=8192)
def without_titles(word: str) -> str:
    """Take titles and posts off both ends of one word; nothing is left of one that is a title."""
    if not (KANJI.search(word) or KANA.search(word)):
        return "" if plain(word) in POSTS else word
    folded = plain(word)
    if len(folded) != len(word):
        word = folded
    while match := _ends_in("honorifics", "positions").search(folded):
        if is_unit(folded[: match.start()]) and KANJI.search(folded[: match.start()]):
            return ""
        folded, word = folded[: match.start()], word[: match.start()]
    if match := _begins_with("positions").match(folded):
        word = word[match.end() :]
    return word


@lru_cache(maxsize=8192)
def is_unit(word: str) -> bool:
    """Whether a word is a company, a department or the like."""
    folded = plain(word)
    if _ends_in("units").search(folded):
        return len(folded) > 2 or surname_cost(folded) == UNKNOWN
    return _DEPARTMENT.search(folded) is not None and surname_cost(folded) == UNKNOWN


def japanese_part(parts: list[str]) -> str:
    """Of what stands between slashes, give the first that is no company and no department."""
    parts = [part for part in parts if part.strip()]
    for part in parts:
        if not all(is_unit(without_titles(word) or word) for word in part.split()):
            return part
    return parts[0] if parts else ""


def latin_part(parts: list[str]) -> str:
    """Of what stands between slashes or dashes, give the first that is no company and no post."""
    for part in parts:
        words = plain(part).replace(".", " ").split()
        if words and not is_company(words) and not all(word in POSTS for word in words):
            return part
    return parts[0]


def is_company(words: list[str]) -> bool:
    """Whether folded Latin *words* are a company's name."""
    return len(words) > 1 and not _LEGAL.isdisjoint(words[1:])
