"""What is measured, and the rounds it is measured in."""

import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

Figures = Mapping[str, float]
"""What one run gives: name with its unit → value, as ``msg/s`` or ``p50 ms``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One thing that is measured, once a round."""

    name: str
    run: Callable[[], Awaitable[Figures]]
    peer: str = "guard"
    """Who does it. Cases of one name are compared with each other."""

    rounds: int = 1_000
    """Most rounds that it takes part in, where one more would say nothing new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where a benchmark gets ready, and for whom."""

    folder: Path
    """Its own, empty, and removed at the end."""

    shared: Path
    """For what takes long to make and serves every benchmark of one run."""

    peers: bool = True
    """Whether others are measured beside Guard."""

    list_rows: tuple[int, ...] = ()
    """Rows of the customer lists that are made; none given: the benchmark's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """Cases that share what they need: a running guard, files made beforehand."""

    name: str
    about: str
    rounds: int
    """How often each case is run where nothing else is said."""

    cases: Callable[[Site], AbstractAsyncContextManager[Sequence[Case]]]
    """Gets everything ready."""


@dataclass(slots=True, kw_only=True)
class Measured:
    """All rounds of one case."""

    case: Case
    figures: dict[str, list[float]] = field(default_factory=dict)

    def median(self, figure: str) -> float:
        """Give the value in the middle."""
        return median(self.figures[figure])


async def run_rounds(
    cases: Sequence[Case], rounds: int, done: Callable[[int, Case], None]
) -> list[Measured]:
    """
    Run every case once a round, so that a machine that grows slower slows all of them.

    Every other round goes backwards: nobody always runs in somebody else's wake.
    """
    measured = [Measured(case=case) for case in cases]
    for number in range(rounds):
        for each in measured if number % 2 == 0 else reversed(measured):
            if number >= each.case.rounds:
                continue
            done(number, each.case)
            for figure, value in (await each.case.run()).items():
                each.figures.setdefault(figure, []).append(value)
    return measured


def compared(one: Measured, other: Measured, figure: str) -> str:
    """
    Say how *one* stands to *other*: median over the rounds, each compared within itself.

    Times are subtracted (``+0.8``), everything else is divided (``×0.5``).
    """
    pairs = list(zip(one.figures[figure], other.figures[figure], strict=False))
    if figure.endswith(" ms"):
        more = median(mine - theirs for mine, theirs in pairs)
        return f"{'+' if more >= 0 else '-'}{rounded(abs(more))}"
    ratios = [mine / theirs for mine, theirs in pairs if theirs]
    if not ratios:
        return ""  # too little to be measured
    ratio = median(ratios)
    return f"×{rounded(ratio)}" if ratio >= 1 else f"×{ratio:.2g}"


def rounded(value: float) -> str:
    """Give three figures, which is more than such a measurement is good for."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def say(text: str) -> None:
    """Tell how far we are; figures go to stdout, talk goes to stderr."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201
