"""The table of those who do the same: a line for each, held against Guard and against no relay."""

from collections.abc import Mapping
from typing import Final

from rich import box
from rich.table import Table

from tests.bench.case import Measured, compared, rounded
from tests.bench.street import DIRECT, GUARD

ADDED: Final = " ms"
"""What ends so is a time, and it counts what a relay adds to it."""


def comparison(name: str, of_peer: Mapping[str, Measured]) -> Table:
    """
    Lay out one case: medians, and medians of what was compared within each round.

    Beside a time stands what it is more than without a relay, beside the rest how many times as
    much Guard has.
    """
    figures = list(dict.fromkeys(figure for each in of_peer.values() for figure in each.figures))
    table = Table(title=name, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    table.add_column("", no_wrap=True)
    for figure in figures:
        table.add_column(figure, justify="right")
        table.add_column("added" if figure.endswith(ADDED) else "guard ÷", justify="right")
    for peer in of_peer:
        cells: list[str] = []
        for figure in figures:
            cells += _cells(of_peer, peer, figure)
        table.add_row(peer, *cells)
    return table


def _cells(of_peer: Mapping[str, Measured], peer: str, figure: str) -> tuple[str, str]:
    """Give a figure and what it is compared with something else; nothing where it is not known."""
    if figure not in of_peer[peer].figures:
        return "", ""
    value = rounded(of_peer[peer].median(figure))
    one, other = (peer, DIRECT) if figure.endswith(ADDED) else (GUARD, peer)
    known = all(each in of_peer and figure in of_peer[each].figures for each in (one, other))
    if not known or one == other:
        return value, ""
    return value, compared(of_peer[one], of_peer[other], figure)
