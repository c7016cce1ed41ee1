"""Words and phrases that a rule looks for in a text, as people read them."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_ANY: Final = r"\S{0,40}"
"""What ``*`` stands for: within one word, so that no text makes it try for long."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """
    A word or phrase, with ``*`` and ``?`` within a word.

    Blind to case, width and how words are parted. In scripts that part words by spaces it is found
    as a whole word: ``offer`` is not in “coffers”. Japanese is found wherever it stands.
    """

    text: str

    def within(self, folded: str) -> bool:
        """Whether it stands in a text that went through `fold`."""
        return _compiled(self.text).search(folded) is not None

    def __str__(self) -> str:
        return self.text


def fold(text: str) -> str:
    """Bring spellings of the same words to one form: width, composition, case, white space."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


@lru_cache(maxsize=1024)
def _compiled(phrase: str) -> re.Pattern[str]:
    folded = fold(phrase)
    pieces = re.split(r"(\*+|\?)", folded)
    inner = "".join({"*": _ANY, "?": r"\S"}.get(p[:1], re.escape(p)) for p in pieces)
    before = r"(?<!\w)" if _parts_words(folded[0]) else ""
    after = r"(?!\w)" if _parts_words(folded[-1]) else ""
    return re.compile(f"{before}{inner}{after}")


def _parts_words(letter: str) -> bool:
    """Whether a letter is of a script whose words are parted by spaces."""
    if not letter.isalnum():
        return False
    name = unicodedata.name(letter, "")
    return not name.startswith(("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "LAO", "KHMER"))
