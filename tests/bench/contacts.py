"""Who writes to whom: memory, and the time to judge one recipient."""
# ruff: noqa: S311 -- nothing here is secret

import gc
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from statistics import quantiles
from typing import Final

from guard.contacts.history import History
from guard.model.address import Address, Mailbox
from guard.model.contact import Contact, Exchange
from tests.bench import mails
from tests.bench.case import Benchmark, Case, Figures, Site
from tests.bench.children import figures_of, own_rss_mib, print_figures

SIZES: Final = (1_000, 10_000, 100_000)
LARGE: Final = 100_000
"""From here on one round is enough: it takes half a minute."""

SENDERS: Final = 50
ASKED: Final = 400
NOW: Final = datetime(2026, 11, 25, tzinfo=UTC)


@asynccontextmanager
async def cases(site: Site) -> AsyncIterator[Sequence[Case]]:
    """Nothing is needed: each run makes its own people."""
    yield [
        Case(
            name=f"{size:,} contacts",
            run=partial(figures_of, "contacts", str(size)),
            rounds=1_000 if size < LARGE else 1,
        )
        for size in SIZES
    ]


def measure(size: int) -> Figures:
    """Fill a history with *size* contacts and three mails to each, and ask it about new mail."""
    rng = Random(size)
    people = [
        Contact(address=Address.parse(address), name=name, company=company)
        for name, company, address in mails.contacts(size, size)
    ]
    sent = [_mail(rng, people) for _ in range(3 * size)]
    gc.collect()
    memory = own_rss_mib()
    began = time.perf_counter()
    history = History()
    for contact in people:
        history.add_contact(contact)
    for exchange in sent:
        history.learn(exchange)
    filled = time.perf_counter() - began
    # What the history shares with the mails would stay with it alone.
    sent.clear()
    gc.collect()
    memory = own_rss_mib() - memory
    known = _asked(history, [_mail(rng, people) for _ in range(ASKED)])
    slips = _asked(history, [_mail(rng, people, slip=True) for _ in range(ASKED)])
    return {
        "MiB": memory,
        "filled s": filled,
        "known p50 ms": known[49],
        "known p99 ms": known[98],
        "slip p50 ms": slips[49],
        "slip p99 ms": slips[98],
    }


def _mail(rng: Random, people: Sequence[Contact], *, slip: bool = False) -> Exchange:
    """Make a mail of one of us to one contact; often to those with whom one often deals."""
    number = min(int(rng.expovariate(3 / len(people))), len(people) - 1)
    to = people[number].address
    if slip:
        at = rng.randrange(len(to.local))
        local = to.local[:at] + rng.choice("abcdefghijklmnopqrstuvwxyz") + to.local[at:]
        to = Address.parse(f"{local}@{to.domain}")
    sender = Address.parse(f"user{number % SENDERS}@example.co.jp")
    return Exchange(
        sender=Mailbox(address=sender, name=""),
        recipients=(Mailbox(address=to, name=people[number].name),),
        at=NOW - timedelta(days=0 if slip else rng.random() * 300),
        message_id=f"<{rng.getrandbits(64):x}@example.co.jp>",
        references=(),
        subject="お見積り",
        text=f"{people[number].name}様\n\nお世話になっております。資料をお送りします。\n",
    )


def _asked(history: History, exchanges: Sequence[Exchange]) -> list[float]:
    """Give the percentiles, in milliseconds, of judging one mail to one recipient."""
    times = []
    for exchange in exchanges:
        began = time.perf_counter()
        history.acquaintance(exchange)
        times.append((time.perf_counter() - began) * 1000)
    return quantiles(times, n=100, method="inclusive")


BENCHMARK: Final = Benchmark(
    name="contacts",
    about="history in memory; three mails were sent to each contact",
    rounds=3,
    cases=cases,
)

if __name__ == "__main__":
    print_figures(measure(int(sys.argv[1])))
