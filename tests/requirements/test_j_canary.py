"""R-J1 on a whole guard: what is ours to keep is readable in nothing that it leaves behind."""

import asyncio
import base64
import json
import os
import quopri
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import postgres
import pytest
from certificates import Authority
from front import Client
from running import HELD_DOMAIN, Running, link_in, post
from smarthost import Mail, Smarthost

from guard.model.address import Address
from guard.submission.login.users import User, hashed, write_users

pytestmark = pytest.mark.timeout(240)

LISTEN = (
    'tls = "starttls"\nauth = "optional"\ntrusted = ["127.0.0.0/8"]\ncertificate = "server.pem"'
)
PASSWORD = "Wachtel-im-Kornfeld-77"
CANARIES = {
    "subject": "秘密の件名カナリア",
    "body": "本文のカナリアと Kanarienvogel-Text",
    "attachment": "添付の中のカナリア Stieglitz-Datei",
    "name": "カナリア太郎左衛門",
    "row name": "目白雲雀之介",
    "row address": "mejiro.hibari@kunde-zeisig.example",
    "row phone": "090-7319-5526",
    "password": PASSWORD,
    "reply": "Rotkehlchen-Antwort",
    "large": "Nachtigall-im-grossen-Brief",
}
ROW = " ".join(CANARIES[f"row {part}"] for part in ("name", "address", "phone"))
POLICY = f"""\
guard: 1
us:
  domains: [example.com]
lists:
  customers: {{match_on: [email, phone]}}
holding:
  undo_after_send: 0 seconds
rules:
  - id: rows
    message: {{en: "{{count}} customers"}}
    when: {{attachment: {{contains: customers, at_least: 1 rows}}}}
    then: hold
  - id: asks
    message: {{en: "Are you sure?"}}
    when: {{recipient: {{address: "*@{HELD_DOMAIN}"}}}}
    then: hold
"""


def forms(text: str) -> Iterator[bytes]:
    """Give *text* as it may stand somewhere: in charsets, in encodings, and in both."""
    for charset in ("utf-8", "utf-16-le", "utf-16-be", "cp932", "euc-jp", "iso-2022-jp"):
        octets = text.encode(charset)
        yield octets
        yield octets.hex().encode()
        yield quopri.encodestring(octets).replace(b"=\n", b"").strip()
        for shift in range(3):
            # What stands beside it changes the first and the last letters.
            yield base64.b64encode(bytes(shift) + octets)[4:-4]
    yield text.encode("unicode_escape")
    yield json.dumps(text).strip('"').encode()


def found(texts: Mapping[str, str], *folders: Path, besides: bytes = b"") -> list[tuple[str, str]]:
    """Give each canary that can be read in a file of *folders*, or in *besides*, and where."""
    looked = {name: set(forms(text)) for name, text in texts.items()}
    places = {"besides": besides}
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file():
                places[str(path)] = path.read_bytes()
    return [
        (name, place)
        for place, octets in places.items()
        for name, each in looked.items()
        if any(form in octets for form in each)
    ]


def mail(*, number: int, name: str = "", rows: bool = False) -> bytes:
    """Write a mail with a canary in every place that the sender fills."""
    encoded = f"=?utf-8?B?{base64.b64encode((name or 'Eve').encode()).decode()}?="
    subject = base64.b64encode(CANARIES["subject"].encode()).decode()
    file = f"{CANARIES['attachment']}\r\n{ROW if rows else ''}\r\n"
    return (
        f"From: Ann <ann@example.com>\r\nTo: {encoded} <eve@{HELD_DOMAIN}>\r\n"
        f"Subject: =?utf-8?B?{subject}?=\r\nMessage-ID: <{number}@example.com>\r\n"
        "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        f"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{CANARIES['body']}\r\n"
        "--b\r\nContent-Type: text/plain; charset=utf-8\r\n"
        'Content-Disposition: attachment; filename="a.txt"\r\n\r\n'
        f"{file}\r\n--b--\r\n"
    ).encode()


class Site:
    """A guard with a list, logins, a temporary folder of its own, and its loudest log."""

    def __init__(self, folder: Path, smarthost: Smarthost, url: str) -> None:
        self.folder = folder
        self.smarthost = smarthost
        self.temporary = folder / "tmp"
        self.temporary.mkdir()
        self.authority = Authority(folder)
        self.authority.issue()
        self.guard = Running(folder, smarthost, LISTEN)
        (folder / "policies" / "main.yaml").write_text(POLICY, "utf-8")
        user = User(hash=hashed(PASSWORD), address=Address.parse("ann@example.com"))
        write_users(folder / "users.toml", {"ann": user})
        self.environ = {"TMPDIR": str(self.temporary), "GUARD_LOGGING__LEVEL": "debug"}
        if url:
            self.environ["GUARD_STORE__URL"] = url
        self.read = 0

    def import_rows(self, source: Path) -> None:
        """Make the list; its source is not the guard's."""
        cells = ",".join(CANARIES[f"row {part}"] for part in ("name", "address", "phone"))
        source.write_text(f"氏名,メール,電話\n{cells}\n", "utf-8")
        subprocess.run(
            [sys.executable, "-m", "guard", "lists", "import", "customers", str(source)],
            cwd=self.folder,
            env={**os.environ, **self.environ},
            check=True,
            capture_output=True,
        )

    async def client(self) -> Client:
        """Log in as Ann, after a try with a wrong password."""
        client = await Client.greeted(self.guard)
        await client.ask("STARTTLS")
        await client.start_tls(self.authority.client_context())
        await client.ask("EHLO client.test")
        wrong = base64.b64encode(f"\0ann\0{PASSWORD}x".encode()).decode()
        right = base64.b64encode(f"\0ann\0{PASSWORD}".encode()).decode()
        assert (await client.ask(f"AUTH PLAIN {wrong}"))[:3] == "535"
        assert (await client.ask(f"AUTH PLAIN {right}"))[:3] == "235"
        return client

    async def hold(self, octets: bytes) -> str:
        """Hand in a mail that is held, and give the link of its notice."""
        async with await self.client() as client:
            reply = await client.mail(octets, recipients=(f"<eve@{HELD_DOMAIN}>",))
        assert reply[:3] == "250"
        assert "Held" in reply
        return link_in(await self.ours())

    async def ours(self) -> Mail:
        """Wait for the next mail that the guard wrote itself."""
        while True:
            messages = await self.smarthost.wait_for(self.read + 1, timeout=40)
            self.read += 1
            if messages[self.read - 1].mail_from == "":
                return messages[self.read - 1]

    def spooled(self) -> list[Path]:
        """Files of the guard that have no name any more, with something in them."""
        handles = Path(f"/proc/{self.guard.process_id}/fd")
        return [
            path
            for path in handles.iterdir()
            if str(path.readlink()).startswith(str(self.temporary)) and path.stat().st_size
        ]


async def get(link: str) -> None:
    """Look at a page, there or not."""

    def got() -> None:
        with suppress(urllib.error.HTTPError):
            urllib.request.urlopen(link, timeout=20).read()

    await asyncio.to_thread(got)


@pytest.fixture(params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest) -> Iterator[postgres.Server | None]:
    """A PostgreSQL of this test alone, or none."""
    if request.param == "sqlite":
        yield None
        return
    with postgres.postgres() as server:
        yield server


def test_a_canary_is_found_in_every_form(tmp_path: Path) -> None:
    """What is looked for below is found where it stands, or the search shows nothing."""
    text = CANARIES["body"]
    for number, octets in enumerate(
        [
            text.encode(),
            text.encode("utf-16-le"),
            text.encode("cp932"),
            base64.b64encode(b"x" + text.encode() + b"yz"),
            quopri.encodestring(text.encode("iso-2022-jp")).replace(b"=\n", b""),
            json.dumps({"a": text}).encode(),
        ]
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "file").write_bytes(b"before" + octets + b"after")
        assert found({"body": text}, folder) == [("body", str(folder / "file"))], number


async def test_no_canary_is_readable(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, server: postgres.Server | None
) -> None:
    """
    R-J1, R-B12, R-F10: not in database, journal, temporary file, log or metric, come what may.

    One mail is viewed and sent, one given back, one refused at its release; one waits and one is
    half received while the guard is killed.
    """
    tmp_path.chmod(0o700)
    tokens: dict[str, str] = {}
    async with Smarthost() as smarthost:
        site = Site(tmp_path, smarthost, server.database() if server else "")
        guard = site.guard
        await asyncio.to_thread(
            site.import_rows, tmp_path_factory.mktemp("source") / "customers.csv"
        )
        await guard.start(site.environ)
        try:
            sent = await site.hold(mail(number=1, rows=True))
            await get(sent)
            await get(sent[:-1] + ("A" if sent[-1] != "A" else "B"))
            assert await post(sent, action="send", confirm=f"eve@{HELD_DOMAIN}") == 200
            await smarthost.wait_until(
                lambda: any(b"Message-ID: <1@" in each.octets for each in smarthost.messages), 40
            )
            refused = await site.hold(mail(number=2))
            smarthost.on("RCPT", f"550 5.7.1 {CANARIES['reply']}", match="eve@", times=1)
            assert await post(refused, action="send", confirm=f"eve@{HELD_DOMAIN}") == 200
            await site.ours()
            returned = await site.hold(mail(number=3, name=CANARIES["name"]))
            assert await post(returned, action="cancel") == 200
            await site.ours()
            waiting = await site.hold(mail(number=4, name=CANARIES["name"]))
            tokens = {
                f"token {number}": link.rpartition("/")[2]
                for number, link in enumerate((sent, refused, returned, waiting))
            }

            async with await Client.greeted(guard) as client:
                for line in ("MAIL FROM:<ann@example.com>", "RCPT TO:<bob@example.net>", "DATA"):
                    await client.ask(line)
                client.send(f"{CANARIES['large']}\r\n".encode() * 100_000)
                await guard.until(lambda: bool(site.spooled()))
                spool = b"".join(path.read_bytes() for path in site.spooled())
                assert len(spool) > 1000
                texts = {**CANARIES, **tokens}
                folders = [tmp_path] + ([server.folder] if server else [])
                besides = spool + (await asyncio.to_thread(guard.metrics)).encode()
                assert found(texts, *folders, besides=besides) == []
                await guard.end(signal.SIGKILL)
            assert found(texts, *folders) == []

            await guard.start(site.environ)
            assert await post(waiting, action="cancel") == 200
            await site.ours()
            assert await guard.end(signal.SIGTERM) == 0
        finally:
            await guard.kill()
        if server:
            server.stop()
    assert "submission.done" in guard.log
    assert any(re.search(r"guard\.db$|pg_wal/\w{24}$", str(path)) for path in files(*folders))
    assert found(texts, *folders) == []


def files(*folders: Path) -> list[Path]:
    return [path for folder in folders for path in folder.rglob("*") if path.is_file()]
