"""A mail server as lenient as the worst: the next best dot ends a message."""

import re

from smarthost import Smarthost

END = re.compile(rb"[\r\n\0]\.\0*(?:\r\n|\r(?=[^\n])|\n)")


class Lenient(Smarthost):
    """It takes any line break around a dot for the end, and what follows for commands."""

    def __init__(self, **more) -> None:
        super().__init__(**more)
        self.ends: list[bytes] = []
        """What each message ended with here."""

    async def _message(self, session) -> None:
        wire = bytearray(b"\r\n")
        while (end := END.search(wire)) is None:
            wire += await session.reader.readexactly(1)
        session.reader._buffer[:0] = wire[end.end() :]
        self.ends.append(bytes(wire[max(0, end.start() - 1) : end.end()]))
        await self._taken(session, bytes(wire[2 : end.start() + 1]), stuffed=True)
