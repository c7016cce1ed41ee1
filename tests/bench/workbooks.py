"""Mail with a workbook of 100 KB, new each time or seen before."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from itertools import count, cycle, islice
from typing import Final

from tests.bench import mails
from tests.bench.case import Benchmark, Case, Site
from tests.bench.load import SERIES, SESSIONS, Load, numbered
from tests.bench.office import SENDER
from tests.bench.source import Mail
from tests.bench.street import Street, street

ROWS: Final = 2_300
"""Rows that make a workbook of about 100 KB, 140 KB on the wire."""

MOST_NEW: Final = 60
"""A workbook takes longer to make than others take to pass it on."""

MOST: Final = 400


class NewBooks:
    """
    Mails with workbooks, each of which is new to whomever gets it.

    Everybody gets the same ones, in the same order: they are made once.
    """

    def __init__(self, place: Street, series: int) -> None:
        books = mails.copies(mails.workbook(ROWS), series)
        people = cycle(address for _, address in place.recipients)
        self._more = (_mail(to, book) for to, book in zip(people, books, strict=False))
        self._made: list[Mail] = []

    def make(self, first: int, end: int) -> Sequence[Mail]:
        """Give number *first* to *end* - 1."""
        self._made += islice(self._more, max(0, end - len(self._made)))
        return self._made[first:end]


@asynccontextmanager
async def cases(site: Site) -> AsyncIterator[Sequence[Case]]:
    """Both kinds; what was seen before is not measured on new connections."""
    async with street(site, workbooks=True) as place:
        series = count(0, SERIES)

        def new(sessions: int, *, kept: bool, least: int) -> Load:
            make = NewBooks(place, next(series)).make
            return Load(make=make, sessions=sessions, kept=kept, least=least, most=MOST_NEW)

        book = mails.workbook(ROWS)
        letters = [_mail(to, book) for _, to in place.recipients]

        def seen(sessions: int, *, least: int) -> Load:
            make = partial(numbered, letters, next(series))
            return Load(make=make, sessions=sessions, kept=True, least=least, most=MOST)

        yield place.cases(
            {
                "100 KB new workbook, one at a time": new(1, kept=True, least=8),
                "100 KB new workbook, 20 connections kept": new(
                    SESSIONS, kept=True, least=SESSIONS
                ),
                "100 KB new workbook, 20 at once, each on a new connection": new(
                    SESSIONS, kept=False, least=SESSIONS
                ),
                "100 KB workbook seen before, one at a time": seen(1, least=8),
                "100 KB workbook seen before, 20 connections kept": seen(SESSIONS, least=SESSIONS),
            }
        )


def _mail(to: str, book: bytes) -> Mail:
    return Mail.of(SENDER, to, mails.letter_with(to, SENDER, "注文.xlsx", book, mails.XLSX))


BENCHMARK: Final = Benchmark(
    name="workbooks",
    about="mail with a 100 KB workbook; Guard opens it and searches it for customers",
    rounds=3,
    cases=cases,
)
