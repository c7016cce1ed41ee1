"""Clients that send mail at a steady rate, and people who answer what is held."""
# ruff: noqa: S311 -- nothing here is secret

import asyncio
import base64
import random
import re
import smtplib
import urllib.parse
import urllib.request
from collections.abc import Callable, Sequence
from typing import Final

from tests.bench.mails import workbook
from tests.soak.account import MARK, Account, Mail, Told, Wish
from tests.soak.ledger import Ledger
from tests.soak.site import Site

PATIENCE_S: Final = 60.0
TICK: Final = re.compile(r'name="confirm" value="([^"]+)"')

MIXED: Final[Sequence[tuple[int, int, bool]]] = (
    (60, 4_000, False),
    (12, 120_000, False),
    (3, 2_000_000, False),
    (20, 4_000, True),
    (5, 120_000, True),
)
"""Of a hundred mails how many are how large (octets), and whether they are held."""

WISHES: Final = (Wish.SEND, Wish.SEND, Wish.CANCEL, Wish.SEND, Wish.WAIT)


class Load:
    """All who mail through the guard; each mail goes on a connection of its own."""

    def __init__(self, site: Site, account: Account, ledger: Ledger, seed: int) -> None:
        self._site = site
        self._account = account
        self._ledger = ledger
        self._random = random.Random(seed)
        self._workbook = workbook(1200)
        self._tasks: set[asyncio.Task[None]] = set()
        self._clock: Callable[[], float] = asyncio.get_running_loop().time

    async def send(self, rate: float) -> None:
        """Hand in *rate* mails a second, however long each takes, until cancelled."""
        due = self._clock()
        while True:
            self._start(self._one())
            due += self._random.expovariate(rate)
            await asyncio.sleep(max(0.0, due - self._clock()))

    async def answer(self) -> None:
        """Do what their senders wish with all that is asked about, until cancelled."""
        while True:
            link = await self._ledger.links.get()
            self._start(self._answer(link))

    async def idle(self) -> None:
        """Wait until nobody is in the middle of anything."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _start(self, work) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _one(self) -> None:
        weights, sizes, held = zip(*MIXED, strict=True)
        (kind,) = self._random.choices(range(len(MIXED)), weights)
        wish = self._random.choice(WISHES)
        mail = self._account.begin(doubtful=held[kind], wish=wish, now=self._clock())
        octets = self._octets(mail, sizes[kind])
        recipient = "eve@hold.example" if mail.doubtful else "bob@example.net"
        mail.told = await asyncio.to_thread(_hand_in, self._site.smtp, recipient, octets)
        mail.ended = self._clock()

    def _octets(self, mail: Mail, size: int) -> bytes:
        subject = f"soak-{mail.number:07}"
        head = (
            f"From: ann@example.com\r\nTo: you\r\nSubject: {subject}\r\n"
            f"Message-ID: <{subject}@example.com>\r\nMIME-Version: 1.0\r\n"
        )
        if size < 10_000:
            return f"{head}\r\n{'Some words about nothing. ' * 3}\r\n".encode() + (
                b"The same line, again and again.\r\n" * (size // 33)
            )
        small = size < 1_000_000
        file = base64.encodebytes(self._workbook if small else self._random.randbytes(size // 2))
        begin = (
            f"{head}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nsee there\r\n"
            "--b\r\nContent-Type: application/octet-stream;"
            f" name={'book.xlsx' if small else 'random.bin'}\r\n"
            "Content-Transfer-Encoding: base64\r\n\r\n"
        )
        return begin.encode() + file.replace(b"\n", b"\r\n") + b"--b--\r\n"

    async def _answer(self, link: str) -> None:
        """Look, and say once what the sender wishes; while the page is away, try again."""
        for _ in range(30):
            page = await asyncio.to_thread(_get, link)
            if page is not None:
                break
            await asyncio.sleep(2)
        else:
            return
        found = MARK.search(page)
        if found is None:
            return
        mail = self._account.mails[int(found[1])]
        mail.asked += 1
        if mail.wish is Wish.WAIT or mail.answered is not None:
            return
        for _ in range(30):
            if await asyncio.to_thread(_post, link, mail.wish.value, TICK.findall(page)):
                mail.answered = self._clock()
                return
            await asyncio.sleep(2)


def _hand_in(port: int, recipient: str, octets: bytes) -> Told:
    """Send one mail as a client does, and say what it was told."""
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=PATIENCE_S) as client:
            client.ehlo("client.example")
            client.mail("ann@example.com")
            code, _ = client.rcpt(recipient)
            if code != 250:
                return Told.REFUSED
            code, text = client.data(octets)
            if code != 250:
                return Told.REFUSED
            return Told.HELD if b"Held for your confirmation" in text else Told.TAKEN
    except smtplib.SMTPResponseException:
        return Told.REFUSED
    except (OSError, smtplib.SMTPException):
        return Told.NOTHING


def _get(link: str) -> str | None:
    try:
        with urllib.request.urlopen(link, timeout=PATIENCE_S) as page:
            return str(page.read().decode())
    except OSError:
        return None


def _post(link: str, action: str, ticked: Sequence[str]) -> bool:
    """Answer, and say whether the guard took it."""
    fields = [("confirm", address) for address in ticked] + [("action", action)]
    try:
        with urllib.request.urlopen(
            link, urllib.parse.urlencode(fields).encode(), timeout=PATIENCE_S
        ):
            return True
    except OSError:
        return False
