"""Structured fields: a value with parameters (RFC 2045 §5.1, RFC 2231)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final
from urllib.parse import unquote_to_bytes

from guard.parse.charset import decode
from guard.parse.words import decode_words

_PART: Final = re.compile(r"""(?:[^;"]+|"(?:[^"\\]|\\.)*(?:"|\\?\Z))+""", re.DOTALL)
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)', re.DOTALL)
_PIECE: Final = re.compile(r"(?P<name>[^*]+)(?:\*(?P<number>\d{1,4}))?(?P<coded>\*)?")
_TYPE: Final = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+")

FOR_PEOPLE: Final = {"name", "filename"}
"""Parameters whose bare values mail software writes with blanks and brackets in them."""

_SHORT: Final = 200
_REMEMBERED: Final = 1_024
"""Short fields that are remembered: most parts are of few types."""

_MOST: Final = 200
"""Parameters of one field that are looked at; real mail has at most a dozen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A structured field's value and its parameters."""

    value: str = ""
    """Lower case, without comments: ``text/plain``, ``attachment``, ``base64``."""

    params: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case; RFC 2231 continuations joined and decoded, encoded words too."""

    others: tuple[tuple[str, str], ...] = ()
    """Values that parameters have to other programs: of two of a name, of what is not joined."""

    @property
    def ambiguous(self) -> bool:
        """Whether programs differ in what a parameter of structure is."""
        return any(name not in FOR_PEOPLE for name, _ in self.others)

    @property
    def is_type(self) -> bool:
        """Whether the value is a media type (RFC 6838 §4.2)."""
        return bool(_TYPE.fullmatch(self.value))


NOTHING: Final = Field()
"""A field that is not there."""


def structured(text: str) -> Field:
    """Read a field such as Content-Type from its unfolded text; anything reads as something."""
    return _short(text) if len(text) <= _SHORT else _read(text)


@lru_cache(maxsize=_REMEMBERED)
def _short(text: str) -> Field:
    """Remember what `_read` made of short fields."""
    return _read(text)


def _read(text: str) -> Field:
    """Do what `structured` does."""
    end = _end_of_value(text)
    value = "".join(without_comments(text[:end]).split()).strip("\"'").lower()
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    others: list[tuple[str, str]] = []
    for part in _PART.findall(text[end:])[:_MOST]:
        before, equals, after = part.partition("=")
        piece = _PIECE.fullmatch("".join(without_comments(before).split()).lower())
        if piece is None or not equals:
            continue
        name, number, coded = piece["name"], piece["number"], bool(piece["coded"])
        given = _given(after.strip(), bare_ends=name not in FOR_PEOPLE)
        if number is None and not coded:
            if name in plain:
                others.append((name, given))
            if name == "boundary" and (whole := after.strip().strip('"')) != given:
                others.append((name, whole))  # bare, with more behind it
            plain.setdefault(name, given)
        elif (place := int(number or 0)) in pieces.setdefault(name, {}):
            others.append((name, given))
        else:
            pieces[name][place] = given, coded
    params = {name: decode_words(given) for name, given in plain.items()}
    others += plain.items()
    for name, numbered in pieces.items():
        joined = _joined(numbered)
        others += [(name, other) for other in _otherwise(numbered)]
        if name in params:
            others.append((name, params[name]))
        params[name] = joined
    told = tuple(
        (name, other)
        for name, other in others
        if other != params[name]
        and not (name in FOR_PEOPLE and decode_words(other) == params[name])
    )
    return Field(value=value, params=params, others=told)


def _otherwise(numbered: Mapping[int, tuple[str, bool]]) -> Iterator[str]:
    """Give what an RFC 2231 parameter is to a program that stops at a gap in its numbers."""
    whole = [numbered[place] for place in range(len(numbered)) if place in numbered]
    if len(whole) < len(numbered):
        first = next((place for place in range(len(numbered)) if place not in numbered), 0)
        yield _joined({place: numbered[place] for place in range(first)}) if first else ""


def _end_of_value(text: str) -> int:
    """Find the first semicolon that stands in no comment."""
    first = text.find(";")
    if first < 0 or "(" not in text[:first]:
        return first if first >= 0 else len(text)
    depth = 0
    for place, char in enumerate(text):
        depth += (char == "(") - (char == ")" and depth > 0)
        if char == ";" and not depth:
            return place
    return first


def _given(text: str, *, bare_ends: bool) -> str:
    """Give a parameter's value without its quotes, or its bare word where *bare_ends*."""
    if quoted := _QUOTED.match(text):
        return re.sub(r'\\(["\\])', r"\1", quoted[1])
    return re.split(r"[\s(]", text, maxsplit=1)[0] if bare_ends else text


def _joined(numbered: Mapping[int, tuple[str, bool]]) -> str:
    """Put the pieces of an RFC 2231 parameter together, then decode them."""
    charset = ""
    octets = b""
    for place, number in enumerate(sorted(numbered)):
        text, coded = numbered[number]
        if coded and place == 0 and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        octets += unquote_to_bytes(text) if coded else text.encode("utf-8", "replace")
    return decode_words(decode(octets, charset or "utf-8")[0])


def without_comments(text: str) -> str:
    """Take out comments (RFC 5322 §3.2.2), nested ones too, but not what stands in quotes."""
    if "(" not in text:
        return text
    kept: list[str] = []
    depth = 0
    quoted = escaped = False
    for char in text:
        if escaped:
            escaped = False
        elif char == "\\" and (quoted or depth):
            escaped = True
        elif quoted:
            quoted = char != '"'
        elif char == '"' and not depth:
            quoted = True
        elif char == "(":
            depth += 1
        elif char == ")" and depth:
            depth -= 1
            continue
        if not depth:
            kept.append(char)
    return "".join(kept)
