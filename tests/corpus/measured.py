"""What Guard's readers, in their real sandbox, make of the files of the corpus."""

import asyncio
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Final

from guard.model.extract import Extract, Passage, ReadState
from guard.model.message import Attachment
from guard.sandbox import Limits, Sandbox
from tests.corpus.planted import HERE, Made, Planted, folded

GAPS: Final = HERE / "known_gaps.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Something that is known not to be found, or not to be named, and why."""

    files: str
    """A pattern, as in a shell."""

    kinds: tuple[str, ...]
    """Kinds of hiding place; ``*`` for all."""

    what: str
    """``missing``: not found, and the file says that it is not read. ``unnamed``: found elsewhere."""

    why: str

    def covers(self, made: Made, kind: str, what: str) -> bool:
        """Whether this is the gap."""
        return (
            self.what == what
            and fnmatch(made.file, self.files)
            and any(fnmatch(kind, each) for each in self.kinds)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One hiding place, and how many of its rows were found."""

    planted: Planted
    found: int
    named: int
    """Rows found in a passage whose place says so, and in their row where rows are counted."""

    @property
    def rows(self) -> int:
        """How many there were to find."""
        return len(self.planted.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One file, read."""

    made: Made
    extract: Extract
    places: tuple[Found, ...]

    @property
    def silent(self) -> int:
        """Rows that are missing while the file counts as read: what must never be."""
        if self.extract.state is not ReadState.READ:
            return 0
        return sum(each.rows - each.found for each in self.places)


def gaps() -> tuple[Gap, ...]:
    """Give the list of what is known."""
    return tuple(
        Gap(**{**each, "kinds": tuple(each["kinds"])})
        for each in json.loads(GAPS.read_text("utf-8"))
    )


def attachment(name: str, octets: bytes) -> Attachment:
    """A file as it comes with a mail, its type not told."""
    return Attachment(part="2", name=name, content_type="application/octet-stream", octets=octets)


def judge(made: Made, extract: Extract) -> Result:
    """Look for what was planted in what was read."""
    texts = [(passage, folded(passage.text)) for passage in extract.passages]
    whole = "\n".join(text for _, text in texts)
    return Result(
        made=made,
        extract=extract,
        places=tuple(_found(planted, texts, whole) for planted in made.planted),
    )


def _found(planted: Planted, texts: Sequence[tuple[Passage, str]], whole: str) -> Found:
    found = named = 0
    for at, row in enumerate(planted.rows):
        strings = [folded(each) for each in row]
        if not all(each in whole for each in strings):
            continue
        found += 1
        number = planted.first_row + at if planted.first_row else 0
        named += any(
            planted.place in passage.place
            and all(each in text for each in strings)
            and (not number or _stands_in_row(passage, strings, number))
            for passage, text in texts
        )
    return Found(planted=planted, found=found, named=named)


def _stands_in_row(passage: Passage, strings: Sequence[str], number: int) -> bool:
    lines = passage.text.split("\n")
    at = number - passage.first_row
    return 0 <= at < len(lines) and all(each in folded(lines[at]) for each in strings)


def leaked(made: Made, extract: Extract, strings: Iterable[str]) -> list[str]:
    """Give planted strings that a clean twin is said to hold."""
    text = folded(extract.text)
    return [each for each in strings if folded(each) in text]


async def read_all(
    files: Iterable[tuple[str, bytes]],
    *,
    slots: int = 2,
    limits: Limits | None = None,
    tick: Callable[[], object] = lambda: None,
) -> list[Extract]:
    """Read files in the real sandbox, each as the only one of its mail; answers in their order."""
    sandbox = Sandbox(slots=slots, limits=limits)
    await sandbox.start()
    try:
        return await read_in(sandbox, files, slots=slots, tick=tick)
    finally:
        await sandbox.stop()


async def read_in(
    sandbox: Sandbox,
    files: Iterable[tuple[str, bytes]],
    *,
    slots: int = 2,
    tick: Callable[[], object] = lambda: None,
) -> list[Extract]:
    """As `read_all`, in a sandbox that runs; files are drawn when there is a slot for them."""
    answers: dict[int, Extract] = {}
    drawn: Iterator[tuple[int, tuple[str, bytes]]] = enumerate(files)

    async def work() -> None:
        for at, (name, octets) in drawn:
            (answers[at],) = await sandbox.read([attachment(name, octets)])
            tick()

    await asyncio.gather(*(work() for _ in range(slots)))
    return [answers[at] for at in sorted(answers)]


def measure(corpus: Sequence[Made]) -> list[Result]:
    """Read the corpus, and look for what was planted."""
    files = [(made.path.name, made.path.read_bytes()) for made in corpus]
    return [judge(*pair) for pair in zip(corpus, asyncio.run(read_all(files)), strict=True)]
