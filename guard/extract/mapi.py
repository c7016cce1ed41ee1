"""Properties of messages as Exchange and Outlook know them ([MS-OXPROPS]), whatever holds them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from guard.extract import codepages
from guard.extract.budget import Budget
from guard.extract.lzfu import unpack
from guard.extract.pieces import Member, Piece
from guard.model.extract import Passage, Reason

NARROW: Final = 0x1E
WIDE: Final = 0x1F
BINARY: Final = 0x102
OBJECT: Final = 0x0D
LONG: Final = 0x03

_HEADER: Final = {
    0x0037: "Subject", 0x0E1D: "Subject", 0x0070: "Subject", 0x0C1A: "From", 0x0C1F: "From",
    0x5D01: "From", 0x0042: "From", 0x0065: "From", 0x5D02: "From", 0x0E04: "To", 0x0E03: "Cc",
    0x0E02: "Bcc", 0x0050: "Reply-To", 0x007D: "",
}  # fmt: skip
"""What stands in a header: property to field; the last is a whole header by itself."""

_BODY: Final = 0x1000
_RTF: Final = 0x1009
_HTML: Final = 0x1013
_CLASSES: Final = {0x001A, 0x0E2A, 0x0C1E, 0x0064, 0x3002}
"""Names of classes and kinds of addresses: IPM.Note, SMTP."""

_PAGES: Final = (0x3FFD, 0x3FDE)
"""Code page of the message's strings, and of its HTML and plain body in the Internet."""

DATA: Final = 0x3701
_LONG_NAME: Final = 0x3707
_NAMES: Final = (_LONG_NAME, 0x3704, 0x3001)
_CONTENT_ID: Final = 0x3712


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """One property, or one value of one that has several."""

    number: int
    kind: int
    octets: bytes

    def text(self, codec: str | None) -> str:
        """Give a string as text, with LF for line ends."""
        if self.kind == WIDE:
            text = self.octets.decode("utf-16-le", "replace")
        else:
            text = codepages.decode(self.octets, codec)
        return text.rstrip("\0").replace("\r\n", "\n").replace("\r", "\n")


def codec_of(properties: Sequence[Property]) -> str | None:
    """Give the codec of strings with an octet a character; `None`: the message does not say."""
    for wanted in _PAGES:
        for found in properties:
            if found.number == wanted and found.kind == LONG:
                page = int.from_bytes(found.octets[:4], "little")
                if codec := codepages.of_page(page):
                    return codec
    return None


def strings(properties: Sequence[Property], codec: str | None) -> Iterator[tuple[int, str]]:
    """Give number and text of all strings that say something."""
    for found in properties:
        if found.kind in {NARROW, WIDE} and found.number not in _CLASSES:
            text = found.text(codec)
            if text.strip():
                yield found.number, text


def message(
    properties: Sequence[Property], recipients: Sequence[str], codec: str | None, budget: Budget
) -> Iterator[Piece]:
    """Give header and bodies of a message, then all its other strings."""
    header: list[str] = []
    others: list[str] = []
    for number, text in strings(properties, codec):
        if number == _BODY:
            budget.say(len(text))
            yield Passage(place="", text=text)
        elif number == _HTML:
            budget.enter()
            yield Member(name="body.html", octets=text.encode("utf-8", "replace"), charset="utf-8")
        elif (field := _HEADER.get(number)) is not None:
            header.append(f"{field}: {text}" if field else text)
        else:
            others.append(text)
    for place, lines in (("header", [*header, *recipients]), ("properties", others)):
        if text := "\n".join(dict.fromkeys(lines)):
            budget.say(len(text))
            yield Passage(place=place, text=text)
    for found in properties:
        if found.kind == BINARY and found.octets:
            yield from _packed_body(found, codec, budget)


def _packed_body(found: Property, codec: str | None, budget: Budget) -> Iterator[Piece]:
    if found.number == _HTML:
        budget.enter()
        yield Member(name="body.html", octets=found.octets, charset=codec)
    elif found.number == _RTF:
        octets, whole = unpack(found.octets)
        budget.expand(len(octets))
        if octets:
            budget.enter()
            yield Member(name="body.rtf", octets=octets)
        if not whole:
            yield Reason.CORRUPT


def name_of(properties: Sequence[Property], codec: str | None) -> str:
    """Give the name of an attachment."""
    texts = dict(reversed(list(strings(properties, codec))))
    name = next((texts[number] for number in _NAMES if number in texts), "")
    return name.rpartition("\\")[2].replace("\n", " ").strip() or "attachment"


def content_id(properties: Sequence[Property], codec: str | None) -> str:
    """Give the Content-ID by which an HTML body may show an attachment; empty if it has none."""
    return dict(strings(properties, codec)).get(_CONTENT_ID, "")


def other_texts(properties: Sequence[Property], codec: str | None) -> str:
    """Give what else is said of an attachment or a recipient, a line each."""
    texts = (text for number, text in strings(properties, codec))
    return "\n".join(dict.fromkeys(texts))
