"""Where one message of an mbox ends and the next begins (RFC 4155)."""

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

MOST_OCTETS: Final = 64 * 1024
"""Of a message this much is read: headers and the top of the text; attachments teach nothing."""

_LINE: Final = 64 * 1024
"""What is read at once; a line that is longer comes in pieces."""

_DATED: Final = re.compile(rb"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b.*\b\d{4}\b")
_FIELD: Final = re.compile(rb"[!-9;-~]{1,200}[ \t]*:|>?From ")


def split(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """
    Give each message from where *file* stands, with the offset at which it ends.

    A message begins after a blank line with ``From `` and either a date or, in the next line, a
    header field: what begins so within a text is text. Octets before the first are passed over.
    ``>From`` stays as it is.
    """
    message: list[bytes] | None = None
    size, here = 0, file.tell()
    blank = fresh = True
    line = file.readline(_LINE)
    while line:
        ahead = file.readline(_LINE)
        if blank and fresh and _begins(line, ahead):
            if message is not None:
                yield here, b"".join(message)
            message, size = [], 0
        elif message is not None and size < MOST_OCTETS:
            message.append(line)
            size += len(line)
        blank = fresh and line in {b"\n", b"\r\n"}
        fresh = line.endswith(b"\n")
        here += len(line)
        line = ahead
    if message is not None:
        yield here, b"".join(message)


def _begins(line: bytes, ahead: bytes) -> bool:
    return line.startswith(b"From ") and bool(_DATED.search(line[:300]) or _FIELD.match(ahead))
