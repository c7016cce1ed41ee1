"""All of it together, and the report."""

import asyncio
import signal
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Final

from guard.store.audit import AuditLog
from guard.store.database import Database
from tests.bench.case import say
from tests.soak.account import Account
from tests.soak.faults import FAULTS, Place
from tests.soak.health import Sample, Watch, slope_an_hour
from tests.soak.ledger import Ledger
from tests.soak.load import Load
from tests.soak.site import Site

CALM_S: Final = 150.0
"""Seconds that the guard gets in the end for what it still owes; a second try of an ambiguous
release alone comes after one minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How long, how hard, how often."""

    minutes: float | None = 60.0
    """`None`: until each fault was there once."""

    rate: float = 10.0
    """Mails a second."""

    fault_every_s: float = 60.0
    fault_lasts_s: float = 10.0
    sample_every_s: float = 10.0
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came out."""

    report: str
    broken: tuple[str, ...]
    """Promises that were broken; empty when all is well."""


async def soak(plan: Plan, folder: Path) -> Result:
    """Run a guard in *folder* by *plan*, then wait until it owes nothing, and take stock."""
    # Clients wait in threads, many at once while the guard is in trouble.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(256))
    account = Account()
    ledger = Ledger(account)
    await ledger.start()
    site = Site(folder, ledger.address, f"sqlite:///{folder / 'guard.db'}")
    watch = Watch(site)
    faults: list[str] = []
    try:
        await site.start()
        load = Load(site, account, ledger, plan.seed)
        place = Place(site=site, ledger=ledger, account=account, lasts_s=plan.fault_lasts_s)
        answering = asyncio.create_task(load.answer())
        others = [
            asyncio.create_task(load.send(plan.rate)),
            asyncio.create_task(watch.run(plan.sample_every_s)),
            asyncio.create_task(_trouble(place, plan, faults)),
        ]
        done, _ = await asyncio.wait(
            others,
            timeout=None if plan.minutes is None else plan.minutes * 60,
            return_when=asyncio.FIRST_COMPLETED,
        )
        await _cancel(others)
        for task in done:
            task.result()
        if not site.pid:
            await site.start()
        await load.idle()
        await _calm(site, load)
        await _cancel([answering])
        code = await site.end(signal.SIGTERM)
        wrong = await _first_wrong(folder)
    finally:
        if site.pid:
            await site.end(signal.SIGKILL)
        await ledger.stop()
    broken = [*account.broken()]
    if wrong is not None:
        broken.append(f"the audit log is wrong from row {wrong} on")
    if code != 0:
        broken.append(f"the guard ended with {code} after SIGTERM")
    if ledger.violations:
        broken.append(f"{len(ledger.violations)} violations of SMTP")
    report = "\n".join(_report(plan, account, ledger, site, watch.samples, faults, broken))
    return Result(report=report, broken=tuple(broken))


async def _trouble(place: Place, plan: Plan, names: list[str]) -> None:
    for fault in FAULTS if plan.minutes is None else cycle(FAULTS):
        began = asyncio.get_running_loop().time()
        await asyncio.sleep(plan.fault_every_s / 2)
        names.append(fault.__name__)
        say(f"{time.strftime('%H:%M:%S')} {fault.__name__}")
        await fault(place)
        rest = began + plan.fault_every_s - asyncio.get_running_loop().time()
        await asyncio.sleep(max(0.0, rest))


async def _calm(site: Site, load: Load) -> None:
    """Wait until nothing is owed: no job, nobody who still looks at a page."""
    with suppress(TimeoutError):
        async with asyncio.timeout(CALM_S):
            while await asyncio.to_thread(site.waiting_jobs):
                await asyncio.sleep(0.5)
            await load.idle()
            while await asyncio.to_thread(site.waiting_jobs):
                await asyncio.sleep(0.5)


async def _cancel(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _first_wrong(folder: Path) -> int | None:
    database = await Database.open("sqlite:///guard.db", folder=folder)
    try:
        return await AuditLog(database).first_wrong()
    finally:
        await database.close()


def _report(
    plan: Plan,
    account: Account,
    ledger: Ledger,
    site: Site,
    samples: list[Sample],
    faults: list[str],
    broken: list[str],
) -> Iterator[str]:
    long = "each fault once" if plan.minutes is None else f"{plan.minutes:g} minutes"
    yield f"{long}, {plan.rate:g} mails/s, a fault every {plan.fault_every_s:g} s"
    yield from account.summary()
    yield f"other mails of the guard: {ledger.others}; starts: {site.starts}"
    yield f"faults: {len(faults)} ({', '.join(dict.fromkeys(faults))})"
    yield ""
    yield "minute  start  PSS MiB  RSS MiB  handles  threads  processes  db MiB  wal MiB  jobs"
    began = samples[0].at if samples else 0.0
    step = max(1, len(samples) // 30)
    for each in samples[::step]:
        yield (
            f"{(each.at - began) / 60:6.1f}  {each.start:5}  {each.pss_mib:7.1f}"
            f"  {each.rss_mib:7.1f}  {each.handles:7}  {each.threads:7}  {each.processes:9}"
            f"  {each.database_mib:6.1f}  {each.log_mib:7.1f}  {each.jobs:4}"
        )
    yield ""
    for figure, unit in (("pss_mib", "MiB"), ("rss_mib", "MiB"), ("handles", "")):
        slope = slope_an_hour(samples, figure)
        told = "too short to say" if slope is None else f"{slope:+.2f} {unit} an hour"
        yield f"growth of {figure} while one process runs, warm: {told}"
    yield f"broken promises: {len(broken)}"
    yield from broken[:50]


def main(plan: Plan, out: Path | None) -> int:
    """Run a soak in a folder of its own, print the report, and give the exit code."""
    with tempfile.TemporaryDirectory(prefix="guard-soak-") as folder:
        result = asyncio.run(soak(plan, Path(folder)))
        if result.broken and out is not None:
            out.with_suffix(".log").write_bytes((Path(folder) / "log").read_bytes())
    print(result.report, flush=True)  # noqa: T201
    if out is not None:
        out.write_text(result.report + "\n", "utf-8")
    return 1 if result.broken else 0
