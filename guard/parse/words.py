"""Header text: unfolding, raw 8-bit, and encoded words (RFC 2047)."""

import binascii
import quopri
import re
from typing import Final

from guard.parse.charset import decode, guess

_FOLD: Final = re.compile(r"\r?\n[ \t]?")
_WORD: Final = re.compile(
    # Each word stops at its first "?": linear, whatever a hostile header repeats.
    r"=\?(?P<charset>[^?*\s]{1,40})(?:\*[^?\s]*)?\?(?P<encoding>[bBqQ])\?(?P<text>[^?]*)\?="
)
_BASE64: Final = re.compile(r"[^A-Za-z0-9+/]")


def raw_text(octets: bytes) -> str:
    """Give a field's octets as text, unfolded; encoded words stay as they are."""
    octets = octets.rstrip(b"\r\n")
    plain = octets.isascii() and b"\x1b" not in octets
    text = octets.decode("ascii") if plain else guess(octets)
    if "\n" in text:
        text = _FOLD.sub(lambda fold: fold[0][-1] if fold[0][-1] in " \t" else " ", text)
    return text.strip(" \t")


def decode_words(text: str) -> str:
    """
    Replace encoded words by what they say.

    Words that stand next to each other are joined before decoding, because mail software cuts
    characters in two. What is no encoded word, or in an unknown charset, comes out as best it can.
    """
    if "=?" not in text:
        return text
    pieces: list[str] = []
    pending = b""
    charset = ""
    end = 0
    for word in _WORD.finditer(text):
        between = text[end : word.start()]
        same = bool(pending) and not between.strip() and word["charset"].lower() == charset
        if not same and charset:
            pieces.append(decode(pending, charset)[0])
            pending = b""
        if between.strip() or not charset:
            pieces.append(between)
        pending += _octets(word["encoding"].lower(), word["text"])
        charset = word["charset"].lower()
        end = word.end()
    if charset:
        pieces.append(decode(pending, charset)[0])
    pieces.append(text[end:])
    return "".join(pieces)


def _octets(encoding: str, text: str) -> bytes:
    """Undo B or Q (RFC 2047 §4), as far as it goes."""
    if encoding == "q":
        return quopri.decodestring(text.replace("\n", "").encode("utf-8", "replace"), header=True)
    letters = _BASE64.sub("", text)
    # A lone letter at the end is six bits of nothing.
    letters = letters[: len(letters) - (len(letters) % 4 == 1)]
    return binascii.a2b_base64(letters + "=" * (-len(letters) % 4))
