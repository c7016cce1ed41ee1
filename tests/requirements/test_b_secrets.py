"""R-B12 with a whole guard in a process of its own: a password is in nothing that it leaves."""

import asyncio
import resource
import signal
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from certificates import Authority
from front import Client
from running import Running, running
from smarthost import Smarthost

from guard.model.address import Address
from guard.submission.login.users import User, hashed, write_users

CANARY = "Kanarienvogel-im-Bergwerk"
PLAIN = b64encode(f"\0ann\0{CANARY}".encode()).decode()
FORMS = (CANARY, PLAIN, b64encode(CANARY.encode()).decode(), CANARY.encode().hex())
LISTEN = 'tls = "starttls"\nauth = "optional"\ncertificate = "server.pem"'
MAIL = b"Subject: a\r\n\r\nb\r\n"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    authority = Authority(tmp_path)
    authority.issue()
    return authority


@pytest.fixture
def dumps_allowed() -> Iterator[None]:
    """Whoever is started meanwhile may leave a crash dump, as far as we can say."""
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))


@pytest.fixture
async def guard(tmp_path: Path, authority: Authority) -> AsyncIterator[Running]:
    """A guard that knows Ann, by a file of logins."""
    ann = User(hash=hashed(CANARY), address=Address.parse("ann@example.com"))
    write_users(tmp_path / "users.toml", {"ann": ann})
    async with Smarthost() as smarthost, running(tmp_path, smarthost, LISTEN) as guard:
        yield guard
        assert not any(CANARY in line or PLAIN in line for line in smarthost.commands)


async def encrypted(guard: Running, authority: Authority) -> Client:
    """A client that has said STARTTLS and EHLO."""
    client = await Client.greeted(guard)
    await client.ask("STARTTLS")
    await client.start_tls(authority.client_context())
    await client.ask("EHLO client.test")
    return client


async def test_no_output_has_the_password(
    guard: Running, authority: Authority, tmp_path: Path
) -> None:
    """R-B12: right, wrong, malformed, out of place, held: in no log, metric, database, file."""
    async with await Client.greeted(guard) as client:
        said = [await client.ask(f"AUTH PLAIN {PLAIN}"), await client.ask(CANARY)]
    async with await encrypted(guard, authority) as client:
        said += [
            await client.ask(f"auth plain {PLAIN[:-4]}"),
            await client.ask(f"AUTH XOAUTH2 {PLAIN}"),
            await client.ask(f"AUTH {CANARY}"),
            await client.ask(f"MAIL FROM:<{CANARY}"),
            await client.ask("aUtH pLaIn"),
            await client.ask(PLAIN),
            await client.mail(MAIL, recipients=("<eve@hold.example>",)),
        ]
    assert [reply[:3] for reply in said] == [
        *("530", "500", "535", "504", "504", "553", "334", "235", "250")
    ]
    async with await encrypted(guard, authority) as client:
        await client.ask("AUTH LOGIN")
        client.send(FORMS[2])
        client.cut()
    seen = {"replies": repr(said), "metrics": await asyncio.to_thread(guard.metrics)}
    await guard.end(signal.SIGABRT)
    seen |= {
        str(path): path.read_bytes().decode("latin-1")
        for path in tmp_path.rglob("*")
        if path.is_file()
    }
    assert "users.toml" in "".join(seen)
    assert "guard.db" in "".join(seen)
    for form in FORMS:
        assert [name for name, text in seen.items() if form in text] == []
    await guard.start()


async def test_no_crash_dump(dumps_allowed: None, guard: Running) -> None:
    """R-B12: a guard writes none, whatever the limit of who starts it."""
    limits = Path(f"/proc/{guard.process_id}/limits").read_text()
    (core,) = [line.split()[4:6] for line in limits.splitlines() if line.startswith("Max core")]
    assert core[0] == "0"
