"""
Small files of text and nothing else, which need no child.

They are read by the same code as in a child: decoding, in pure Python, just as the text of the mail
itself is read. Whatever holds another file is left to a child.
"""

from collections.abc import Sequence
from typing import Final

from guard.extract.budget import Budget
from guard.extract.kinds import Kind, kind_of
from guard.extract.pieces import Source, UnreadError
from guard.extract.plaintext import text
from guard.model.extract import Extract, Family, Passage, ReadState
from guard.model.message import Attachment
from guard.ports import Readers

MOST_BYTES: Final = 16 * 1024
"""Octets that are read in less than a millisecond or two; a child takes ten."""


class ReadersAtOnce:
    """The port `Readers` over another, which is asked about all but small files of text."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers

    async def read(
        self, attachments: Sequence[Attachment], *, password: str = ""
    ) -> tuple[Extract, ...]:
        """Give one `Extract` an attachment, in their order, as `ports.Readers.read` promises."""
        found = [at_once(attachment) for attachment in attachments]
        others = [a for a, read in zip(attachments, found, strict=True) if read is None]
        if not others:
            return tuple(filter(None, found))
        rest = iter(await self._readers.read(others, password=password))
        return tuple([read or next(rest) for read in found])


def at_once(attachment: Attachment) -> Extract | None:
    """Read a small file of text, or give `None`: a child has to."""
    octets = attachment.octets
    # Archives and compound files have zeros: nobody looks into them here, not even to tell them.
    if len(octets) > MOST_BYTES or b"\0" in octets or kind_of(octets) is not Kind.TEXT:
        return None
    source = Source(name=attachment.name, octets=octets, charset=attachment.charset)
    try:
        pieces = tuple(text(source, Budget()))
    except UnreadError:
        return None
    passages = tuple(piece for piece in pieces if isinstance(piece, Passage))
    if len(passages) < len(pieces):
        return None
    return Extract(
        file=attachment.name,
        state=ReadState.READ,
        passages=passages,
        families=frozenset({Family.TEXT}),
    )
