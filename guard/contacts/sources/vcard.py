"""
Contacts from vCards: 2.1 as telephones write them, 3.0 (RFC 2426) and 4.0 (RFC 6350).

Only name, company and addresses are read; `docs/adr` says why by hand.
"""

import binascii
import codecs
import quopri
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from guard.contacts.sources.changes import Broken
from guard.contacts.sources.table import ENCODINGS, address_in, decoded, shortened
from guard.model.address import AddressError
from guard.model.contact import Contact
from guard.parse.charset import decode

MOST_OCTETS: Final = 64 * 1024
"""Of one property this much is read; what is longer is a picture."""

_NAME = re.compile(rb"(?:[\w-]+\.)?([\w-]+)((?:;(?:[^:;\"]|\"[^\"]*\")*)*):", re.ASCII)
_WANTED: Final = frozenset({b"FN", b"N", b"ORG", b"EMAIL"})


@dataclass(slots=True)
class _Card:
    """A card that is being read."""

    line: int
    """Where it begins."""

    values: dict[str, str] = field(default_factory=dict)
    """The first FN, N and ORG, escaped as in the file."""

    emails: list[tuple[int, str]] = field(default_factory=list)


def read_vcards(octets: bytes, file: str) -> Iterator[Contact | Broken]:
    """
    Read every card of a file, and every address or card that is broken.

    A card without an address is left out; one with several gives several contacts. Lines that are
    no property are passed over, as are properties that nobody here asks for.
    """
    if octets.startswith((b"\xff\xfe", b"\xfe\xff")):
        octets = decoded(octets).encode(errors="replace")
    octets = octets.removeprefix(codecs.BOM_UTF8)
    cards = _Cards(file, _charset(octets))
    for number, line in _logical(octets):
        match = _NAME.match(line)
        if match is not None:
            yield from cards.take(number, match, line[match.end() :])
    yield from cards.end()


class _Cards:
    """The cards of one file, as far as it was read."""

    def __init__(self, file: str, charset: str) -> None:
        self._file = file
        self._charset = charset
        self._card: _Card | None = None
        self._found = False
        self._inner = 0
        """How many cards of assistants are open within the card (vCard 2.1 §2.5.5)."""

        self._agent = False
        """Whether the property before is one that a card follows."""

    def take(self, line: int, match: re.Match[bytes], value: bytes) -> Iterator[Contact | Broken]:
        """Take one property; the last of a card gives its contacts."""
        name, component = match[1].upper(), value.strip().upper()
        if name == b"BEGIN" and component == b"VCARD":
            if self._card is not None and self._agent:
                self._inner += 1
            else:
                yield from self._unended()
                self._card, self._found, self._inner = _Card(line), True, 0
        elif name == b"END" and component == b"VCARD":
            if self._inner:
                self._inner -= 1
            elif self._card is not None:
                yield from _contacts(self._card, self._file)
                self._card = None
        elif self._card is not None and not self._inner and name in _WANTED:
            text = _text(value, _parameters(match[2]), self._charset)
            _take(self._card, line, name.decode(), text)
        self._agent = name == b"AGENT" and not component

    def end(self) -> Iterator[Broken]:
        """Say what is missing at the end of the file."""
        yield from self._unended()
        if not self._found:
            yield Broken(f"{self._file}:1: no vCard stands in it; export the contacts as .vcf")

    def _unended(self) -> Iterator[Broken]:
        if self._card is not None:
            yield Broken(
                f"{self._file}:{self._card.line}: the card that begins here has no END:VCARD; "
                "export the contacts again"
            )


def _take(card: _Card, line: int, name: str, value: str) -> None:
    if name == "EMAIL":
        card.emails.append((line, value))
    elif value.strip():
        card.values.setdefault(name, value)


def _contacts(card: _Card, file: str) -> Iterator[Contact | Broken]:
    parts = [_plain(part) for part in _parts(card.values.get("N", ""))]
    name = _plain(card.values.get("FN", "")) or " ".join(part for part in parts[:2] if part)
    company = next((_plain(part) for part in _parts(card.values.get("ORG", ""))), "")
    for line, value in card.emails:
        text = _plain(value)
        if not text:
            continue
        try:
            yield Contact(address=address_in(text), name=name, company=company)
        except AddressError as error:
            yield Broken(
                f"{file}:{line}: {shortened(text)} is not an e-mail address ({error}); mend or "
                "take out the EMAIL"
            )


def _logical(octets: bytes) -> Iterator[tuple[int, bytes]]:
    """Give each line with its number, folded ones as one; what is very long is cut."""
    parts: list[bytes] = []
    begin, size = 1, 0
    soft = False
    for number, line in enumerate(octets.splitlines(), 1):
        if parts and (soft or line.startswith((b" ", b"\t"))):
            part = line if soft else line[1:]
            if soft:
                parts[-1] = parts[-1][:-1]
        else:
            if parts:
                yield begin, b"".join(parts)
            parts, begin, size, part = [], number, 0, line
        if size < MOST_OCTETS:
            parts.append(part[:MOST_OCTETS])
            size += len(part)
        # In quoted-printable a line goes on behind an equals sign (RFC 2045 §6.7).
        head = parts[0].split(b":", 1)[0].upper()
        soft = line.endswith(b"=") and b"QUOTED-PRINTABLE" in head and parts[-1].endswith(b"=")
    if parts:
        yield begin, b"".join(parts)


def _parameters(octets: bytes) -> Mapping[str, str]:
    """Read ``;CHARSET=x;QUOTED-PRINTABLE``; a word alone is an encoding, or a type."""
    found: dict[str, str] = {}
    for part in re.findall(rb";((?:[^;\"]|\"[^\"]*\")*)", octets):
        name, equals, value = part.decode("ascii", "replace").upper().partition("=")
        if equals:
            found.setdefault(name.strip(), value.strip(' "'))
        elif name.strip() in {"QUOTED-PRINTABLE", "BASE64"}:
            found.setdefault("ENCODING", name.strip())
    return found


def _text(value: bytes, parameters: Mapping[str, str], charset: str) -> str:
    """Decode a value, by what its property says of itself before what the file looks like."""
    match parameters.get("ENCODING"):
        case "QUOTED-PRINTABLE":
            value = quopri.decodestring(value)
        case "BASE64" | "B":
            try:
                value = binascii.a2b_base64(value)
            except binascii.Error:
                return ""
    return decode(value, parameters.get("CHARSET") or charset)[0]


def _charset(octets: bytes) -> str:
    """Say which encoding a file is in that does not say so itself."""
    for name in ENCODINGS:
        try:
            octets.decode(name)
        except UnicodeDecodeError:
            continue
        return name.removesuffix("-sig")
    return "windows-1252"


def _parts(text: str) -> list[str]:
    """Part at semicolons that are not escaped."""
    return re.split(r"(?<!\\);", text)


def _plain(text: str) -> str:
    """Take the escapes off (RFC 6350 §3.4)."""
    unescaped = re.sub(r"\\(.)", lambda match: " " if match[1] in "nN" else match[1], text)
    return " ".join(unescaped.split())
