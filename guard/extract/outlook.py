"""Messages as Outlook saves them, .msg ([MS-OXMSG]): properties as streams of a compound file."""

import re
import struct
from collections.abc import Iterator
from typing import Final

from guard.extract import mapi
from guard.extract.budget import Budget
from guard.extract.compound import Compound, Entry
from guard.extract.pieces import Member, Piece, Source
from guard.model.extract import Passage, Reason

_FIXED: Final = "__properties_version1.0"
_STRING_STREAM: Final = re.compile(
    r"__substg1\.0_([0-9a-f]{4})([0-9a-f]{4})(-[0-9a-f]{8})?", re.IGNORECASE
)
_RECIPIENT: Final = "__recip_version1.0_#"
_ATTACHMENT: Final = "__attach_version1.0_#"
_MESSAGE: Final = f"__substg1.0_{mapi.DATA:04X}{mapi.OBJECT:04X}"
_SEVERAL: Final = 0x1000
_PROPERTY: Final = struct.Struct("<HH4x8s")
"""§2.4.2: type, number, flags, value."""

_HAS_NO_DATA: Final = {0, 2, 3, 4, 7}
"""Ways of attaching by which the file lies elsewhere (PidTagAttachMethod)."""

_METHOD: Final = 0x3705
_RECIPIENT_FIELD: Final = {1: "To", 2: "Cc", 3: "Bcc"}
_RECIPIENT_TYPE: Final = 0x0C15


def outlook(source: Source, budget: Budget) -> Iterator[Piece]:
    """Give a message's header with its recipients, its bodies, and its attachments."""
    compound = Compound(source.octets)
    root = compound.root
    properties = _properties(compound, root, budget)
    codec = mapi.codec_of(properties)
    recipients = [
        _recipient(_properties(compound, storage, budget), codec)
        for storage in _numbered(root, _RECIPIENT)
    ]
    shown = []
    for piece in mapi.message(properties, recipients, codec, budget):
        if isinstance(piece, Member):
            shown.append(piece.octets)
        yield piece
    for storage in _numbered(root, _ATTACHMENT):
        yield from _attachment(compound, storage, codec, b"".join(shown), budget)
    if compound.damaged:
        yield Reason.CORRUPT


def _numbered(root: Entry, prefix: str) -> list[Entry]:
    """Give the storages whose names begin so, in their order."""
    found = [entry for entry in root.storages if entry.name.lower().startswith(prefix)]
    return sorted(found, key=lambda entry: entry.name.lower())


def _properties(compound: Compound, storage: Entry, budget: Budget) -> list[mapi.Property]:
    """Give properties of a message, a recipient or an attachment."""
    found: list[mapi.Property] = []
    if entry := storage.stream(_FIXED):
        octets = compound.read(entry, budget)
        # The head has 32 octets in a message, 24 in one within another, 8 elsewhere.
        start = len(octets) % _PROPERTY.size or 2 * _PROPERTY.size
        if start == 8 and storage is compound.root:
            start += _PROPERTY.size
        for at in range(start, len(octets) - _PROPERTY.size + 1, _PROPERTY.size):
            kind, number, value = _PROPERTY.unpack_from(octets, at)
            found.append(mapi.Property(number=number, kind=kind, octets=value))
        found = [one for one in found if one.kind not in {mapi.NARROW, mapi.WIDE, mapi.BINARY}]
    for entry in storage.children:
        name = _STRING_STREAM.fullmatch(entry.name)
        if name and entry.is_stream:
            number, kind, item = int(name[1], 16), int(name[2], 16), name[3]
            if kind & _SEVERAL and not item:
                continue  # the lengths of its values
            kind &= ~_SEVERAL
            octets = compound.read(entry, budget)
            found.append(mapi.Property(number=number, kind=kind, octets=octets))
    return found


def _recipient(properties: list[mapi.Property], codec: str | None) -> str:
    kind = _long(properties, _RECIPIENT_TYPE)
    field = _RECIPIENT_FIELD.get(kind & 0xF, "To")
    return f"{field}: {mapi.other_texts(properties, codec).replace(chr(10), ' ')}"


def _long(properties: list[mapi.Property], number: int) -> int:
    found = (one for one in properties if one.number == number and one.kind == mapi.LONG)
    return next((int.from_bytes(one.octets[:4], "little") for one in found), 1)


def _attachment(
    compound: Compound, storage: Entry, codec: str | None, shown: bytes, budget: Budget
) -> Iterator[Piece]:
    budget.enter()
    properties = _properties(compound, storage, budget)
    name = mapi.name_of(properties, codec)
    if text := mapi.other_texts(properties, codec):
        budget.say(len(text))
        yield Passage(place="attachment", text=text)
    data = [one.octets for one in properties if (one.number, one.kind) == (mapi.DATA, mapi.BINARY)]
    message = storage.find(_MESSAGE)
    if data:
        identity = mapi.content_id(properties, codec)
        inline = bool(identity) and identity.encode() in shown
        yield Member(name=name, octets=data[0], inline=inline)
    elif message and not message.is_stream:
        is_message = message.has(_FIXED)  # else an object that stands in the text
        octets = compound.rerooted(message)
        yield Member(name=f"{name}.msg" if is_message else name, octets=octets)
    elif _long(properties, _METHOD) not in _HAS_NO_DATA:
        yield Reason.CORRUPT
