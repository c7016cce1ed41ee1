"""Guard as an administrator runs it, and the office that it knows."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copytree
from typing import Final

from daemons import daemon
from loopback import free_ports, is_ready
from sending import Way

SENDER: Final = "yamada@example.co.jp"
PASSWORD: Final = "himitsu-no-aikotoba"
SERVICE: Final = "guard@example.co.jp"
"""The login that Guard has of its own: for released mail, notices, and trusted networks."""

SERVICE_PASSWORD: Final = "mamori-no-aikotoba"
COLLEAGUE: Final = "suzuki@example.co.jp"
KNOWN: Final = "sato@kita-shoji.example"
TYPED: Final = "sato@kita-syoji.example"
REFUSED: Final = "nobody@kita-shoji.example"
"""A recipient whom every mail server of the tests refuses."""

TRUSTED: Final = "192.0.2.0/24"
START_S: Final = 30
POLL_S: Final = 0.05
POLICY: Final = Path(__file__).parents[2] / "policies" / "main.yaml"

SETTINGS: Final = """
hostname = "guard.example.co.jp"
policies = "policies"
{listeners}
[upstream]
{upstream}
[web]
address = "127.0.0.1:{web}"
public_url = "http://127.0.0.1:{web}"
[store]
url = "sqlite:///guard.db"
key_file = "guard.key"
[admin]
address = "127.0.0.1:{admin}"
[notices]
from = "Mail check <guard@example.co.jp>"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """One way in; lines of its own for guard.toml."""

    port: int = field(default_factory=lambda: free_ports(1)[0])
    settings: tuple[str, ...] = ('tls = "none"', 'auth = "none"', 'trusted = ["127.0.0.0/8"]')

    def __str__(self) -> str:
        return "\n".join(("[[listen]]", f'address = "127.0.0.1:{self.port}"', *self.settings))


async def found(folder: Path) -> None:
    """Make an office: the shipped policy, and a contact who is known."""
    (folder / "policies").mkdir(parents=True)
    folder.chmod(0o700)
    policy = POLICY.read_text("utf-8")
    policy = re.sub(r"(?m)^( *domains:).*$", r"\1 [example.co.jp]", policy)
    policy = re.sub(r"(?m)^( *undo_after_send:) *[^#\n]*", r"\1 0 seconds ", policy)
    (folder / "policies" / "main.yaml").write_text(policy, "utf-8")
    (folder / "contacts.csv").write_text(f"氏名,会社名,メール\n佐藤 一郎,北商事,{KNOWN}\n", "utf-8")
    (folder / "guard.toml").write_text("", "utf-8")
    words = (sys.executable, "-m", "guard", "contacts", "import", "contacts.csv")
    async with daemon(*words, log=folder / "log", cwd=folder) as process:
        assert await process.wait() == 0, (folder / "log").read_text("utf-8")


@asynccontextmanager
async def guard(
    folder: Path, *, like: Path, listeners: tuple[Listener, ...], upstream: str
) -> AsyncIterator[Path]:
    """
    Run ``guard run`` for as long as the block lasts, with what the office *like* knows.

    *upstream* are the lines of ``[upstream]``. Gives the file that it logs to.
    """
    copytree(like, folder)
    folder.chmod(0o700)
    web, admin = free_ports(2)
    settings = SETTINGS.format(
        listeners="\n".join(map(str, listeners)), upstream=upstream, web=web, admin=admin
    )
    (folder / "guard.toml").write_text(settings, "utf-8")
    log = folder / "log"
    words = (sys.executable, "-m", "guard", "run", "--config", "guard.toml")
    async with daemon(*words, log=log, cwd=folder) as process:
        async with asyncio.timeout(START_S):
            while not await asyncio.to_thread(is_ready, admin):
                assert process.returncode is None, log.read_text("utf-8", "replace")
                await asyncio.sleep(POLL_S)
        yield log
        assert process.returncode is None, log.read_text("utf-8", "replace")


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A guard that runs, by the ways into it."""

    plain: Way
    """In clear, from a trusted network."""

    starttls: Way
    """With STARTTLS, then a login by PLAIN."""

    implicit: Way
    """With TLS from the start, then a login by LOGIN."""

    balanced: Way
    """Behind a balancer, whose connections begin with a PROXY header; `TRUSTED` may relay."""

    introduced: Way
    """Behind a proxy that says XCLIENT; `TRUSTED` may relay."""

    log: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """A Postfix that has Guard behind it, by the ways into it."""

    relay: Way
    """Queues, then relays to Guard: ``relayhost``."""

    login: Way
    """Queues, then relays to Guard with STARTTLS and a login of its own."""

    filtered: Way
    """Asks Guard before the queue: ``smtpd_proxy_filter``."""

    adjusted: Way
    """As `filtered`, and takes the whole mail first: ``speed_adjust``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BeforeExim:
    """A guard that has an Exim behind it."""

    plain: Way
    tls: Way
    """With STARTTLS for who wants it."""
