"""Mail of ten million octets, in a picture that nobody opens: what moving octets costs."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from tests.bench import mails
from tests.bench.case import Benchmark, Case, Site
from tests.bench.load import Load, numbered
from tests.bench.office import SENDER
from tests.bench.source import Mail
from tests.bench.street import Street, street

PICTURE_BYTES: Final = 7_600_000
"""10.4 MB on the wire."""

SESSIONS: Final = 4
MOST: Final = 12
"""More would only fill the memory of the source."""


def pictures(place: Street) -> Callable[[int, int], Sequence[Mail]]:
    """Give what makes mails of 10 MB, each with another picture."""
    picture = mails.picture(PICTURE_BYTES)
    templates = [
        Mail.of(
            SENDER, address, mails.letter_with(address, SENDER, "photo.jpg", picture, "image/jpeg")
        )
        for _, address in place.recipients[:SESSIONS]
    ]
    return partial(numbered, templates, 0)


@asynccontextmanager
async def cases(site: Site) -> AsyncIterator[Sequence[Case]]:
    """One at a time, and some at once."""
    async with street(site) as place:
        make = pictures(place)
        yield place.cases(
            {
                "10 MB, one at a time": Load(make=make, sessions=1, kept=True, least=2, most=MOST),
                "10 MB, 4 connections kept": Load(
                    make=make, sessions=SESSIONS, kept=True, least=SESSIONS, most=MOST
                ),
            }
        )


BENCHMARK: Final = Benchmark(
    name="large",
    about="mail with a picture, 10.4 MB on the wire",
    rounds=3,
    cases=cases,
)
