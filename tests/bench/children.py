"""Processes that a benchmark starts: they end with it, and /proc tells what they cost."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from tests.bench.case import Figures

ROOT: Final = Path(__file__).parents[2]
"""The project's folder, from which ``tests.bench`` can be imported."""

TICKS: Final = os.sysconf("SC_CLK_TCK")
PATIENCE_S: Final = 15.0
"""Seconds that a child may take to end when it is asked to."""


@asynccontextmanager
async def child(
    *words: str,
    program: str = sys.executable,
    cwd: Path = ROOT,
    log: Path | None = None,
    stdin: int = asyncio.subprocess.DEVNULL,
    stdout: int = asyncio.subprocess.DEVNULL,
) -> AsyncIterator[asyncio.subprocess.Process]:
    """
    Run *program*, else this Python, with *words* for as long as the block lasts.

    Its standard error goes to *log*. It is in a session of its own: Ctrl-C reaches us alone, and
    it is we who end it.
    """
    said = log.open("ab") if log else None
    try:
        process = await asyncio.create_subprocess_exec(
            program,
            *words,
            cwd=cwd,
            stdin=stdin,
            stdout=stdout,
            stderr=said,
            start_new_session=True,
        )
    finally:
        if said:
            said.close()
    try:
        yield process
    finally:
        await asyncio.shield(ended(process))


async def ended(process: asyncio.subprocess.Process) -> None:
    """Ask a child to end, and kill it and its own children if it does not."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(PATIENCE_S):
                await process.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


async def figures_of(module: str, *words: str) -> Figures:
    """
    Run ``python -m tests.bench.<module>`` to its end and give the figures that it prints as JSON.

    A new process for each run: memory is then its own, and no cache of an earlier run helps.
    """
    where = ("-m", f"tests.bench.{module}", *words)
    async with child(*where, stdout=asyncio.subprocess.PIPE) as process:
        printed, _ = await process.communicate()
        if process.returncode != 0:
            raise RuntimeError(f"{' '.join(where)} ended with {process.returncode}")
    figures: Figures = json.loads(printed)
    return figures


def print_figures(figures: Figures) -> None:
    """Say to `figures_of` what was measured."""
    print(json.dumps(figures))  # noqa: T201


def tree(pid: int) -> Iterator[int]:
    """Give a process and all that descend from it, as far as they are still there."""
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for each in task.read_text().split():
                yield from tree(int(each))


def cpu_s(pid: int) -> float:
    """Seconds of processor time of a process tree so far, its ended children included."""
    total = 0
    for each in tree(pid):
        with suppress(OSError):
            stat = Path(f"/proc/{each}/stat").read_text()
            # utime, stime, and those of children waited for; the name may hold spaces.
            total += sum(map(int, stat.rpartition(")")[2].split()[11:15]))
    return total / TICKS


def memory_mib(pid: int) -> dict[str, float]:
    """MiB of a process tree: its proportional share, and what each calls its own, added up."""
    sums = {"Pss": 0, "Rss": 0}
    for each in tree(pid):
        with suppress(OSError):
            for line in Path(f"/proc/{each}/smaps_rollup").read_text().splitlines():
                name, _, value = line.partition(":")
                if name in sums:
                    sums[name] += int(value.split()[0])
    return {name.upper(): kib / 1024 for name, kib in sums.items()}


def own_rss_mib() -> float:
    """MiB of memory that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
