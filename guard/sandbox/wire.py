"""
What passes between the guard and a child: a length, JSON of that length, raw octets.

The octets of a request are the file; those of an answer are the passages' texts in UTF-8, one
after the other, with their lengths in the JSON.
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from guard.model.extract import Extract, Family, Passage, ReadState, Reason

LENGTH: Final = struct.Struct("!I")

HEAD_BYTES: Final = 16 * 1024 * 1024
"""JSON longer than this is no answer. 100,000 passages take 8 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One file to be read."""

    name: str
    charset: str | None
    inline: bool
    plain: bool
    password: str = field(repr=False)
    entries: int
    expanded_bytes: int
    text_chars: int
    ocr_pages: int
    size_bytes: int
    """Octets of the file, which follow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a child made of it."""

    extract: Extract
    entries: int
    """Left of the request's."""

    expanded_bytes: int
    """Left of the request's."""


def pack(head: Mapping[str, Any]) -> bytes:
    """Write a head with its length in front."""
    octets = json.dumps(head).encode("ascii")
    return LENGTH.pack(len(octets)) + octets


def pack_request(request: Request) -> bytes:
    """Write a request; the file's octets follow."""
    return pack({name: getattr(request, name) for name in Request.__slots__})


def unpack_request(octets: bytes) -> Request:
    """Read what `pack_request` wrote, without its length."""
    return Request(**json.loads(octets))


def pack_answer(answer: Answer) -> list[bytes]:
    """Write an answer in pieces."""
    extract = answer.extract
    texts = [passage.text.encode("utf-8", "replace") for passage in extract.passages]
    head = {
        "state": extract.state,
        "reasons": extract.reasons,
        "families": sorted(extract.families),
        "passages": [
            (passage.place, passage.first_row, len(text))
            for passage, text in zip(extract.passages, texts, strict=True)
        ],
        "entries": answer.entries,
        "expanded_bytes": answer.expanded_bytes,
    }
    return [pack(head), *texts]


def texts_bytes(head: Mapping[str, Any]) -> int:
    """
    Say how many octets follow the head of an answer.

    Raises:
        ValueError, TypeError, KeyError: It is no head of an answer.
    """
    sizes = [int(size) for _, _, size in head["passages"]]
    if any(size < 0 for size in sizes):
        raise ValueError("a passage of negative length")
    return sum(sizes)


def unpack_answer(name: str, head: Mapping[str, Any], octets: bytes | bytearray) -> Answer:
    """
    Read an answer about the file called *name*, trusting nothing in it.

    Raises:
        ValueError, TypeError, KeyError: It is no answer.
    """
    passages = []
    at = 0
    for place, first_row, size in head["passages"]:
        text = octets[at : at + size].decode("utf-8")
        passages.append(Passage(place=str(place), text=text, first_row=int(first_row)))
        at += size
    reasons = tuple(Reason(reason) for reason in head["reasons"])
    state = ReadState(head["state"])
    if (state is ReadState.READ) != (not reasons):
        raise ValueError("a state that does not agree with its reasons")
    return Answer(
        extract=Extract(
            file=name,
            state=state,
            reasons=reasons,
            passages=tuple(passages),
            families=frozenset(Family(family) for family in head["families"]),
        ),
        entries=int(head["entries"]),
        expanded_bytes=int(head["expanded_bytes"]),
    )
