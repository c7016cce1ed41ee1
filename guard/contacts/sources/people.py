"""
Contacts and sent mail from lines of JSON, as a program of one's own writes them.

    {"address": "sato@kita.example", "name": "佐藤 健", "company": "北商事"}

or the events of `guard.contacts.events`, of which those to be judged are passed over.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from guard.contacts import jsonl
from guard.contacts.events import Judge, read_events
from guard.contacts.sources.changes import Broken
from guard.contacts.sources.table import address_in, shortened
from guard.model.address import AddressError
from guard.model.contact import Contact, Exchange
from guard.model.errors import SourceError


def read_people(lines: Iterable[bytes], file: str) -> Iterator[Contact | Exchange | Broken]:
    """Read every line, lazily, and say which are broken."""
    for number, line in jsonl.numbered(lines):
        where = f"{file}:{number}"
        try:
            row = jsonl.value(line)
        except ValueError as error:
            yield Broken(f"{where}: is no JSON ({type(error).__name__}); write one object a line")
            continue
        match row:
            case {"op": "directory", "contacts": [*people]}:
                for one in people:
                    yield _contact(one, where)
            case {"op": _}:
                yield from _events(line, file, number)
            case _:
                yield _contact(row, where)


def _contact(row: Any, where: str) -> Contact | Broken:
    match row:
        case {"address": str(text)}:
            try:
                return Contact(
                    address=address_in(text), name=_text(row, "name"), company=_text(row, "company")
                )
            except AddressError as error:
                return Broken(
                    f"{where}: {shortened(text)} is not an e-mail address ({error}); mend or take "
                    "out the line"
                )
    return Broken(f'{where}: has no "address"; write {{"address": "…", "name": "…"}}')


def _text(row: dict[str, Any], key: str) -> str:
    value = row.get(key)
    return " ".join(value.split()) if isinstance(value, str) else ""


def _events(line: str | bytes, file: str, number: int) -> Iterator[Contact | Exchange | Broken]:
    try:
        events = list(read_events((line,), file, first=number))
    except SourceError as error:
        yield Broken(str(error))
        return
    # What is there to be judged is neither a contact nor learned.
    yield from (event for event in events if not isinstance(event, Judge))
