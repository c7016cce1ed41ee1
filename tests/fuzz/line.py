"""A session over a connection without a socket, before an upstream that agrees to everything."""

import asyncio
from collections.abc import Callable, Sequence

from front import OnlyAnn

from guard.config import Listen
from guard.config.mail import Limits
from guard.memory import Memory
from guard.model.address import Address
from guard.model.envelope import Envelope, Recipient, Submission
from guard.model.reply import Reply
from guard.ports import Outcome, Transaction
from guard.submission.crowd import Crowd
from guard.submission.entry.listener import Listener
from guard.submission.house import House
from guard.submission.session import Session

MAIL_OK = Reply(250, "2.1.0", "Sender ok")
RCPT_OK = Reply(250, "2.1.5", "Recipient ok")
TAKEN = Reply(250, "2.6.0", "Taken")
LIMIT_BYTES = 1024


class Yes:
    """An upstream that agrees to everything, and its transactions; it remembers what it heard."""

    extensions = dict.fromkeys(("8BITMIME", "SMTPUTF8", "DSN", "CHUNKING", "REQUIRETLS"), "")

    def __init__(self) -> None:
        self.senders: list[Address | None] = []
        self.recipients: list[Recipient] = []
        self.taken: list[tuple[Envelope, bytes]] = []

    async def probe(self) -> None:
        """Nothing is left to learn."""

    async def transaction(self) -> Transaction:
        return self

    async def mail(self, sender: Address | None, params: Sequence[str]) -> Reply:
        self.senders.append(sender)
        return MAIL_OK

    async def rcpt(self, recipient: Recipient) -> Reply:
        self.recipients.append(recipient)
        return RCPT_OK

    async def data(self, *parts: object, chunking: bool = False, **_: object) -> Outcome:
        return Outcome(reply=TAKEN, recipients=())

    async def reset(self) -> None:
        """Nothing is left to forget."""

    async def accept(
        self, submission: Submission, transaction: Transaction, gone: Callable[[], bool]
    ) -> Reply:
        """As `guard.submission.Accept`."""
        self.taken.append((submission.envelope, submission.octets.whole()))
        submission.octets.close()
        return TAKEN


class Line(asyncio.Transport):
    """A connection without a socket: it keeps what is said."""

    def __init__(self, protocol: asyncio.Protocol) -> None:
        super().__init__({"peername": ("127.0.0.1", 51000)})
        self._protocol = protocol
        self.said = b""
        self.closing = False

    def write(self, data: bytes) -> None:
        self.said += data

    def close(self) -> None:
        if not self.closing:
            self.closing = True
            asyncio.get_running_loop().call_soon(self._protocol.connection_lost, None)

    abort = close

    def is_closing(self) -> bool:
        return self.closing

    def get_write_buffer_size(self) -> int:
        return 0

    def pause_reading(self) -> None:
        """It is no pipe: nothing comes unasked."""

    resume_reading = pause_reading


async def talk(
    pieces: Sequence[bytes], *, patient: bool, upstream: Yes | None = None, **listen: object
) -> bytes:
    """Send *pieces*, hang up, once all was answered if *patient*, and give what was said."""
    limits = Limits(message_bytes=LIMIT_BYTES)
    upstream = upstream or Yes()
    house = House(
        name="guard.test",
        limits=limits,
        upstream=upstream,
        accept=upstream.accept,
        room=lambda: True,
        memory=Memory(limits.memory_bytes),
        authenticator=OnlyAnn(),
        login_domain=None,
    )
    listener = Listener(Listen(proxies=("127.0.0.1",), **listen), lambda *_: None)
    session = Session(house, listener, peer="127.0.0.1", admit=Crowd(limits).admit)
    line = Line(session)
    session.connection_made(line)
    for piece in pieces:
        if not line.closing:
            session.data_received(piece)
            await asyncio.sleep(0)
    async with asyncio.timeout(10):
        while patient and not (line.closing or _waits_for_input(session)):
            await asyncio.sleep(0)
        session.eof_received()
        await session.task
        await session.closed
    assert house.memory.used_bytes == 0
    return line.said


def replies(said: bytes) -> list[str]:
    """The last line of each reply."""
    return [line for line in said.decode("ascii").split("\r\n")[:-1] if line[3:4] != "-"]


def _waits_for_input(session: Session) -> bool:
    return session._more_input is not None and not session._more_input.done()
