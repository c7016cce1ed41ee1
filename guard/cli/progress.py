"""How far a long reading has come: a counter on stderr, only on a terminal."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


@contextmanager
def counter(name: str, unit: str, *, shown: bool = True) -> Iterator[Callable[[int], None]]:
    """
    Show how many *unit* of *name* were read; the function given is told the number so far.

    It is gone when the work ends, however it ends.
    """
    if not shown or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("Reading {task.description}  {task.completed:,} " + unit),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(name, total=None)
        yield lambda count: progress.update(task, completed=count)


@contextmanager
def bar(
    name: str, unit: str, *, shown: bool = True, doing: tuple[str, str] = ("Reading", "Writing")
) -> Iterator[Callable[[int, float | None], None]]:
    """
    Show how many *unit* of *name* were read, how many a second, and how long the rest will take.

    The function given is told the number so far, and which share of all this is, 0.0 to 1.0;
    without one the end is not known and not guessed. *doing* says what is done, and what once all
    was told. It is gone when the work ends, however it ends.
    """
    if not shown or not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        SpinnerColumn,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[count]:,} " + unit),
        TextColumn("{task.fields[rate]:,.0f}/s"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(compact=True),
    )
    began = time.monotonic()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(f"{doing[0]} {name}", total=None, count=0, rate=0.0)

        def tell(count: int, share: float | None) -> None:
            progress.update(
                task,
                count=count,
                rate=count / max(0.001, time.monotonic() - began),
                total=None if share is None else 1.0,
                completed=share or 0.0,
                description=f"{doing[share == 1.0]} {name}",
            )

        yield tell


def counted(things: Iterable[T], name: str, unit: str, *, shown: bool = True) -> Iterator[T]:
    """Give *things* as they are, and show how many they were so far."""
    with counter(name, unit, shown=shown) as tell:
        for number, thing in enumerate(things, start=1):
            yield thing
            tell(number)
