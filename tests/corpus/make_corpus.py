"""
Make the files of the corpus and their manifest: ``python -m tests.corpus.make_corpus --help``.

People are drawn from a fixed seed, so the same strings are planted in every run; octets differ
where a producer writes the time of day or an identifier of its own. What is planted is proved by
`evidence` before it is promised: what a producer left out is told, and not in the manifest.
"""

import argparse
import shutil
import sys
import traceback
from collections.abc import Iterator
from fnmatch import fnmatch
from typing import Final

from tests.corpus import (
    archives,
    libreoffice,
    mails,
    office_libraries,
    pdfs,
    sheet_libraries,
    sheetjs,
    tables,
    texts,
)
from tests.corpus.evidence import said, stands
from tests.corpus.planted import FILES, Case, Made, Plant, Planted, dump, load, twins
from tests.corpus.producers import known, version

_MODULES: Final = (
    sheet_libraries,
    sheetjs,
    office_libraries,
    libreoffice,
    pdfs,
    texts,
    mails,
    tables,
    archives,
)

_NO_STRINGS: Final = "numbers and dates"
"""Of these no strings stand in the octets."""


def all_cases() -> Iterator[Case]:
    """Every file that can be made."""
    for module in _MODULES:
        yield from module.cases()


def make(case: Case, file: str, *, clean: bool) -> Made:
    """Make one file, and say what is in it."""
    plant = Plant(case.file, clean=clean)
    path = FILES / file
    path.parent.mkdir(parents=True, exist_ok=True)
    case.build(path, plant)
    planted = plant.planted
    if case.proof and planted:
        planted = list(_proved(file, path.read_bytes(), planted))
    return Made(
        file=file,
        format=case.format,
        producer=f"{case.producer} {version(case.producer)}",
        clean=clean,
        state=case.state,
        reasons=case.reasons,
        planted=tuple(planted),
        note=case.note,
    )


def _proved(file: str, octets: bytes, planted: list[Planted]) -> Iterator[Planted]:
    text = said(octets)
    for each in planted:
        if each.kind == _NO_STRINGS or all(stands(row, text) for row in each.rows):
            yield each
        else:
            print(f"{file}: {each.kind} was left out by its producer", file=sys.stderr)


def main() -> int:
    """Make all, or those whose names match; exit 1 if a producer is missing."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.corpus.make_corpus")
    parser.add_argument("--only", metavar="PATTERN", help="make files that match: 'libreoffice/*'")
    parser.add_argument(
        "--producers", action="store_true", help="tell which are here, make nothing"
    )
    options = parser.parse_args()
    missing = [name for name in known() if version(name) is None]
    if options.producers:
        for name in known():
            print(f"{name:20} {version(name) or 'missing'}")
        return 1 if missing else 0
    for name in missing:
        print(f"{name} is missing: its files stay as they are", file=sys.stderr)
    kept = {} if not (options.only or missing) else {made.file: made for made in load()}
    if not kept and FILES.exists():
        shutil.rmtree(FILES)
    wanted = [
        case
        for case in all_cases()
        if version(case.producer) and fnmatch(case.file, options.only or "*")
    ]
    show = sys.stderr.isatty()
    failed = False
    try:
        for at, case in enumerate(wanted, start=1):
            if show:
                print(f"\r{at}/{len(wanted)} {case.file:60.60}", end="", file=sys.stderr)
            for file, clean in twins(case):
                try:
                    kept[file] = make(case, file, clean=clean)
                except Exception:  # noqa: BLE001 -- the others are made nevertheless
                    failed = True
                    print(f"{file} was not made: {traceback.format_exc()}", file=sys.stderr)
    finally:
        libreoffice.close()
    dump(sorted(kept.values(), key=lambda made: (made.clean, made.file)))
    size = sum(made.path.stat().st_size for made in kept.values())
    print(f"{len(kept)} files, {size / 1e6:.1f} MB", file=sys.stderr)
    return 1 if missing or failed else 0


if __name__ == "__main__":
    sys.exit(main())
