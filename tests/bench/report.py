"""The figures, as a table for people and as JSON for programs."""

import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.table import Table

from tests.bench.case import Benchmark, Measured, rounded
from tests.bench.comparison import comparison

WIDTH: Final = 100
"""Columns of a table that goes into a file or a page."""


def machine() -> dict[str, Any]:
    """Say what the figures were taken on, and what else it was doing."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line for line in info.read_text("utf-8").splitlines() if "model name" in line]
        cpu = names[0].partition(":")[2].strip() if names else cpu
    return {
        "cpu": cpu,
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def machine_line(about: Mapping[str, Any]) -> str:
    """Give the same as one line."""
    return (
        f"{about['cpu']}, {about['cores']} cores, load {about['load']}, {about['system']}, "
        f"Python {about['python']}, {about['at']}"
    )


def print_tables(benchmark: Benchmark, measured: Sequence[Measured]) -> None:
    """Print medians to stdout: a table for each case that many take part in, one for the rest."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH)  # a file has none of its own, and half a table is none
    console.print(f"\n{benchmark.name}: {benchmark.about}")
    cases = {
        name: {each.case.peer: each for each in measured if each.case.name == name}
        for name in dict.fromkeys(each.case.name for each in measured)
    }
    alone = {name: of_peer for name, of_peer in cases.items() if len(of_peer) == 1}
    for name in (name for name in cases if name not in alone):
        console.print(comparison(name, cases[name]))
    if alone:
        console.print(_plain([each for of_peer in alone.values() for each in of_peer.values()]))


def _plain(measured: Sequence[Measured]) -> Table:
    """Lay out cases that stand by themselves: a line for each figure."""
    table = Table(box=box.SIMPLE_HEAD)
    for column in ("case", "figure"):
        table.add_column(column)
    table.add_column("median", justify="right")
    for each in measured:
        for number, figure in enumerate(each.figures):
            name = "" if number else each.case.name
            table.add_row(name, figure, rounded(each.median(figure)))
        table.add_section()
    return table


def as_json(benchmark: Benchmark, measured: Sequence[Measured]) -> dict[str, Any]:
    """Give every round of every case, with the medians."""
    return {
        "name": benchmark.name,
        "cases": [
            {
                "name": each.case.name,
                "peer": each.case.peer,
                "figures": {
                    figure: {"median": each.median(figure), "rounds": values}
                    for figure, values in each.figures.items()
                },
            }
            for each in measured
        ],
    }
