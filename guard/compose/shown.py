"""Text that strangers wrote, shown so that it hides nothing and fits its place."""

import re
import unicodedata
from typing import Final

_HIDING: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories that draw nothing, or draw something else elsewhere (RTL marks, zero width)."""

_DRAWS_NOTHING: Final = frozenset("\u115f\u1160\u17b4\u17b5\u3164\uffa0\u2800")
"""Letters and signs by category that are blank nevertheless."""

_JOINER: Final = "\u200d"
_SPACES: Final = re.compile(r"[ \t\r\n\f\v\u0085\u00a0]+")


def shown(text: str, limit: int = 300) -> str:
    """
    Give *text* on one line, with hiding characters written out: ``⟨U+202E⟩``.

    White space is folded to single blanks. More than *limit* characters end in ``…``. The joiner
    within an emoji stays, for there it hides nothing.
    """
    line = _SPACES.sub(" ", text[: 4 * limit]).strip()
    clear = "".join(
        f"⟨U+{ord(char):04X}⟩" if _hides(line, place) else char for place, char in enumerate(line)
    )
    return clear if len(clear) <= limit and len(text) <= 4 * limit else clear[: limit - 1] + "…"


def unlinked(text: str, limit: int = 300) -> str:
    """Like `shown`, and no mail program makes a link of it: ours stays the only one in a notice."""
    return shown(text, limit).replace("://", ": //")


def _hides(line: str, place: int) -> bool:
    char = line[place]
    if char == _JOINER and 0 < place < len(line) - 1:
        return not (_is_emoji(line[place - 1]) and _is_emoji(line[place + 1]))
    return unicodedata.category(char) in _HIDING or char in _DRAWS_NOTHING


def _is_emoji(char: str) -> bool:
    return unicodedata.category(char) in {"So", "Sk"} or char == "\ufe0f"
