"""A guard as an administrator sets it up: shipped policies, contacts, customers."""

import asyncio
import csv
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree
from typing import Final

from tests.bench.case import say
from tests.bench.children import ROOT, child
from tests.bench.waiting import POLL_S, until, until_greeted
from tests.loopback import free_ports, is_ready
from tests.unit.lists import crowd

SENDER: Final = "yamada@example.co.jp"

SETTINGS: Final = """
policies = "policies"
[[listen]]
address = "127.0.0.1:{smtp}"
tls = "none"
auth = "none"
trusted = ["127.0.0.0/8"]
[upstream]
address = "127.0.0.1:{upstream}"
tls = "none"
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
class Started:
    """A guard that runs."""

    pid: int
    smtp: int
    """Its port for mail."""

    greeted_s: float
    """Seconds from its start until it greeted a client."""

    ready_s: float
    """Seconds from its start until it said that it is ready."""


class Office:
    """The folder of one guard; with *like*, one that knows what another guard knows."""

    def __init__(self, folder: Path, upstream: int, *, like: Path | None = None) -> None:
        self.folder = folder
        self.smtp, self.web, self.admin = free_ports(3)
        if like:
            copytree(like, folder)
        else:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            copytree(ROOT / "policies", folder / "policies")
        settings = SETTINGS.format(
            smtp=self.smtp, web=self.web, admin=self.admin, upstream=upstream
        )
        (folder / "guard.toml").write_text(settings, "utf-8")

    async def import_contacts(self, people: Iterable[Sequence[str]]) -> None:
        """Make people known: name, company and address of each."""
        path = self.folder / "contacts.csv"
        _write_csv(path, ["氏名", "会社名", "メール"], people)
        await self._guard("contacts", "import", path.name)

    async def import_customers(self, count: int) -> None:
        """Import a list of so many invented customers of ours."""
        path = self.folder / "customers.csv"
        _write_csv(path, crowd.JAPANESE_HEADERS, map(crowd.cells, crowd.japanese(1, count)))
        await self._guard("lists", "import", "customers", path.name)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Started]:
        """Run ``guard run`` for as long as the block lasts."""
        began = time.perf_counter()
        words = ("-m", "guard", "run", "--config", "guard.toml")
        async with child(*words, cwd=self.folder, log=self.folder / "log") as process:
            try:
                await until_greeted(process, self.smtp)
                greeted = time.perf_counter()
                await until(process, self._says_ready())
                yield Started(
                    pid=process.pid,
                    smtp=self.smtp,
                    greeted_s=greeted - began,
                    ready_s=time.perf_counter() - began,
                )
            except Exception:
                say(self._log())
                raise

    async def _guard(self, *words: str) -> None:
        async with child("-m", "guard", *words, cwd=self.folder, log=self.folder / "log") as each:
            if await each.wait() != 0:
                raise RuntimeError(self._log())

    async def _says_ready(self) -> None:
        while not await asyncio.to_thread(is_ready, self.admin):
            await asyncio.sleep(POLL_S)

    def _log(self) -> str:
        """Give what the guard said last, without what it says of each mail."""
        text = (self.folder / "log").read_text("utf-8", "replace")
        lines = [line for line in text.splitlines() if "submission.done" not in line]
        return "\n".join(lines[-40:])


def _write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
