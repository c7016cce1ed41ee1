"""
Speed and size, as anyone can measure them.

    python -m tests.bench                       everything: some minutes
    python -m tests.bench --only relay          one benchmark; may be given again
    python -m tests.bench --rounds 9 --json speed.json
    python -m tests.bench --only lists --rows 1000000

A table goes to stdout, talk to stderr. Nothing is asserted: compare figures of one run, and read
docs/performance.md. Ctrl-C ends it and everything it started.
"""

import argparse
import asyncio
import json
import shutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.bench import (
    contacts,
    holds,
    large,
    lists,
    memory,
    others,
    readers,
    relay,
    start,
    workbooks,
)
from tests.bench.case import Benchmark, Case, Site, run_rounds, say
from tests.bench.loop import run
from tests.bench.report import as_json, machine, machine_line, print_tables

BENCHMARKS = (
    relay.BENCHMARK,
    workbooks.BENCHMARK,
    large.BENCHMARK,
    others.BENCHMARK,
    holds.BENCHMARK,
    memory.BENCHMARK,
    start.BENCHMARK,
    contacts.BENCHMARK,
    lists.BENCHMARK,
    readers.BENCHMARK,
)


def arguments(words: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = [benchmark.name for benchmark in BENCHMARKS]
    parser.add_argument("--only", action="append", choices=names, help="run this benchmark")
    parser.add_argument(
        "--rounds", type=int, help="rounds of each case (else: the benchmark's own)"
    )
    parser.add_argument(
        "--alone", action="store_true", help="Guard only, without those it is compared with"
    )
    parser.add_argument(
        "--rows", action="append", type=int, metavar="N", help="rows of a customer list (lists)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write every figure there")
    given = parser.parse_args(words)
    if given.rounds is not None and given.rounds < 1:
        parser.error("--rounds: at least one")
    return given


async def measure(benchmark: Benchmark, rounds: int, site: Site) -> dict[str, Any]:
    """Run one benchmark, print its tables, and give its figures."""
    say(f"{benchmark.name}: getting ready")

    def done(number: int, case: Case) -> None:
        say(f"{benchmark.name} {number + 1}/{rounds}: {case.name} ({case.peer})")

    async with benchmark.cases(site) as cases:
        measured = await run_rounds(cases, rounds, done)
    print_tables(benchmark, measured)
    return as_json(benchmark, measured)


async def bench(given: argparse.Namespace) -> None:
    """Run what was asked for; SIGTERM ends it as Ctrl-C does, with everything cleaned up."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    about = machine()
    say(machine_line(about))
    results = []
    with tempfile.TemporaryDirectory(prefix="guard-bench-") as root:
        for benchmark in BENCHMARKS:
            if given.only and benchmark.name not in given.only:
                continue
            folder = Path(root, benchmark.name)
            folder.mkdir()
            site = Site(
                folder=folder,
                shared=Path(root, "shared"),
                peers=not given.alone,
                list_rows=tuple(given.rows or ()),
            )
            results.append(await measure(benchmark, given.rounds or benchmark.rounds, site))
            shutil.rmtree(folder)
    print(machine_line(about))  # noqa: T201
    if given.json:
        text = json.dumps({"machine": about, "benchmarks": results}, ensure_ascii=False, indent=1)
        given.json.write_text(text + "\n", "utf-8")


def main() -> None:
    """Run the command line."""
    given = arguments(sys.argv[1:])
    try:
        run(bench(given))
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit(130)


if __name__ == "__main__":
    main()
