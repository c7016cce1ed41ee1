"""
What a cell shows where its number format says more than the number (ECMA-376 part 1 §18.8.31).

A telephone number that is kept as a number has lost its first zero, and ``000-0000-0000`` is what
gives it back; ``"TEL "0`` and ``0"様"`` have words in them. Most formats only round, group or
colour: of those nothing is made here, and cells are read as the numbers that they are.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from guard.extract.celltext import number

_TOKENS: Final = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|(?:_|\*).?|\[(?P<bracket>[^\]]*)\]?'
    r"|(?P<general>General|Standard|G/標準)|(?P<exponent>E[+-])|(?P<half>AM/PM|A/P|上午/下午)"
    r"|(?P<end>;)|(?P<other>.)",
    re.DOTALL | re.IGNORECASE,
)
_CONDITION: Final = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d+)?)")
_ELAPSED: Final = re.compile(r"[hmsHMS]+")
_PLACES: Final = "0#?"
_DATES: Final = frozenset("ymdhsgebYMDHSGEB")
_LONG_UNIT: Final = 4
"""Letters behind an amount that are more than its unit."""

_MOST_DECIMALS: Final = 30
_MOST_LETTERS: Final = 1000
"""Of a format; Excel takes 255."""

_LITERAL, _PLACE, _POINT, _GENERAL, _TEXT = range(5)


class _Section:
    """One of up to four parts of a format, for numbers that its condition lets through."""

    def __init__(
        self,
        tokens: Sequence[tuple[int, str]],
        *,
        condition: tuple[str, float] | None,
        is_date: bool,
        is_amount: bool,
        factor: float,
    ) -> None:
        kinds = [kind for kind, _ in tokens]
        self.condition: Final = condition
        self.is_date: Final = is_date
        self.is_text: Final = _TEXT in kinds
        self.tells: Final = not is_date and _tells(tokens, is_amount=is_amount)
        self._factor = factor
        self._decimals = 0
        if _POINT in kinds:
            self._decimals = min(_MOST_DECIMALS, kinds[kinds.index(_POINT) :].count(_PLACE))
        places = "".join(text for kind, text in tokens if kind == _PLACE)
        self._fill = "".join("0" if place == "0" else "\0" for place in places)
        self._plan = tuple(_plan(tokens))

    def holds(self, value: float) -> bool:
        """Whether the condition lets a number through."""
        if self.condition is None:
            return True
        how, than = self.condition
        return (
            ("<" in how and value < than)
            or (">" in how and value > than)
            or ("=" in how and value == than)
        )

    def show(self, value: float | str) -> str:
        """Write a number, without the commas between thousands, or a text."""
        digits = ""
        if not isinstance(value, str):
            digits = f"{abs(value) * self._factor:.{self._decimals}f}"
            digits = digits.replace(".", "").lstrip("0") if self._decimals else digits.lstrip("0")
        digits = self._fill[: max(0, len(self._fill) - len(digits))] + digits
        # What is too long for the places stands before the first of them.
        over = len(digits) - len(self._fill)
        pieces = []
        for piece in self._plan:
            if isinstance(piece, str):
                pieces.append(piece)
            elif piece is None:
                pieces.append(value if isinstance(value, str) else number(abs(value)))
            else:
                start, end = piece
                pieces.append(digits[start + over if start else 0 : end + over])
        return "".join(pieces).replace("\0", "")


def _plan(tokens: Sequence[tuple[int, str]]) -> Iterator[str | tuple[int, int] | None]:
    """Give what is written in turn: letters, places from one to another, or the whole value."""
    at = 0
    for kind, group in groupby(tokens, key=lambda token: token[0]):
        members = [text for _, text in group]
        if kind == _PLACE:
            yield at, at + len(members)
            at += len(members)
        elif kind in {_GENERAL, _TEXT}:
            yield None
        else:
            yield "".join(members)


def _tells(tokens: Sequence[tuple[int, str]], *, is_amount: bool) -> bool:
    """Whether a section shows anything that the number alone does not; amounts have units."""
    words = "".join(text for kind, text in tokens if kind == _LITERAL)
    said = sum(letter.isalnum() for letter in words)
    if is_amount:
        return said >= _LONG_UNIT or any(letter.isdigit() for letter in words)
    places = [at for at, (kind, _) in enumerate(tokens) if kind == _PLACE]
    marks = [tokens[at][1] for at in places]
    inner = tokens[places[0] : places[-1]] if places else ()
    if "?" in marks and "/" in words:
        return False  # a fraction
    return (
        said > 0
        or marks.count("0") > 1
        or any(kind == _LITERAL and text.strip() for kind, text in inner)
    )


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """A format that shows more than the number."""

    _numbers: tuple[_Section, ...]
    _texts: _Section | None

    @classmethod
    def of(cls, code: str) -> "NumberFormat | None":
        """Read a format; `None` where it shows no more than the number."""
        sections = list(_sections(code[:_MOST_LETTERS]))
        if any(section.is_date for section in sections):
            return None
        if not any(section.tells for section in sections):
            return None
        texts = next((section for section in sections[3:4] or sections if section.is_text), None)
        return cls(tuple(sections[:3]), texts)

    def show(self, value: object) -> str | None:
        """Write a value; `None` where it shows as it is."""
        section: _Section | None
        sign = ""
        if isinstance(value, str):
            section, said = self._texts, value
            return section.show(said) if section and section.tells else None
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        if not math.isfinite(value):
            return None
        section, sign = self._of(value)
        return sign + section.show(value) if section and section.tells else None

    def _of(self, value: float) -> tuple[_Section | None, str]:
        """Give the section for a number, and the sign that it does not show by itself."""
        sign = "-" if value < 0 else ""
        sections = self._numbers
        if any(section.condition for section in sections):
            for at, section in enumerate(sections):
                negative_only = at == 1 and len(sections) > 2 and section.condition is None
                if section.holds(value) and not (negative_only and value >= 0):
                    return section, sign
            return None, sign
        if value < 0 and len(sections) > 1:
            return sections[1], ""
        return sections[2 if value == 0 and len(sections) > 2 else 0], sign


class _Draft:
    """A section that is being read."""

    def __init__(self) -> None:
        self._tokens: list[tuple[int, str]] = []
        self._condition: tuple[str, float] | None = None
        self._is_date = self._is_amount = False
        self._factor = 1.0
        self._commas = 0

    def finished(self) -> _Section:
        """Give what was read; commas behind the last place divide by thousands."""
        return _Section(
            self._tokens,
            condition=self._condition,
            is_date=self._is_date,
            is_amount=self._is_amount,
            factor=self._factor / 1000**self._commas,
        )

    def take(self, found: re.Match[str]) -> None:
        """Read on."""
        if literal := found["quoted"] or found["escaped"]:
            self._tokens.append((_LITERAL, literal))
        elif bracket := found["bracket"]:
            self._bracket(bracket)
        elif found["general"]:
            self._tokens.append((_GENERAL, ""))
        elif other := found["other"]:
            self._other(other)
        self._is_amount = self._is_amount or bool(found["exponent"])
        self._is_date = self._is_date or bool(found["half"])

    def _bracket(self, bracket: str) -> None:
        if given := _CONDITION.fullmatch(bracket):
            self._condition = given[1], float(given[2])
        elif bracket.startswith("$"):
            self._tokens.append((_LITERAL, bracket[1:].partition("-")[0]))
        else:
            self._is_date = self._is_date or bool(_ELAPSED.fullmatch(bracket))

    def _other(self, letter: str) -> None:
        if letter in _PLACES:
            self._is_amount = self._is_amount or self._commas > 0
            self._commas = 0
            self._tokens.append((_PLACE, letter))
        elif letter == ",":
            self._commas += bool(self._tokens)
        elif letter == "@":
            self._tokens.append((_TEXT, ""))
        else:
            self._is_amount = self._is_amount or letter in "%."
            self._is_date = self._is_date or letter in _DATES
            self._factor *= 100 if letter == "%" else 1
            self._tokens.append((_POINT if letter == "." else _LITERAL, letter))


def _sections(code: str) -> Iterator[_Section]:
    """Take a format apart."""
    draft = _Draft()
    for found in _TOKENS.finditer(code):
        if found["end"]:
            yield draft.finished()
            draft = _Draft()
        else:
            draft.take(found)
    yield draft.finished()


Formats = Mapping[int, NumberFormat]
"""Of styles, by their numbers; only those that tell."""


def telling(codes: Mapping[int, str], styles: Sequence[int]) -> dict[int, NumberFormat]:
    """Give the formats that tell by number of the style: *styles* are the numbers of its format."""
    read = {which: NumberFormat.of(code) for which, code in codes.items()}
    found = ((style, read.get(which)) for style, which in enumerate(styles))
    return {style: format_ for style, format_ in found if format_}


def shown(value: object, text: str, format_: NumberFormat | None) -> tuple[str, str]:
    """
    Give what a cell shows, and what it holds if that cannot be seen in it.

    *text* is the value as `guard.extract.celltext` writes it.
    """
    seen = format_.show(value) if format_ else None
    if seen is None or seen == text:
        return text, ""
    before, _, after = seen.partition(text)
    kept = len(before) + len(after) < len(seen) and not (
        before[-1:].isdigit() or after[:1].isdigit()
    )
    return seen, "" if kept else text
