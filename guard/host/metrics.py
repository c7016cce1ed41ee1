"""
What is counted, by one process or by several together.

A metric stands at the top of the module that moves it. Workers keep their numbers in mapped files
of one folder, by seat rather than by process: who follows on a seat goes on counting, so that a
counter never falls. Whoever is asked for `/metrics` adds all up.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from prometheus_client import REGISTRY, CollectorRegistry, values
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
"""Where prometheus_client looks for the folder."""

_SUPERVISOR: Final = "supervisor"

_seat: int | str = _SUPERVISOR
"""Whose numbers this process moves."""


@contextmanager
def counted_together() -> Iterator[None]:
    """
    Let processes that are forked in the block count together, each after `sit`.

    A metric that was made before counts for its own process alone: import those modules inside.
    """
    with tempfile.TemporaryDirectory(prefix="guard-metrics-") as folder:
        os.environ[_FOLDER] = folder
        alone = values.ValueClass
        values.ValueClass = values.MultiProcessValue(lambda: _seat)  # type: ignore[no-untyped-call]
        try:
            yield
        finally:
            values.ValueClass = alone
            del os.environ[_FOLDER]


def sit(seat: int) -> None:
    """Count on *seat* from now on. What stood for its last holder's present state is gone."""
    global _seat  # noqa: PLW0603 -- one for each process, as its pid is
    # What was set at import, 0 as a rule, would else be a worker's present state to all who ask.
    rise(_SUPERVISOR)
    _seat = seat


def rise(seat: int | str) -> None:
    """Forget the present state of the process that died on *seat*; what it counted remains."""
    mark_process_dead(seat)  # type: ignore[no-untyped-call]


def registry() -> CollectorRegistry:
    """Give what `/metrics` shows: all processes where they count together, else this one."""
    if _FOLDER not in os.environ or not Path(os.environ[_FOLDER]).is_dir():
        return REGISTRY
    everyone = CollectorRegistry()
    MultiProcessCollector(everyone)  # type: ignore[no-untyped-call]
    return everyone
