"""
How many rows are found, by form and language, and how many innocent mails are taken for rows.

    python -m tests.bench.rows.recall                      10,000, 100,000 and a million rows
    python -m tests.bench.rows.recall --rows 10000000      as many as are wanted; may be given again
    python -m tests.bench.rows.recall --language ja --seed 7 --json recall.json

Every run invents other people unless a seed is given. Of each form, one text with many rows and as
many texts with one row are searched. A table goes to stdout, talk to stderr.
"""
# ruff: noqa: S311, T201 -- nothing here is secret, and a table is printed

import argparse
import json
import secrets
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any, Final

from guard.lists.index import ListIndex
from tests.bench.case import say
from tests.bench.rows import english, japanese
from tests.bench.rows.forms import Form
from tests.bench.rows.innocent import innocent
from tests.bench.rows.people import BLOCK, Person, block_of
from tests.bench.rows.prose import prose
from tests.bench.rows.searching import build_index, found, open_index

FORMS: Final = {"ja": japanese.FORMS, "en": english.FORMS}
TOGETHER: Final = 500
"""Rows in one text."""

ALONE: Final = 100
"""Texts with one row."""

SAMPLED: Final = 12
"""Blocks of the list from which they are taken."""

SIZES: Final = (10_000, 100_000, 1_000_000)
PROSE: Final = 4_000_000
"""Characters of clean text, about."""


def measured(language: str, seed: int, rows: int, mails: int, folder: Path) -> dict[str, Any]:
    """Make one list and measure all forms with it."""
    path, _ = build_index(folder, language, seed, rows)
    index = open_index(path)
    rng = Random(seed)
    blocks = rng.sample(range(max(1, rows // BLOCK)), min(SAMPLED, max(1, rows // BLOCK)))
    listed = [
        person
        for block in blocks
        for person in block_of(language, seed, block)
        if person.number <= rows
    ]
    forms = {form.name: of_form(index, form, listed, rng) for form in FORMS[language]}
    taken, wrong = 0, 0
    for text in innocent(language, seed + 1, mails, (seed, rows)):
        hits = found(index, text)
        taken += bool(hits)
        wrong += len(hits)
    octets = PROSE * (3 if language == "ja" else 1)
    clean = len(found(index, prose(language, seed + 2, octets)))
    path.unlink()
    return {
        "language": language,
        "rows": rows,
        "seed": seed,
        "forms": forms,
        "mails": mails,
        "mails with rows": taken,
        "rows in mails": wrong,
        "rows in prose": clean,
    }


def of_form(
    index: ListIndex, form: Form, listed: Sequence[Person], rng: Random
) -> dict[str, float | str]:
    """Give the percentage of rows found together and alone, and how many wrong ones beside them."""
    people = [person for person in listed if form.only(person)]
    people = rng.sample(people, min(TOGETHER, len(people)))
    if not people:
        return {}
    expected = {person.number for person in people}
    seen = {hit.row for hit in found(index, form.write(people, rng))}
    alone = people[:ALONE]
    right, wrong = 0, len(seen - expected)
    for person in alone:
        rows = {hit.row for hit in found(index, form.write([person], rng))}
        right += person.number in rows
        wrong += len(rows - {person.number})
    return {
        "expected": form.expected,
        "together": 100 * len(seen & expected) / len(people),
        "alone": 100 * right / len(alone),
        "wrong": wrong,
    }


def print_table(results: Sequence[dict[str, Any]]) -> None:
    """Print a Markdown table: a form a line, two columns a list."""
    sizes = [f"{result['rows']:,}" for result in results]
    print("| form | " + " | ".join(sizes) + " |\n| --- |" + " ---: |" * len(results))
    for name in results[0]["forms"]:
        cells = []
        for result in results:
            figures = result["forms"].get(name)
            wrong = f" (+{figures['wrong']})" if figures and figures["wrong"] else ""
            cells.append(
                f"{figures['together']:.4g} / {figures['alone']:.4g}{wrong}" if figures else "-"
            )
        expected = next((r["forms"][name]["expected"] for r in results if r["forms"][name]), "rows")
        print(f"| {name}{'' if expected == 'rows' else f' ({expected})'} | {' | '.join(cells)} |")
    for what in ("mails with rows", "rows in prose"):
        print(f"| {what} | " + " | ".join(str(result[what]) for result in results) + " |")


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.rows.recall",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--language", action="append", choices=sorted(FORMS))
    parser.add_argument("--rows", action="append", type=int, metavar="N")
    parser.add_argument("--mails", type=int, default=20_000, help="innocent ones, for each list")
    parser.add_argument("--seed", type=int, help="else a new one")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write every figure there")
    given = parser.parse_args(sys.argv[1:])
    seed = secrets.randbelow(10**6) if given.seed is None else given.seed
    everything = []
    with tempfile.TemporaryDirectory(prefix="guard-bench-") as folder:
        for language in given.language or sorted(FORMS):
            results = []
            for rows in given.rows or SIZES:
                say(f"{language}, {rows:,} rows, seed {seed}")
                results.append(measured(language, seed, rows, given.mails, Path(folder)))
            print(f"\n{language}, seed {seed}: % of rows found together / alone (+ wrong rows)\n")
            print_table(results)
            everything += results
    if given.json:
        given.json.write_text(json.dumps(everything, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
