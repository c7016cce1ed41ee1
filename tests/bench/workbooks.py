"""Mail with a workbook of 100 KB through a guard that opens and searches it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from itertools import count, cycle, islice
from pathlib import Path
from typing import Final

from tests.bench import mails
from tests.bench.case import Benchmark, Case
from tests.bench.office import SENDER
from tests.bench.relay import SESSIONS, Load, street
from tests.bench.source import Mail

ROWS: Final = 2_300
"""Rows that make a workbook of about 100 KB, 140 KB on the wire."""

FRESH: Final = 1_000
"""Numbers kept for one round, each of which makes a workbook that never was before."""


@asynccontextmanager
async def cases(folder: Path) -> AsyncIterator[Sequence[Case]]:
    """New workbooks, and one that is sent again and again."""
    template = mails.workbook(ROWS)
    numbers = count(0, FRESH)
    async with street(folder) as place:

        def fresh(many: int) -> Sequence[Mail]:
            books = mails.copies(template, next(numbers))
            people = islice(cycle(place.recipients), many)
            return [_mail(to, book) for (_, to), book in zip(people, books, strict=False)]

        again = [_mail(to, template) for _, to in islice(cycle(place.recipients), 20)]
        busy = ("msg/s", "CPU s/1,000")
        yield place.cases(
            {
                "new workbook, one at a time": Load(
                    make=partial(fresh, 8),
                    sessions=1,
                    kept=True,
                    figures=("p50 ms", "CPU s/1,000"),
                ),
                "new workbook, 20 sessions kept": Load(
                    make=partial(fresh, 20), sessions=SESSIONS, kept=True, figures=busy
                ),
                "the same workbook, 20 sessions kept": Load(
                    make=lambda: again, sessions=SESSIONS, kept=True, figures=busy
                ),
            }
        )


def _mail(to: str, book: bytes) -> Mail:
    return Mail.of(SENDER, to, mails.letter_with(to, SENDER, "注文.xlsx", book, mails.XLSX))


BENCHMARK: Final = Benchmark(
    name="workbooks",
    about="mail with a 100 KB workbook, which is opened and searched for customers",
    rounds=5,
    cases=cases,
)
