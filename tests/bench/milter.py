"""
A milter in Python: it puts each message together, parses it, and lets it pass.

    python -m tests.bench.milter SOCKET          parses with BytesParser
    python -m tests.bench.milter SOCKET cells    and reads every cell of every workbook by openpyxl

It speaks the protocol itself, version 6 of libmilter. Debian 12's pymilter dies of a memory fault
when many connections come and go, and costs a change of threads for each callback; other libraries
of PyPI have not been kept. This is the quickest milter that Python allows: it asks Postfix for
header and body only and answers once a message. It ends with its standard input.
"""

import asyncio
import io
import struct
import sys
from email.parser import BytesParser
from pathlib import Path
from typing import Final, cast

import openpyxl

from tests.bench.loop import run

VERSION: Final = 6
NOT_SENT: Final = 0x1 | 0x2 | 0x4 | 0x8 | 0x100 | 0x200
"""Not wanted: connection, HELO, MAIL, RCPT, unknown commands, DATA."""

NOT_ANSWERED: Final = 0x80 | 0x40000 | 0x80000
"""Needs no answer: a header field, the end of the header, a piece of the body."""

ACCEPT: Final = struct.pack("!Ic", 1, b"a")
XLSX: Final = "vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Milter(asyncio.Protocol):
    """One connection of the mail server."""

    def __init__(self, *, cells: bool) -> None:
        self._cells = cells
        self._buffer = bytearray()
        self._pieces: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note where to answer."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's does not inherit from it

    def data_received(self, data: bytes) -> None:
        """Take in packets: a length, a letter, what belongs to it."""
        self._buffer += data
        while len(self._buffer) >= 4:
            end = 4 + int.from_bytes(self._buffer[:4])
            if len(self._buffer) < end:
                break
            command, content = bytes(self._buffer[4:5]), bytes(self._buffer[5:end])
            del self._buffer[:end]
            self._obey(command, content)

    def _obey(self, command: bytes, content: bytes) -> None:
        match command:
            case b"O":
                version, _, offered = struct.unpack("!III", content)
                wanted = offered & (NOT_SENT | NOT_ANSWERED)
                self._transport.write(
                    struct.pack("!IcIII", 13, b"O", min(version, VERSION), 0, wanted)
                )
            case b"L":
                name, value, _ = content.split(b"\0")
                self._pieces.append(name + b": " + value + b"\n")
            case b"N":
                self._pieces.append(b"\n")
            case b"B":
                self._pieces.append(content)
            case b"E":
                look_at(b"".join([*self._pieces, content]), cells=self._cells)
                self._pieces.clear()
                self._transport.write(ACCEPT)
            case b"A" | b"K":
                self._pieces.clear()
            case b"Q":
                self._transport.close()


def look_at(octets: bytes, *, cells: bool) -> None:
    """Parse a message and, with *cells*, read every cell of its workbooks."""
    for part in BytesParser().parsebytes(octets).walk():
        if cells and part.get_content_subtype() == XLSX:
            file = io.BytesIO(cast("bytes", part.get_payload(decode=True)))
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
            for sheet in book.worksheets:
                for _ in sheet.iter_rows(values_only=True):
                    pass


async def serve(socket: Path, *, cells: bool) -> None:
    """Listen until standard input ends."""
    loop = asyncio.get_running_loop()
    await loop.create_unix_server(lambda: Milter(cells=cells), socket, backlog=1024)
    socket.chmod(0o666)  # Postfix is another user
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    run(serve(Path(sys.argv[1]), cells=sys.argv[2:] == ["cells"]))
