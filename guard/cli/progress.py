"""How far a long reading has come: a counter on stderr, only on a terminal."""

import sys
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


def counted(things: Iterable[T], name: str, unit: str, *, shown: bool = True) -> Iterator[T]:
    """Give *things* as they are, and show how many they were so far."""
    with counter(name, unit, shown=shown) as tell:
        for number, thing in enumerate(things, start=1):
            yield thing
            tell(number)
