"""Opening attachments in the sandbox: a child process for each file."""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from statistics import quantiles
from typing import Final

from guard.model.extract import ReadState
from guard.model.message import Attachment
from guard.sandbox import Sandbox
from tests.bench import mails
from tests.bench.case import Benchmark, Case, Figures, Site


@asynccontextmanager
async def cases(site: Site) -> AsyncIterator[Sequence[Case]]:
    """Start one sandbox, and make the files."""
    files = {
        "text, 4 KB": ("note.txt", mails.table(30), 60),
        "csv, 100 rows": ("list.csv", mails.table(100), 60),
        "csv, 100,000 rows": ("list.csv", mails.table(100_000), 3),
        "xlsx, 30 rows": ("list.xlsx", mails.workbook(30), 60),
        "xlsx, 2,300 rows, 100 KB": ("list.xlsx", mails.workbook(2_300), 30),
        "xlsx, 100,000 rows": ("list.xlsx", mails.workbook(100_000), 3),
        "docx, 10 paragraphs": ("letter.docx", mails.document(10), 60),
        "doc, a letter": ("letter.doc", _sample("office97/letter.doc"), 60),
        "pdf, printed by a browser": ("list.pdf", _sample("pdf/printed.pdf"), 60),
        "7z, two texts": ("list.7z", _sample("archives/lzma2.7z"), 60),
    }
    sandbox = Sandbox()
    await sandbox.start()
    try:
        yield [
            Case(name=name, run=partial(_read, sandbox, _attachment(file, octets), times))
            for name, (file, octets, times) in files.items()
        ]
    finally:
        await sandbox.stop()


async def _read(sandbox: Sandbox, attachment: Attachment, times: int) -> Figures:
    """Read one file so many times, one after the other."""
    took_ms = []
    for _ in range(times):
        began = time.perf_counter()
        (extract,) = await sandbox.read([attachment])
        took_ms.append((time.perf_counter() - began) * 1000)
        if extract.state is not ReadState.READ:
            raise RuntimeError(f"{attachment.name}: {extract.reasons}")
    cuts = quantiles(took_ms, n=20, method="inclusive")
    return {
        "p50 ms": cuts[9],
        "p95 ms": cuts[18],
        "MB/s": len(attachment.octets) / 1e3 / cuts[9],
    }


def _sample(name: str) -> bytes:
    return (Path(__file__).parents[1] / "samples" / name).read_bytes()


def _attachment(name: str, octets: bytes) -> Attachment:
    return Attachment(part="2", name=name, content_type="application/octet-stream", octets=octets)


BENCHMARK: Final = Benchmark(
    name="readers",
    about="attachments one after the other, each in a new child",
    rounds=3,
    cases=cases,
)
