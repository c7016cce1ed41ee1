"""
Damaged files: ``python -m tests.corpus.mutate --count 5000 [--seed N] [--json FILE]``.

Files of the corpus, cut, with bits flipped or stretches exchanged, go through the real sandbox. The
parent must live, no file may take longer than its limit, and in formats with a checksum no file may
count as read with a planted row missing.
"""

import argparse
import asyncio
import datetime as dt
import json
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from guard.model.extract import Extract, ReadState, Reason
from guard.sandbox import Sandbox
from tests.corpus.measured import judge, read_in
from tests.corpus.planted import Made, load

LEAST: Final = 8
"""Octets; of less, nobody can say what it was."""

CHECKSUMMED: Final = frozenset({
    "xlsx", "xlsb", "ods", "odt", "odp", "docx", "pptx", "7z", "gz", "bz2", "xz", "tar.gz", "tar.bz2", "tar.xz",
    "zip (nested)", *(f"zip ({method})" for method in ("Copy", "Deflate", "Deflate64", "BZip2", "LZMA", "PPMd", "xz")),
})  # fmt: skip
"""Formats in which damage to any file within shows (CRC-32 or better)."""

SEED: Final = 20261126
_HEADER: Final = (
    "format",
    "checksum",
    "mutations",
    "read",
    "partial",
    "unreadable",
    "time-outs",
    "lost",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """A damaged file."""

    made: Made
    how: str
    octets: bytes


def mutations(corpus: Sequence[Made], *, count: int, seed: int) -> Iterator[Mutation]:
    """Damage *count* files, every format in turn; the same for the same *seed*."""
    by_format: dict[str, list[Made]] = defaultdict(list)
    for made in corpus:
        if made.planted and made.state == "read":
            by_format[made.format].append(made)
    formats = sorted(by_format)
    for number in range(count):
        draw = random.Random(f"{seed}/{number}")  # noqa: S311 -- to be repeated
        made = draw.choice(by_format[formats[number % len(formats)]])
        how = draw.choice(("cut", "flip", "flip", "swap", "zero"))
        yield Mutation(made=made, how=how, octets=_damaged(made.path.read_bytes(), how, draw))


def _damaged(octets: bytes, how: str, draw: random.Random) -> bytes:
    if how == "cut":
        return octets[: draw.randrange(len(octets))]
    changed = bytearray(octets)
    if how == "flip":
        for _ in range(draw.choice((1, 1, 2, 8, 64))):
            changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(8)
        return bytes(changed)
    size = draw.randrange(1, max(2, min(512, len(changed) // 3)))
    one = draw.randrange(len(changed) - size)
    if how == "zero":
        changed[one : one + size] = bytes(size)
        return bytes(changed)
    other = draw.randrange(len(changed) - size)
    first, second = changed[one : one + size], changed[other : other + size]
    changed[one : one + size] = second
    changed[other : other + size] = first
    return bytes(changed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """What became of one mutation."""

    mutation: Mutation
    number: int
    extract: Extract
    lost: int
    """Rows missing although the file counts as read."""

    @property
    def is_a_file(self) -> bool:
        """Whether enough is left to tell what it was: two octets are an empty file, or a text."""
        return len(self.mutation.octets) >= LEAST


async def run(
    corpus: Sequence[Made], *, count: int, seed: int, tick=lambda: None, slots: int = 2
) -> list[Damage]:
    """Read damaged files; a few hundred at a time, so that they need not all be in memory."""
    found: list[Damage] = []
    drawn = mutations(corpus, count=count, seed=seed)
    sandbox = Sandbox(slots=slots)
    await sandbox.start()
    zygote = sandbox.zygote_pid
    try:
        while batch := [*islice(drawn, 200)]:
            files = [(each.made.path.name, each.octets) for each in batch]
            extracts = await read_in(sandbox, files, slots=slots, tick=tick)
            for mutation, extract in zip(batch, extracts, strict=True):
                lost = judge(mutation.made, extract).silent
                found.append(
                    Damage(mutation=mutation, number=len(found), extract=extract, lost=lost)
                )
        assert sandbox.zygote_pid == zygote, "the parent of the readers died"
    finally:
        await sandbox.stop()
    return found


def by_format(damage: Sequence[Damage]) -> list[tuple[str | int, ...]]:
    """Give a row a format, as `_HEADER` names its cells."""
    groups: dict[str, list[Damage]] = defaultdict(list)
    for each in damage:
        groups[each.mutation.made.format].append(each)
    rows: list[tuple[str | int, ...]] = []
    for name in sorted(groups, key=str.lower):
        states = Counter(each.extract.state for each in groups[name])
        late = sum(Reason.TIMEOUT in each.extract.reasons for each in groups[name])
        lost = sum(each.lost > 0 for each in groups[name])
        checksum = "yes" if name in CHECKSUMMED else "no"
        rows.append(
            (name, checksum, len(groups[name]), *(states[state] for state in ReadState), late, lost)
        )
    return rows


def main() -> int:
    """Damage, read, tell; exit 1 for a row lost in a format with checksums, or a time-out."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.corpus.mutate")
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--json", type=Path, help="write the table there, for docs/formats.md")
    options = parser.parse_args()
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("reading", total=options.count)
        damage = asyncio.run(
            run(load(), count=options.count, seed=options.seed, tick=lambda: progress.advance(task))
        )
    rows = by_format(damage)
    table = Table(*_HEADER)
    for row in rows:
        table.add_row(*map(str, row))
    Console().print(table)
    bad = [
        each for each in damage
        if Reason.TIMEOUT in each.extract.reasons
        or (each.lost and each.mutation.made.format in CHECKSUMMED and each.is_a_file)
    ]  # fmt: skip
    for each in bad:
        print(
            f"number {each.number}: {each.mutation.made.file}, {each.mutation.how}, {each.extract.state}, {each.lost} lost"
        )
    slowest = max(damage, key=lambda each: each.extract.seconds)
    print(f"slowest: {slowest.extract.seconds:.2f} s, {slowest.mutation.made.file}")
    if options.json:
        today = dt.datetime.now(dt.UTC).date().isoformat()
        told = {"date": today, "count": options.count, "seed": options.seed, "formats": rows}
        options.json.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
