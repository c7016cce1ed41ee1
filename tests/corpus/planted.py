"""What is planted where, and the manifest that remembers it."""

import json
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.corpus.people import Person, goods, person

HERE: Final = Path(__file__).parent
FILES: Final = HERE / "files"
MANIFEST: Final = HERE / "manifest.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """Rows in one hiding place of one file."""

    kind: str
    """Of the hiding place: ``hidden sheet``, ``comment``."""

    rows: tuple[tuple[str, ...], ...]
    """Strings that must be found, by row; a row counts if all of its strings are found."""

    place: str = ""
    """What the place of the passage must say; empty where the file has nothing to name."""

    first_row: int = 0
    """Row number of the first one, where rows have numbers and stand one after the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One file of the corpus."""

    file: str
    """Below `FILES`, with forward slashes."""

    format: str
    producer: str
    """With its version."""

    clean: bool = False
    """A twin of another file, made in the same way, with a stock list in place of people."""

    state: str = "read"
    """`guard.model.extract.ReadState` that an honest reader gives."""

    reasons: tuple[str, ...] = ()
    """One of these must be given, where the state is not `read`."""

    planted: tuple[Planted, ...] = ()
    note: str = ""

    @property
    def path(self) -> Path:
        """Where it stands."""
        return FILES / self.file


class Plant:
    """Hands out the rows for one file, and remembers them."""

    def __init__(self, file: str, *, clean: bool) -> None:
        self._file = file
        self._clean = clean
        self._count = 0
        self.planted: list[Planted] = []

    def rows(
        self,
        kind: str,
        count: int = 2,
        *,
        place: str = "",
        first_row: int = 0,
        strings: Callable[[Person], Sequence[str]] | None = None,
    ) -> list[Person]:
        """Make up *count* people for a place of *kind*; *strings* of each must be found there."""
        numbers = range(self._count, self._count + count)
        self._count += count
        if self._clean:
            return [goods(self._file, number) for number in numbers]
        people = [person(self._file, number) for number in numbers]
        told = strings or (lambda each: (each.name, each.email, each.phone))
        self.planted.append(
            Planted(
                kind=kind,
                rows=tuple(tuple(told(each)) for each in people),
                place=place,
                first_row=first_row,
            )
        )
        return people

    def line(self, kind: str, *, place: str = "") -> str:
        """Make up one person for a place of *kind*, as a line of text."""
        return self.rows(kind, 1, place=place)[0].line


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A file that can be made."""

    file: str
    format: str
    producer: str
    """As `producers.version` knows it."""

    build: Callable[[Path, Plant], object]
    twin: bool = True
    state: str = "read"
    reasons: tuple[str, ...] = ()
    note: str = ""
    proof: bool = True
    """Whether planted strings can be seen in the octets without a reader: see `evidence`."""

    options: Mapping[str, Any] = field(default_factory=dict)


def folded(text: str) -> str:
    """Give *text* as it is compared: compatible characters alike (NFKC), no white space."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def load() -> tuple[Made, ...]:
    """Give the manifest; empty if there is none yet."""
    if not MANIFEST.exists():
        return ()
    return tuple(
        Made(
            **{
                **entry,
                "reasons": tuple(entry.get("reasons", ())),
                "planted": tuple(
                    Planted(**{**each, "rows": tuple(map(tuple, each["rows"]))})
                    for each in entry.get("planted", ())
                ),
            }
        )
        for entry in json.loads(MANIFEST.read_text("utf-8"))
    )


def dump(made: Sequence[Made]) -> None:
    """Write the manifest: a line a file or hiding place, so that changes can be read."""
    MANIFEST.write_text("[\n" + ",\n".join(map(_entry, made)) + "\n]\n", "utf-8")


def _entry(made: Made) -> str:
    head = {
        key: value
        for key, value in asdict(made).items()
        if value and key != "planted" and (key, value) != ("state", "read")
    }
    text = json.dumps(head, ensure_ascii=False)
    if not made.planted:
        return text
    return text[:-1] + ', "planted": [\n' + ",\n".join(map(_place, made.planted)) + "\n]}"


def _place(planted: Planted) -> str:
    told = {key: value for key, value in asdict(planted).items() if value}
    return "  " + json.dumps(told, ensure_ascii=False)


def twins(case: Case) -> Iterator[tuple[str, bool]]:
    """Give the files of a case: its own, and its clean twin."""
    yield case.file, False
    if case.twin:
        yield f"clean/{case.file}", True
