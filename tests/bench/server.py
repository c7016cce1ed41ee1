"""Those whom mail goes through: where they listen, and what they cost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.bench.children import child, cpu_s, memory_mib


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Somebody who takes mail on loopback."""

    port: int
    pids: tuple[int, ...]
    """The processes above all that belong to it."""

    def cpu_s(self) -> float:
        """Seconds of processor time so far, those of ended processes too."""
        return sum(map(cpu_s, self.pids))

    def pss_mib(self) -> float:
        """MiB of memory, what is shared counted by shares."""
        return sum(memory_mib(pid)["PSS"] for pid in self.pids)


@asynccontextmanager
async def listening(module: str, *words: str) -> AsyncIterator[Server]:
    """Run a server of this benchmark, which prints its port, as long as the block lasts."""
    pipe = asyncio.subprocess.PIPE
    where = ("-m", f"tests.bench.{module}", *words)
    async with child(*where, stdin=pipe, stdout=pipe) as process:
        assert process.stdout is not None
        yield Server(port=int(await process.stdout.readline()), pids=(process.pid,))
