# ruff: noqa: T201 -- it prints its tables
"""
What is found without any list, in innocent mail and in the corpus: alarms, recall, time.

    python -m tests.bench.without_list [SEED] [MAILS]
"""

import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from guard.detect.inspection import Inspection
from guard.detect.list_like import list_like
from guard.detect.mark import mark
from guard.detect.protected_numbers import protected_numbers
from guard.model.finding import ListLike, Mark, ProtectedNumbers
from tests.corpus.measured import measure
from tests.corpus.planted import load
from tests.unit.detect.business import inspection, paper, passage, thread
from tests.unit.lists import crowd

COUNTS: Final = (5, 10, 20)
TIMED: Final = 100
OCTETS: Final = 100_000


def found(mail: Inspection) -> Iterator[ListLike | ProtectedNumbers | Mark]:
    """Give what the three detectors say."""
    yield from list_like(mail)
    yield from protected_numbers(mail)
    yield from mark(mail)


def row(name: str, mails: Iterable[Inspection]) -> None:
    """Print how many of these mails have what."""
    lists, numbers, marks, total = dict.fromkeys(COUNTS, 0), 0, 0, 0
    for mail in mails:
        findings = list(found(mail))
        total += 1
        most = max((each.count for each in findings if isinstance(each, ListLike)), default=0)
        for least in COUNTS:
            lists[least] += most >= least
        numbers += any(isinstance(each, ProtectedNumbers) for each in findings)
        marks += any(isinstance(each, Mark) for each in findings)
    shown = " | ".join(str(count) for count in (*lists.values(), numbers, marks))
    print(f"| {name} | {total:,} | {shown} |", flush=True)


def milliseconds(detector: Callable[[Inspection], Iterable[object]], mail: Inspection) -> str:
    """Time a detector by the processor of this thread: the median, and the worst but one in 100."""
    took = []
    for _ in range(TIMED):
        began = time.thread_time()
        list(detector(mail))
        took.append((time.thread_time() - began) * 1000)
    took.sort()
    return f"{statistics.median(took):.1f} / {took[-2]:.1f}"


def main(seed: int, count: int) -> None:
    """Print the tables of docs/detectors.md."""
    print("| what | mails or files | list ≥ 5 | ≥ 10 | ≥ 20 | numbers | marks |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    row("mails of other people", map(inspection, crowd.innocent(seed, count)))
    row(
        "threads of five, half with legal texts",
        (inspection(thread(seed + n)) for n in range(count // 10)),
    )
    row(
        "tables and reports without people",
        (inspection(files={"a.csv": (passage(paper(seed + n)),)}) for n in range(count // 10)),
    )
    results = measure(load())
    for name, clean in (("clean twins of the corpus", True), ("its files with people", False)):
        row(
            name,
            (
                inspection(files={one.extract.file: one.extract.passages})
                for one in results
                if one.made.clean is clean and one.made.state == "read"
            ),
        )
    print("\n| 100 KB | `list_like` | `protected_numbers` | `mark` |\n| --- | --- | --- | --- |")
    for name, text in (
        ("customer rows, Japanese", crowd.JAPANESE_FORMS["csv"](crowd.japanese(seed, 1500))),
        ("customer rows, English", crowd.WESTERN_FORMS["csv"](crowd.western(seed, 1500))),
        ("mails", "\n".join(crowd.innocent(seed, 1000))),
    ):
        part = text.encode()[:OCTETS].decode(errors="ignore")
        mail = inspection(files={"a.csv": (passage(part),)})
        took = " | ".join(milliseconds(each, mail) for each in (list_like, protected_numbers, mark))
        print(f"| {name} | {took} |")


if __name__ == "__main__":
    main(*(int(each) for each in (*sys.argv[1:], *("7", "20000")[len(sys.argv) - 1 :])))
