"""The values of policy tests as people write them; each is a type for `schema`."""

import re
from typing import Annotated, Final

from pydantic import BeforeValidator, PlainValidator

from guard.lists.headers import kind_of
from guard.lists.kinds import Kind
from guard.model.address import Address, AddressError, Mailbox
from guard.policy.shapes import like
from guard.policy.words import wrong
from guard.problems import did_you_mean

TABLES: Final = (".csv", ".tsv", ".txt", ".xlsx")
"""Files that rows can be put in."""

NULL_SENDER: Final = "<>"

_NAMED: Final = re.compile(r"(.*?)\s*<([^<>]*)>")
_TOKEN: Final = re.compile(r"[!-9;-~]+")
"""A field name of RFC 5322 §3.6.8."""


def _box(value: object) -> Mailbox:
    text = value if isinstance(value, str) else ""
    named = _NAMED.fullmatch(text)
    name, bare = (named[1].strip(' "'), named[2]) if named else ("", text)
    if not name.isprintable():
        raise wrong("a name is one line of letters")
    try:
        return Mailbox(address=Address.parse(bare.strip()), name=name)
    except AddressError as error:
        raise wrong('write an address like "sato@kita.example" or "佐藤 <sato@…>"') from error


def _return_path(value: object) -> Address | None:
    return None if value == NULL_SENDER else _box(value).address


def _column(value: object) -> str:
    """Take a header that lists are known by; a test's list has no column that says nothing."""
    kind = kind_of(str(value))
    if kind is None or kind is Kind.IGNORE:
        near = did_you_mean(str(value), [kind.value for kind in Kind if kind is not Kind.IGNORE])
        raise wrong(f'"{value}" is no column that lists are known by', near)
    return str(value)


def _cell(value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise wrong("write it in quotes: a number loses its zeros in front", 'like "03-1234-5678"')
    if not isinstance(value, str):
        raise wrong("write what stands in the cell")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise wrong("write some words, in quotes where they look like a number")
    return value


def _one_line(value: object) -> str:
    text = _text(value)
    if "\n" in text or "\r" in text:
        raise wrong("this is one line", "")
    return text


def _header(value: object) -> str:
    if not isinstance(value, str) or not _TOKEN.fullmatch(value):
        raise wrong('write the name of a header field like "Auto-Submitted"')
    if value.lower() in {"from", "to", "cc", "bcc", "subject"}:
        raise wrong(f'"{value}" has a word of its own', f'write "{value.lower()}:" under mail:')
    return value


def _time_of_day(value: object) -> tuple[int, int]:
    found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", str(value), re.ASCII)
    if found is None:
        raise wrong('write a time of day like "22:30"')
    return int(found[1]), int(found[2])


Box = Annotated[Mailbox, PlainValidator(_box), like("佐藤 一郎 <sato@kita.example>", pattern="@")]
ReturnPath = Annotated[
    Address | None, PlainValidator(_return_path), like(NULL_SENDER, pattern="@|^<>$")
]
ColumnName = Annotated[str, BeforeValidator(_column)]
Cell = Annotated[str, BeforeValidator(_cell)]
Text = Annotated[str, BeforeValidator(_text)]
OneLine = Annotated[str, BeforeValidator(_one_line)]
HeaderName = Annotated[str, BeforeValidator(_header), like("Auto-Submitted", pattern="^[!-9;-~]+$")]
TimeOfDay = Annotated[
    tuple[int, int],
    PlainValidator(_time_of_day),
    like("22:30", pattern="^([01]?[0-9]|2[0-3]):[0-5][0-9]$"),
]
