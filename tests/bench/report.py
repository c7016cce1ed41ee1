"""The figures, as a table for people and as JSON for programs."""

import os
import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.bench.case import Benchmark, Measured, compared


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


def print_table(benchmark: Benchmark, measured: Sequence[Measured]) -> None:
    """Print medians to stdout: a line for each figure of each case."""
    peers = list(dict.fromkeys(each.case.peer for each in measured))
    table = Table(title=f"{benchmark.name}: {benchmark.about}", title_justify="left")
    table.add_column("case")
    table.add_column("figure")
    for peer in peers:
        table.add_column(peer, justify="right")
    for peer in peers[1:]:
        table.add_column(f"{peers[0]} to {peer}", justify="right")
    for name in dict.fromkeys(each.case.name for each in measured):
        of_peer = {each.case.peer: each for each in measured if each.case.name == name}
        for number, figure in enumerate(_figures(of_peer.values())):
            row = [name if number == 0 else "", figure]
            row += [
                rounded(of_peer[peer].median(figure)) if _has(of_peer, peer, figure) else ""
                for peer in peers
            ]
            row += [
                compared(of_peer[peers[0]], of_peer[peer], figure)
                if _has(of_peer, peers[0], figure) and _has(of_peer, peer, figure)
                else ""
                for peer in peers[1:]
            ]
            table.add_row(*row)
        table.add_section()
    console = Console()
    # A file or a pipe has no width of its own, and half a table is none.
    (console if console.is_terminal else Console(width=120)).print(table)


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


def rounded(value: float) -> str:
    """Give three figures, which is more than such a measurement is good for."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _figures(measured: Iterable[Measured]) -> Iterator[str]:
    yield from dict.fromkeys(figure for each in measured for figure in each.figures)


def _has(of_peer: Mapping[str, Measured], peer: str, figure: str) -> bool:
    return peer in of_peer and figure in of_peer[peer].figures
