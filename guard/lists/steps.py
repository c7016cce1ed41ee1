"""A way to end a search that takes too long: whoever reads a long text asks now and then."""

from collections.abc import Callable

Check = Callable[[], None]
"""Called at every step; raises where the search is to end."""


def go_on() -> None:
    """Never end a search."""
