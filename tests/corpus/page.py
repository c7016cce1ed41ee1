"""
docs/formats.md, made from what the readers find in the corpus; a test compares the two.

    python -m tests.corpus.page > docs/formats.md
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from guard.extract.formats import READERS
from guard.extract.kinds import kind_of
from guard.model.extract import ReadState
from tests.corpus.measured import Result, gaps, measure
from tests.corpus.planted import HERE, load

COMPARED: Final = HERE / "compared.json"
MUTATED: Final = HERE / "mutated.json"

HEAD: Final = """\
# Formats: what is found in which file, and what is not

Measured on the project's own corpus, `tests/corpus/`: files that real programs made, with invented people
planted wherever such a program can put a line of text, and for each a *clean twin* with a stock list in their place.
A row is found if its name, its address and its telephone number all are. This page is made from the files:

    python -m tests.corpus.page > docs/formats.md

"""


def page(results: Sequence[Result]) -> str:
    """Give the whole page as Markdown."""
    parts = (
        HEAD,
        "".join(_totals(results)),
        "".join(_formats(results)),
        "".join(_gaps()),
        "".join(_mutated()),
        "".join(_compared()),
    )
    return "\n".join(parts)


def _totals(results: Sequence[Result]) -> Iterator[str]:
    open_ones = [each for each in results if not each.made.clean and each.made.state == "read"]
    sealed = [each for each in results if each.made.state != "read"]
    twins = [each for each in results if each.made.clean]
    rows = sum(place.rows for each in open_ones for place in each.places)
    found = sum(place.found for each in open_ones for place in each.places)
    absent = sum(
        place.rows - place.found
        for each in results
        for place in each.places
        if each.silent and any(g.covers(each.made, place.planted.kind, "silent") for g in gaps())
    )
    silent = sum(each.silent for each in results) - absent
    held = sum(each.extract.state is not ReadState.READ for each in sealed)
    clean = sum(each.extract.state is ReadState.READ for each in twins)
    named = [place for each in open_ones for place in each.places if place.planted.place]
    yield "| what | number |\n| --- | --- |\n"
    yield f"| files with something planted, open to a reader | {len(open_ones)} |\n"
    yield f"| **planted rows found** | **{found} of {rows}** |\n"
    yield f"| of those whose place has a name, named by it | {sum(p.named for p in named)} of {sum(p.found for p in named)} |\n"
    yield f"| **rows lost silently**: missing in a file that counts as read | **{silent}** |\n"
    yield f"| rows that their producer did not write into the file (known gaps, below) | {absent} |\n"
    yield f"| encrypted files and pictures that say so | {held} of {len(sealed)} |\n"
    yield f"| clean twins that count as read, with nobody found in them | {clean} of {len(twins)} |\n"


def _formats(results: Sequence[Result]) -> Iterator[str]:
    by_format: dict[str, list[Result]] = defaultdict(list)
    for each in results:
        if not each.made.clean:
            by_format[each.made.format].append(each)
    yield "## By format\n\n"
    yield "State: r read, p partial, u unreadable, with the reasons given. "
    yield "Reader: the module in `guard/extract/`; none: told apart, and held as `unsupported` or `unknown_binary`.\n\n"
    yield "| format | made by | reader | state | found, by kind of place | not found |\n"
    yield "| --- | --- | --- | --- | --- | --- |\n"
    for name in sorted(by_format, key=str.lower):
        yield _format(name, by_format[name])


def _format(name: str, results: Sequence[Result]) -> str:
    producers = sorted({each.made.producer for each in results}, key=str.lower)
    found: dict[str, int] = defaultdict(int)
    lost: dict[str, int] = defaultdict(int)
    for each in results:
        for place in each.places:
            found[place.planted.kind] += place.found
            lost[place.planted.kind] += place.rows - place.found
    cells = (
        name,
        ", ".join(producers),
        ", ".join(sorted({_reader(each) for each in results})),
        "; ".join(sorted({_state(each) for each in results})),
        ", ".join(f"{kind} {count}" for kind, count in sorted(found.items()) if count),
        ", ".join(f"{kind} {count}" for kind, count in sorted(lost.items()) if count),
    )
    return "| " + " | ".join(cells) + " |\n"


def _reader(result: Result) -> str:
    reader = READERS.get(kind_of(result.made.path.read_bytes()))
    module = getattr(reader, "__module__", "").rpartition(".")[2]
    return module if module not in {"", "formats"} else "none"


def _state(result: Result) -> str:
    reasons = ", ".join(result.extract.reasons)
    return result.extract.state.value[0] + (f" ({reasons})" if reasons else "")


def _gaps() -> Iterator[str]:
    yield "## Known gaps\n\n"
    yield "A test fails if anything else is missing, and if one of these is no longer.\n\n"
    yield "| files | places | what | why |\n| --- | --- | --- | --- |\n"
    for gap in gaps():
        yield f"| `{gap.files}` | {', '.join(gap.kinds)} | {gap.what} | {gap.why} |\n"


def _mutated() -> Iterator[str]:
    if not MUTATED.exists():
        return
    run = json.loads(MUTATED.read_text("utf-8"))
    yield f"## Damaged files\n\nAs of {run['date']}, {run['count']} mutations (cuts, flipped bits, exchanged stretches), "
    yield f"seed {run['seed']}: `python -m tests.corpus.mutate --count {run['count']}`. "
    yield "*Lost* is a planted row missing from a file that counts as read: in formats without a checksum "
    yield "a damaged file cannot be told from another one. Those lost in formats with one were cut to 0 and 1 octets.\n\n"
    yield "| format | checksum | mutations | read | partial | unreadable | time-outs | lost |\n"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |\n"
    for row in run["formats"]:
        yield "| " + " | ".join(str(cell) for cell in row) + " |\n"


def _compared() -> Iterator[str]:
    if not COMPARED.exists():
        return
    run: Mapping[str, Any] = json.loads(COMPARED.read_text("utf-8"))
    yield f"## Compared with ready-made extractors\n\nAs of {run['date']}, on the same files that are open to a reader; command: "
    yield "`python -m tests.corpus.compare --python VENV/bin/python`. *Lost silently*: rows missing where the extractor "
    yield "gave no error. Seconds: all files one after the other, without starting and importing.\n\n"
    yield "| extractor | rows found | files whole | rows lost silently | files with an error | seconds |\n"
    yield "| --- | --- | --- | --- | --- | --- |\n"
    for each in run["extractors"]:
        yield (
            f"| {each['name']} | {each['found']} of {each['rows']} | {each['whole']} of {each['files']} "
            f"| {each['silent']} | {each['errors']} | {each['seconds']} |\n"
        )


if __name__ == "__main__":
    print(page(measure(load())), end="")
