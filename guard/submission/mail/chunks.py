"""A message that comes in chunks, by BDAT (RFC 3030)."""

from collections.abc import Callable
from typing import Final, NoReturn

from guard.model.octets import Octets
from guard.model.reply import Reply
from guard.submission.answers import TOO_BIG, TOO_SLOW, RefusedError
from guard.submission.entry.connection import ClientConnection, GoneError
from guard.submission.mail.arguments import chunk_size
from guard.submission.mail.data import OVERRUN, Pace, receive_chunk
from guard.submission.mail.intake import Intake, Terms

IN_CHUNKS: Final = Reply(503, "5.5.1", "The message comes in chunks; go on with BDAT, or RSET")


class Chunks:
    """
    The chunks of one message after the other.

    The octets of a chunk come whatever we say, so they are read before anything is refused. After
    a chunk that was refused all others are, up to the last one, and with the same words: a client
    that sends them in a batch may believe the last reply, and must not take 452 for a 503.
    """

    def __init__(self, talk: ClientConnection, terms: Terms, pace: Callable[[], Pace]) -> None:
        """Take them from *talk*; those of one message keep one *pace*."""
        self._talk = talk
        self._terms = terms
        self._new_pace = pace
        self._pace = pace()
        self._intake: Intake | None = None

    @property
    def begun(self) -> bool:
        """Whether a chunk came, and neither the last one nor RSET."""
        return self._intake is not None

    async def take(self, arg: str, refusal: Reply | None) -> Octets | Reply | None:
        """
        Receive a chunk: into nothing, if there is a *refusal*.

        Gives the message after the last one, or the reply that refuses it; `None`: there is more
        to come, and the chunk was answered.

        Raises:
            RefusedError: This chunk is refused, and there is more to come.
            GoneError: Its size cannot be read, so that nobody knows where the next command begins;
                or the client is too slow.
        """
        size_bytes, last = self._size(arg)
        if self._intake is None:
            self._intake, self._pace = Intake(self._terms), self._new_pace()
        intake = self._intake
        if refusal is not None:
            intake.refuse(refusal)
        await self._read(size_bytes, intake)
        if last:
            self._intake = None
            return intake.finish()
        if not self._pace.count(0):
            self._hang_up(TOO_SLOW)
        if intake.refusal is not None:
            raise RefusedError(intake.refusal)
        self._talk.say(Reply(250, "2.0.0", f"{size_bytes} octets received"))
        return None

    def discard(self) -> None:
        """Forget what came."""
        if self._intake is not None:
            self._intake.discard()
        self._intake = None

    def _size(self, arg: str) -> tuple[int, bool]:
        """Give the size of a chunk, and whether it is the last."""
        try:
            size_bytes, last = chunk_size(arg)
        except RefusedError as refused:
            self._hang_up(refused.reply)
        if size_bytes > self._terms.limit_bytes + OVERRUN:
            self._hang_up(TOO_BIG)
        return size_bytes, last

    async def _read(self, size_bytes: int, intake: Intake) -> None:
        with self._talk.amid_octets():
            complaint = await receive_chunk(self._talk.chunk, size_bytes, self._pace, intake)
        if complaint is not None:
            self._hang_up(complaint)

    def _hang_up(self, reply: Reply) -> NoReturn:
        self._talk.part(reply)
        raise GoneError
