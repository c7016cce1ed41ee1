"""Parts of a container in XML, walked by the local names of their elements."""

from collections.abc import Mapping
from typing import Final
from xml.parsers import expat

from guard.extract.pieces import UnreadError
from guard.model.extract import Reason

_HEAD_BYTES: Final = 4096
_MOST_DIGITS: Final = 12
"""More than any number in a part has that stands for a place or a size."""


class Handler:
    """What `walk` calls."""

    def start(self, local: str, attributes: Mapping[str, str]) -> None:
        """Begin an element."""

    def end(self, local: str) -> None:
        """End an element."""

    def text(self, text: str) -> None:
        """Take character data, in pieces."""


def walk(octets: bytes, handler: Handler) -> None:
    """
    Parse one part.

    Raises:
        UnreadError: It declares entities (LIMIT), or is no well-formed XML (CORRUPT).
    """
    parser = new_parser()

    def start(name: str, attributes: dict[str, str]) -> None:
        handler.start(name.rpartition(" ")[2], attributes)

    def end(name: str) -> None:
        handler.end(name.rpartition(" ")[2])

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = handler.text
    try:
        parser.Parse(octets, True)
    except expat.ExpatError:
        raise UnreadError(Reason.CORRUPT) from None


def root_of(octets: bytes) -> str:
    """
    Give the local name of the outermost element; empty where there is none.

    Raises:
        UnreadError: The part declares entities (LIMIT), or is no well-formed XML (CORRUPT).
    """
    found: list[str] = []
    parser = new_parser()
    parser.StartElementHandler = lambda name, _: found.append(name.rpartition(" ")[2])
    try:
        for at in range(0, len(octets), _HEAD_BYTES):
            parser.Parse(octets[at : at + _HEAD_BYTES], False)
            if found:
                return found[0]
    except expat.ExpatError:
        raise UnreadError(Reason.CORRUPT) from None
    return ""


def new_parser() -> expat.XMLParserType:
    """Give a parser that says namespaces before a blank, joins text, and refuses entities."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.EntityDeclHandler = _refuse_entities
    return parser


def _refuse_entities(*_declaration: object) -> None:
    """Handle an entity declaration: honest Office files have none."""
    raise UnreadError(Reason.LIMIT)


def attribute(attributes: Mapping[str, str], name: str) -> str:
    """Give the attribute called *name* in whatever namespace, or an empty string."""
    if name in attributes:
        return attributes[name]
    return next((value for key, value in attributes.items() if key.endswith(f" {name}")), "")


def whole(given: str) -> int:
    """Read a whole number; anything else, or one of very many digits, is 0."""
    fits = given.isascii() and given.isdecimal() and len(given) <= _MOST_DIGITS
    return int(given) if fits else 0
