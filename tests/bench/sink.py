"""
The mail server behind everybody: takes any mail and forgets it, as cheaply as asyncio can.

``python -m tests.bench.sink`` prints its port and ends with its standard input. ``XCOUNT`` is
answered with the number of messages taken so far, ``XAWAIT N`` as soon as that is N.
"""

import asyncio
import sys
from typing import ClassVar, Final, cast

from tests.bench.loop import run

END: Final = b"\r\n.\r\n"
HELLO: Final = (
    b"250-sink.example\r\n250-PIPELINING\r\n250-SIZE 50000000\r\n250-8BITMIME\r\n"
    b"250-SMTPUTF8\r\n250-DSN\r\n250 ENHANCEDSTATUSCODES\r\n"
)
OK: Final = b"250 2.0.0 Ok\r\n"
REPLIES: Final = {
    b"EHLO": HELLO,
    b"HELO": b"250 sink.example\r\n",
    b"DATA": b"354 Go ahead\r\n",
    b"QUIT": b"221 2.0.0 Bye\r\n",
}


class Sink(asyncio.Protocol):
    """One connection; replies to what came together leave together."""

    taken = 0
    awaiting: ClassVar[list[tuple[int, "Sink"]]] = []
    """Who wants to hear when so many messages were taken."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._in_message = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's does not inherit from it
        self._transport.write(b"220 sink.example ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        """Take in commands and messages in any pieces."""
        self._buffer += data
        replies = []
        while (reply := self._message() if self._in_message else self._command()) is not None:
            replies.append(reply)
        if replies:
            self._transport.write(b"".join(replies))
        if REPLIES[b"QUIT"] in replies:
            self._transport.close()

    def _command(self) -> bytes | None:
        end = self._buffer.find(b"\r\n")
        if end < 0:
            return None
        line = bytes(self._buffer[:end])
        verb = line[:4].upper()
        del self._buffer[: end + 2]
        if verb == b"DATA":
            self._in_message = True
            # A message may be empty: then the end of DATA is the first half of its end.
            self._buffer[:0] = b"\r\n"
        if verb == b"XCOU":
            return b"250 %d\r\n" % Sink.taken
        if verb == b"XAWA":
            Sink.awaiting.append((int(line[7:]), self))
            Sink.tell()
            return b""
        return REPLIES.get(verb, OK)

    def _message(self) -> bytes | None:
        end = self._buffer.find(END)
        if end < 0:
            del self._buffer[: 1 - len(END)]  # what has come is not needed again
            return None
        del self._buffer[: end + len(END)]
        self._in_message = False
        Sink.taken += 1
        Sink.tell()
        return OK

    @classmethod
    def tell(cls) -> None:
        """Answer those who waited for what has now been taken."""
        for waiting in [each for each in cls.awaiting if each[0] <= cls.taken]:
            cls.awaiting.remove(waiting)
            waiting[1]._transport.write(b"250 %d\r\n" % cls.taken)


async def serve() -> None:
    """Listen until standard input ends."""
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    run(serve())
