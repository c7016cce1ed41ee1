"""
One spelling of a company's name: without its legal form, its branch, blanks and marks.

``株式会社 北商事``, ``㈱北商事 東京支店`` and ``北商事`` are one, as are ``Acme Tools, Ltd.`` and
``ACME TOOLS``.
"""

import re
from functools import lru_cache
from typing import Final

from guard.names.data import lines
from guard.names.spelling import KANA, KANJI, plain

SHORTEST_LATIN: Final = 4
"""Letters of a Latin name that tells one company from a word that stands there by chance."""

_FORM: Final = re.compile(
    r"[(（](?:株|有|合|同|社|財|医|学|独)[)）]|(?:株式|有限|合同|合資|合名)会社"
    r"|(?:一般|公益)?(?:社団|財団)法人"
    r"|(?:医療|学校|宗教|社会福祉|独立行政|国立大学|税理士|弁護士|特定非営利活動)法人"
)
_BRANCH: Final = re.compile(r"(?:[\s　]+\S{0,12}(?:支店|支社|営業所|本社|事業所|出張所))+\s*$")
_LEGAL: Final = frozenset(
    {*lines("legal"), "co", "lp", "sa", "nv", "ab", "as", "pty", "pte", "the"}
)
_WORD: Final = re.compile(r"[^\W_]+")


@lru_cache(maxsize=8192)
def company_key(name: str) -> str:
    """Give what every spelling of a company's name has in common; empty where nothing is left."""
    return "".join(_words(name))


def _words(name: str) -> list[str]:
    words = _WORD.findall(_FORM.sub(" ", plain(_BRANCH.sub("", name.strip()))))
    while words and words[-1] in _LEGAL:
        words.pop()
    return words[1:] if len(words) > 1 and words[0] == "the" else words


def has_form(name: str) -> bool:
    """Whether a legal form stands there: ``㈱``, ``Ltd``."""
    folded = plain(name)
    return bool(_FORM.search(folded)) or not _LEGAL.isdisjoint(_WORD.findall(folded)[1:])


def tells(key: str) -> bool:
    """Whether a key is long enough to be a name rather than any word."""
    if KANJI.search(key) or KANA.search(key):
        return len(key) > 1
    return len(key) >= SHORTEST_LATIN and not key.isdigit()


def labels(name: str) -> tuple[str, ...]:
    """Give the labels that a domain of a company with this Latin name may have."""
    words = _words(name)
    joined = "".join(words)
    if not joined.isascii():
        return ()
    return tuple(dict.fromkeys((joined, "-".join(words)))) if tells(joined) else ()
