"""How long it takes until something happens, and how much has to be installed for it."""

import re
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

from tests.bench import mails
from tests.bench.case import Benchmark, Case, Figures, Site
from tests.bench.children import ROOT, child, memory_mib
from tests.bench.office import Office
from tests.loopback import free_ports


@asynccontextmanager
async def cases(site: Site) -> AsyncIterator[Sequence[Case]]:
    """Set two guards up, one new and one that knows something."""
    (nobody,) = free_ports(1)
    new, old = Office(site.folder / "new", nobody), Office(site.folder / "old", nobody)
    await old.import_contacts(mails.contacts(1, 1_000))
    await old.import_customers(10_000)
    yield [
        Case(name="python -c pass, for comparison", run=partial(_command, "-c", "pass")),
        Case(name="guard version", run=partial(_command, "-m", "guard", "version")),
        Case(name="guard --help", run=partial(_command, "-m", "guard", "--help")),
        Case(name="guard run, nothing known", run=partial(_start, new)),
        Case(name="guard run, 1,000 contacts and 10,000 customers", run=partial(_start, old)),
        Case(name="what is installed", run=_installed, rounds=1),
    ]


async def _command(*words: str) -> Figures:
    began = time.perf_counter()
    async with child(*words, cwd=ROOT) as process:
        if await process.wait() != 0:
            raise RuntimeError(f"{' '.join(words)} failed")
        return {"wall ms": (time.perf_counter() - began) * 1000}


async def _start(office: Office) -> Figures:
    async with office.running() as started:
        return {
            "greeting ms": started.greeted_s * 1000,
            "readyz ms": started.ready_s * 1000,
            "PSS MiB": memory_mib(started.pid)["PSS"],
        }


async def _installed() -> Figures:
    """Add up what `requirements/base.txt` brings, and Guard itself, without bytecode."""
    text = (ROOT / "requirements" / "base.txt").read_text("utf-8")
    names = re.findall(r"(?m)^([A-Za-z0-9_.-]+)==", text)
    sizes = [size for name in names if (size := _size_bytes(name))]
    own = sum(
        path.stat().st_size
        for path in (ROOT / "guard").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    )
    return {
        "packages": float(len(sizes)),
        "dependencies MiB": sum(sizes) / 2**20,
        "Guard MiB": own / 2**20,
    }


def _size_bytes(name: str) -> int:
    """Give the octets of an installed package; 0 where this platform does without it."""
    try:
        files = distribution(name).files or []
    except PackageNotFoundError:
        return 0
    paths = [Path(str(file.locate())) for file in files if "__pycache__" not in file.parts]
    return sum(path.stat().st_size for path in paths if path.is_file())


BENCHMARK: Final = Benchmark(
    name="start",
    about=f"from exec on, Python {sys.version.split()[0]}, bytecode compiled before",
    rounds=5,
    cases=cases,
)
