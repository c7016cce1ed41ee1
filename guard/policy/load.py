"""From a folder of YAML, or one file, to a `Policy`: all of it, or all that is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pydantic import ValidationError

from guard.model.errors import SettingsError
from guard.policy import check as meaning
from guard.policy import wording
from guard.policy.document import Entry, Node, Place
from guard.policy.files import read_files, whole
from guard.policy.schema import Policy
from guard.problems import Level, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What reading a policy gave."""

    policy: Policy | None
    """`None` where there are errors."""

    problems: tuple[Problem, ...]
    """Errors and warnings, in the order of the files and their lines."""

    sources: Mapping[str, str]
    """The text of each file, for `guard.problems.render`."""

    root: Node | None = None
    """All files laid together, where they could be read."""


def load(path: Path) -> Policy:
    """
    Read the policy in the folder or file *path*.

    Raises:
        SettingsError: It cannot be used; holds every error, in file order.
    """
    reading = read(path)
    if reading.policy is None:
        wrong = [problem for problem in reading.problems if problem.level is Level.ERROR]
        raise SettingsError(wrong, reading.sources)
    return reading.policy


def shipped() -> Path:
    """Give the folder of the policies that ship: inside the installed package, else beside it."""
    package = Path(__file__).resolve().parents[1]
    packed = package / "_policies"
    return packed if packed.is_dir() else package.parent / "policies"


def read(path: Path, *, today: date | None = None) -> Reading:
    """Read a policy as far as it goes. Never raises for what stands in a file."""
    files = read_files(path)
    sources, found = files.sources, files.problems or (() if files.trees else (_nothing(path),))
    if found:
        return Reading(policy=None, problems=tuple(found), sources=sources)
    root, repeated = _merged(files.trees)
    policy, wrong = _policy(root, files.digest[:12])
    wrong = [*repeated, *wrong, *meaning.errors(root)]
    likely = meaning.warnings(root, today=today)
    order = {name: number for number, name in enumerate(sources)}
    return Reading(
        policy=None if wrong else policy,
        problems=tuple(
            sorted([*wrong, *likely], key=lambda p: (order.get(p.file, 0), p.line, p.column))
        ),
        sources=sources,
        root=root,
    )


def _nothing(path: Path) -> Problem:
    if path.is_dir():
        return whole(path, "no policy here", "put a file called main.yaml into this folder")
    return whole(path, "nothing stands in this file", "begin with: guard: 1")


def _policy(root: Node, digest: str) -> tuple[Policy | None, list[Problem]]:
    try:
        return Policy.model_validate(root.plain(), context={"hash": digest}), []
    except ValidationError as error:
        details = error.errors(include_url=False)
        return None, list(wording.problems(details, root))


def _merged(trees: Sequence[Node]) -> tuple[Node, list[Problem]]:
    """
    Lay the files of a policy together: rules and lists are joined, all else stands in one file.

    The version ``guard:`` may stand in each.
    """
    merged: dict[str, Entry] = {}
    repeated: list[Problem] = []
    for tree in trees:
        if not isinstance(tree.value, dict):
            repeated.append(tree.place.problem("a policy is made of settings, like “guard: 1”"))
        for name, entry in tree.entries.items():
            first = merged.get(name)
            if first is None or (name == "guard" and entry.node.value != 1):
                merged[name] = entry
            elif name == "guard":
                pass
            elif isinstance(first.node.value, tuple) and isinstance(entry.node.value, tuple):
                joined = (*first.node.value, *entry.node.value)
                merged[name] = Entry(first.key, Node(first.node.place, joined))
            elif name == "lists" and first.node.entries and entry.node.entries:
                both = first.node.entries.keys() & entry.node.entries.keys()
                repeated += [_twice(key, entry.node, first.node) for key in sorted(both)]
                joined_lists = {**entry.node.entries, **first.node.entries}
                merged[name] = Entry(first.key, Node(first.node.place, joined_lists))
            else:
                repeated.append(_twice(name, tree, Node(first.key, merged)))
    return Node(trees[0].place, merged), repeated


def _twice(name: str, here: Node, there: Node) -> Problem:
    first: Place = there.entries[name].key
    return here.entries[name].key.problem(
        f'"{name}" is written twice; the first is in {first.file}, line {first.line}'
    )
