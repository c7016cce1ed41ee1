"""Problems for machines: JSON lines, annotations of GitHub Actions, and SARIF 2.1.0."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any, Final
from urllib.parse import quote

from guard import __version__
from guard.problems import Level, Problem

SARIF_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"

_KINDS: Final[Mapping[Level, tuple[str, str]]] = {
    Level.ERROR: ("policy-error", "The policy cannot be used like this."),
    Level.WARNING: ("policy-warning", "The policy can be used, but this is likely a slip."),
}
"""For each level the id of its rule in SARIF, with what it means."""

# The workflow commands of GitHub Actions: what ends a value, or a command, is written as %XX.
_DATA: Final = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY: Final = _DATA | str.maketrans({":": "%3A", ",": "%2C"})


def json_lines(problems: Iterable[Problem]) -> Iterator[str]:
    """Give a line of JSON for each problem."""
    for problem in problems:
        record = {
            "file": problem.file,
            "line": problem.line,
            "column": problem.column,
            "level": problem.level.value,
            "message": problem.message,
            "hint": problem.hint,
        }
        yield json.dumps(record, ensure_ascii=False)


def github(problems: Iterable[Problem]) -> Iterator[str]:
    """Give a workflow command for each problem; a pull request shows it beside its line."""
    for problem in problems:
        properties = {"file": PurePath(problem.file).as_posix()}
        if problem.line:
            properties |= {
                "line": str(problem.line),
                "endLine": str(problem.line),
                "col": str(problem.column),
                "endColumn": str(problem.column + problem.width),
            }
        listed = ",".join(
            f"{key}={value.translate(_PROPERTY)}" for key, value in properties.items()
        )
        yield f"::{problem.level.value} {listed}::{_told(problem).translate(_DATA)}"


def sarif(problems: Sequence[Problem]) -> Iterator[str]:
    """Give one SARIF log (OASIS, 2.1.0) with a result for each problem."""
    log = {
        "$schema": SARIF_SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": _driver()},
                "columnKind": "unicodeCodePoints",
                "results": [_result(problem) for problem in problems],
            }
        ],
    }
    yield json.dumps(log, ensure_ascii=False, indent=2)


FORMATS: Final[Mapping[str, Callable[[Sequence[Problem]], Iterator[str]]]] = {
    "json": json_lines,
    "github": github,
    "sarif": sarif,
}


def _driver() -> dict[str, Any]:
    return {
        "name": "guard policy check",
        "version": __version__,
        "rules": [
            {
                "id": name,
                "shortDescription": {"text": meaning},
                "defaultConfiguration": {"level": level.value},
            }
            for level, (name, meaning) in _KINDS.items()
        ],
    }


def _result(problem: Problem) -> dict[str, Any]:
    where: dict[str, Any] = {"artifactLocation": {"uri": _uri(problem.file)}}
    if problem.line:
        where["region"] = {
            "startLine": problem.line,
            "startColumn": problem.column,
            "endColumn": problem.column + problem.width,
        }
    return {
        "ruleId": _KINDS[problem.level][0],
        "ruleIndex": list(_KINDS).index(problem.level),
        "level": problem.level.value,
        "message": {"text": _told(problem)},
        "locations": [{"physicalLocation": where}],
    }


def _told(problem: Problem) -> str:
    return f"{problem.message} ({problem.hint})" if problem.hint else problem.message


def _uri(file: str) -> str:
    """Give the URI of a file: relative to where the check ran, unless it is named from the root."""
    path = Path(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
