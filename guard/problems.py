"""Problems in files that people write (policy and settings), shown as a compiler shows them."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_LONGEST: Final = 60
"""Characters of a value that are repeated; more would bury what is said of it."""

_TELLING: Final = 3
"""Letters from which on the beginning of a word says which is meant."""


class Level(StrEnum):
    """Whether a problem stops the file from being used."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong, with its place."""

    file: str
    line: int
    """1-based; 0 where the problem belongs to no line."""

    column: int = 1
    """1-based, in characters."""

    width: int = 1
    """Characters to underline."""

    message: str
    """What is wrong, naming the word."""

    hint: str = ""
    """What to write instead; stands beside the caret."""

    level: Level = Level.ERROR

    @property
    def headline(self) -> str:
        """Place and message on one line, as compilers write it; the hint is left out."""
        where = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        warning = "warning: " if self.level is Level.WARNING else ""
        return visible(f"{where}  {warning}{self.message}")

    def __str__(self) -> str:
        return visible(f"{self.headline} ({self.hint})") if self.hint else self.headline


def lines_of(text: str) -> list[str]:
    """Part *text* as YAML 1.2 and TOML do; `str.splitlines` also parts at U+2028 and others."""
    lines = re.split(r"\r\n|\r|\n", text)
    return lines if lines[-1] else lines[:-1]


def visible(text: str) -> str:
    """Put a space for each character that a terminal would obey instead of show, tabs too."""
    return "".join(char if char.isprintable() or char == "\u3000" else " " for char in text)


def short(value: object) -> str:
    """Repeat a value of the file so that it fits into a line."""
    text = visible(str(value))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def did_you_mean(word: str, allowed: Iterable[str]) -> str:
    """Give ``did you mean "…"?`` for the nearest of *allowed*, or an empty string."""
    near = nearest(word, allowed)
    return f'did you mean "{near}"?' if near else ""


def nearest(word: str, allowed: Iterable[str]) -> str:
    """Give that of *allowed* which *word* is most likely a slip for, or an empty string."""
    from rapidfuzz import process  # only when something is wrong, as below
    from rapidfuzz.distance import OSA

    words = list(allowed)
    best = process.extractOne(
        word,
        words,
        scorer=OSA.distance,
        processor=_folded,
        score_cutoff=max(1, len(word) // 3),
    )
    return str(best[0]) if best else _begun(word, words)


def _begun(word: str, allowed: Sequence[str]) -> str:
    """Give the one of *allowed* that *word* is short or long for: ``sunday`` for ``sun``."""
    said = _folded(word)
    if len(said) < _TELLING:
        return ""
    found = [each for each in allowed if each.startswith(said) or said.startswith(each)]
    return found[0] if len(found) == 1 and len(found[0]) >= _TELLING else ""


def _folded(word: str) -> str:
    """Bring case and width to one: ``ｍｏｄｅ`` is a slip for ``mode``."""
    return unicodedata.normalize("NFKC", word).casefold().strip()


def count(problems: Sequence[Problem]) -> str:
    """Say how many there are and where, as in ``6 problems in policies/main.yaml.``."""
    files = list(dict.fromkeys(problem.file for problem in problems))
    where = files[0] if len(files) == 1 else f"{len(files)} files"
    only_warnings = all(problem.level is Level.WARNING for problem in problems)
    noun = "warning" if only_warnings else "problem"
    return f"{len(problems)} {noun}{'' if len(problems) == 1 else 's'} in {where}."


def in_file_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Sort by the names of files, by line and by column."""
    return tuple(sorted(problems, key=lambda p: (p.file, p.line, p.column)))


def render(problems: Sequence[Problem], sources: Mapping[str, str]) -> str:
    """
    Show every problem under the line it stands in, with a caret at its place.

    *sources* gives the text of each file. The caret is placed in display cells, so that it
    stands right under Japanese text, whose characters take two.
    """
    return "\n\n".join(
        "\n".join(_block(problem, lines_of(sources.get(problem.file, "")))) for problem in problems
    )


def _block(problem: Problem, lines: Sequence[str]) -> Iterable[str]:
    """Give the headline, the line with its neighbours, and the caret."""
    from rich.cells import cell_len  # only when something is wrong

    yield problem.headline
    if not 0 < problem.line <= len(lines):
        if problem.hint:
            yield f"  {visible(problem.hint)}"
        return
    last = min(len(lines), problem.line + 1)
    gutter = len(str(last))
    for number in range(max(1, problem.line - 1), last + 1):
        text = visible(lines[number - 1])
        yield f"  {number:>{gutter}} │ {text.rstrip()}"
        if number == problem.line:
            start = problem.column - 1
            indent = " " * cell_len(text[:start])
            caret = "^" * max(1, cell_len(text[start : start + problem.width]))
            yield f"  {' ' * gutter} │ {indent}{caret}  {visible(problem.hint)}".rstrip()
