"""Files of tests → `Suite`s with their places, or all that is wrong with them at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from guard.model.errors import SettingsError
from guard.policy import wording
from guard.policy.document import Node
from guard.policy.files import read_files
from guard.policy.schema import Policy
from guard.policy_tests.doubts import doubts
from guard.policy_tests.schema import Suite, Trial
from guard.problems import Problem

FOLDER: Final = "tests"
"""Beside the files of a policy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """One file of tests."""

    file: Path
    suite: Suite
    lines: tuple[int, ...]
    """Where each of its tests begins."""

    @property
    def trials(self) -> Sequence[tuple[int, Trial]]:
        """Each test with its line."""
        return tuple(zip(self.lines, self.suite.tests, strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A policy, and where its tests stand."""

    policy: Path
    tests: Path


def chosen(path: Path) -> Chosen:
    """
    Say what *path* means: the folder or file of a policy, or its tests, or one file of these.

    Tests stand in the folder ``tests`` beside the policy's files.
    """
    folder = path if path.is_dir() else path.parent
    if folder.resolve().name == FOLDER:
        return Chosen(
            policy=folder.resolve().parent if path == Path() else _above(path), tests=path
        )
    return Chosen(policy=path, tests=folder / FOLDER)


def _above(tests: Path) -> Path:
    """Give the policy's folder as it would have been written: relative where *tests* was."""
    folder = tests if tests.is_dir() else tests.parent
    return folder.parent if folder.name == FOLDER else folder.resolve().parent


def load(path: Path, policy: Policy) -> tuple[Loaded, ...]:
    """
    Read the tests of *policy* in the folder or file *path*; a folder that is not there has none.

    Raises:
        SettingsError: They cannot be used; holds every error, in file order.
    """
    if not path.exists():
        return ()
    files = read_files(path)
    problems: list[Problem] = [*files.problems]
    loaded: list[Loaded] = []
    for root in files.trees:
        file = Path(root.place.file)
        try:
            suite = Suite.model_validate(root.plain())
        except ValidationError as error:
            details = error.errors(include_url=False)
            problems += wording.problems(details, root, Suite)
        else:
            loaded.append(Loaded(file=file, suite=suite, lines=_lines(root)))
        problems += doubts(root, policy, folder=file.parent)
    if problems:
        order = {name: number for number, name in enumerate(files.sources)}
        problems.sort(key=lambda p: (order.get(p.file, 0), p.line, p.column))
        raise SettingsError(problems, files.sources)
    return tuple(loaded)


def _lines(root: Node) -> tuple[int, ...]:
    tests = root.at("tests")
    return tuple(test.place.line for test in tests.items) if tests else ()
