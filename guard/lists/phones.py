"""Telephone numbers: the national digits without trunk 0, however they were typed."""

import re
from collections.abc import Iterator
from typing import Final

from guard.lists.fold import fold
from guard.lists.steps import Check, each, go_on

MIDDLE_DOT: Final = "\x01"
"""Stands for \u30fb among signs; no folded text has it."""

SHORTEST: Final = 8
LONGEST: Final = 15  # ITU-T E.164 §6.2.1
_WITH_PREFIX: Final = LONGEST + 4
_MAX_UNITS: Final = 6
_UNIT_CHARS: Final = 128
"""What is read of a unit: with more it has more digits than any number."""

# Most digits in a text are too few to be looked at twice.
_RUN: Final = re.compile(r"\+?\(?\d[\d\-.() /\u30fb]{6,}")

# Digits that hyphens hold together; of these units, a number may have several with spaces between.
_UNIT: Final = re.compile(r"\+?\(?\d+(?:[\-.()\u30fb]{1,2}\d+)*+")
_GAP: Final = re.compile(r"[ ()/\-]{1,3}")
# What most cells of a Japanese list look like, and can be read in one way only.
_PLAIN: Final = re.compile(r"0[1-9][\d-]{8,11}")
_NO_DIGIT: Final = re.compile(r"\D+")
_SEVERAL: Final = re.compile(r"[/,;|]")

# ITU-T E.164 country codes: of one digit, of two, and all others of three.
_COUNTRY: Final = re.compile(r"1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|[2-9]\d\d")

# A run that is one unit, with blanks as underscores.
_ONE_UNIT: Final = re.compile(rb"[\-.()/_]*\+?\(?[0-9]+(?:[\-.()]{1,2}[0-9]+)*+[\-.()/_]*")
_AROUND: Final = b"+-()./_"
_RUNS: Final = bytes(
    ord("_") if sign == " " else ord(".") if sign == MIDDLE_DOT else ord(sign)
    if sign in "0123456789+-()./" else ord(" ")
    for sign in map(chr, range(256))
)  # fmt: skip

_Unit = tuple[int, int, str, bool]
"""Start, end, digits, and whether a plus stands in front."""


def phones_in(
    folded: str, check: Check = go_on, *, start: int = 0, end: int | None = None
) -> Iterator[tuple[int, int, str]]:
    """
    Give every number that a folded text, from *start* to *end*, can be read to hold.

    Its start, its end, and its national digits.

    One stretch of digits may be read in several ways; a look-up decides.
    """
    for chain in _chains(folded, check, start, end):
        if sum(len(unit[2]) for unit in chain) < SHORTEST:
            continue
        for last, unit in enumerate(chain):
            digits = ""
            for first in range(last, max(-1, last - _MAX_UNITS), -1):
                began, _, more, plus = chain[first]
                digits = more + digits
                if len(digits) > _WITH_PREFIX:
                    break
                if len(digits) >= SHORTEST:
                    for national in _readings(digits, international=plus):
                        yield began, unit[1], national


def phones_of(signs: bytes) -> Iterator[str]:
    """
    Give the national digits that `phones_in` gives, for the signs of a text (see `Prepared`).

    In no order and without their places, but soon: most texts have no telephone of a customer.
    """
    for run in set(signs.translate(_RUNS).split()):
        if len(run) < SHORTEST:
            continue
        digits = run.translate(None, _AROUND)
        if len(digits) < SHORTEST:
            continue
        # Two signs part no unit from another, if they are such as stand within one.
        plain = len(run) - len(digits) <= 2 and run.translate(None, b"-.") == digits
        if plain or (b"(0)" not in run and _ONE_UNIT.fullmatch(run)):
            if len(digits) <= _WITH_PREFIX:
                yield from _readings(digits.decode(), international=b"+" in run)
        else:
            for _, _, national in phones_in(run.replace(b"_", b" ").decode()):
                yield national


def phone_keys(value: str) -> tuple[str, ...]:
    """Give what the list keeps of a cell: the readings of each number in it, each once."""
    folded = fold(value)
    plain = folded.replace("-", "") if _PLAIN.fullmatch(folded) else ""
    if len(plain) in {10, 11}:
        return (plain[1:],)
    keys: dict[str, None] = {}
    for part in _SEVERAL.split(folded):
        for chain in _chains(part):
            digits = "".join(unit[2] for unit in chain)
            if SHORTEST <= len(digits) <= _WITH_PREFIX:
                keys |= dict.fromkeys(_readings(digits, international=chain[0][3]))
    return tuple(keys)


def _chains(
    folded: str, check: Check = go_on, start: int = 0, end: int | None = None
) -> Iterator[list[_Unit]]:
    """Give units that only spaces or brackets part."""
    for run in each(_RUN, folded, check, start=start, end=end):
        chain: list[_Unit] = []
        last = -1
        for match in each(_UNIT, folded, check, start=run.start(), end=run.end()):
            began = match.start()
            if chain and not (began - last <= 3 and _GAP.fullmatch(folded, last, began)):
                yield chain
                chain = []
            # The 0 of +44 (0)20 is dialled within the country only.
            typed = folded[began : min(match.end(), began + _UNIT_CHARS)]
            digits = _NO_DIGIT.sub("", typed.replace("(0)", ""))
            chain.append((began, match.end(), digits, typed.lstrip("(")[0] == "+"))
            last = match.end()
        if chain:
            yield chain


def _readings(digits: str, *, international: bool) -> tuple[str, ...]:
    """Give the national digits that *digits* can stand for."""
    if international:
        readings = {_national(digits)}
    elif digits.startswith("010") and len(digits) >= 13:  # the way out of Japan
        readings = {_national(digits[3:]), digits[1:]}
    elif digits.startswith("00"):
        readings = {_national(digits[2:])}
    elif len(digits) > 10 and digits[0] != "0":
        readings = {digits, _national(digits)}
    else:
        national = digits.lstrip("0")
        return (national,) if SHORTEST - 1 <= len(national) <= LONGEST else ()
    return tuple(sorted(n for n in readings if SHORTEST - 1 <= len(n) <= LONGEST))


def _national(digits: str) -> str:
    country = _COUNTRY.match(digits)
    return digits[country.end() if country else 0 :].lstrip("0")
