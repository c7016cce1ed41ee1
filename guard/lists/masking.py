"""How a match is shown: enough for its owner to know it again, too little for anybody else."""

import re
from typing import Final

from guard.lists.fold import is_cjk
from guard.lists.kinds import Kind

_SECOND_LEVEL: Final = re.compile(r"\.(?:co|ne|or|ac|go|com|net|org|gov|edu)\.[a-z]{2}$")
_SHOWN_SURNAME: Final = 2
_SHORT: Final = 3


def masked(kind: str, text: str) -> str:
    """Mask one value as it stood in a text."""
    text = " ".join(text.split())
    match kind:
        case Kind.EMAIL:
            return _email(text)
        case Kind.PHONE:
            return _phone(text)
        case Kind.NAME | Kind.KANA:
            return _name(text)
        case Kind.COMPANY | Kind.ADDRESS:
            return f"{text[:1]}***"
        case _:
            return f"{text[: min(2, len(text) // 3)]}***"


def _email(text: str) -> str:
    local, at, domain = text.rpartition("@")
    if not at or " " in text or "." not in domain:
        # Written in a way that does not show where the company ends.
        return f"{text[: 1 if len(text) > _SHORT else 0]}***"
    second = _SECOND_LEVEL.search(domain)
    ending = second.group() if second else domain[domain.rfind(".") :]
    shown = local[: 2 if len(local) > 3 else 1] if len(local) > 1 else ""
    return f"{shown}***@{domain[:1]}***{ending}"


def _phone(text: str) -> str:
    groups = re.findall(r"\d+", text)
    digits = "".join(groups)
    # Four digits stay hidden, whatever the number's length.
    last = min(4, max(0, len(digits) - 6))
    first = min(len(groups[0]) if len(groups) > 1 else 3, 3, max(0, len(digits) - last - 4))
    return f"{digits[:first]}-****-{digits[len(digits) - last :]}" if last else "****"


def _name(text: str) -> str:
    if not is_cjk(text):
        return " ".join(f"{word[:1].upper()}***" for word in text.split())
    surname, space, given = text.partition(" ")
    if space and given:
        return f"{surname[:_SHOWN_SURNAME]}{'○' * min(len(given), 3)}"
    shown = 1 if len(text) < 4 else _SHOWN_SURNAME
    return f"{text[:shown]}{'○' * min(max(len(text) - shown, 1), 3)}"
