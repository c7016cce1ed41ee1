"""From a folder of YAML, or one file, to a `Policy`: all of it, or all that is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from pydantic import ValidationError

from guard.model.errors import SettingsError
from guard.policy import check as meaning
from guard.policy import wording
from guard.policy.document import Entry, Node, Place
from guard.policy.files import read_files, whole
from guard.policy.schema import Policy
from guard.policy.sense import doubts
from guard.problems import Level, Problem, in_file_order


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What reading a policy gave."""

    policy: Policy | None
    """`None` where there are errors."""

    problems: tuple[Problem, ...]
    """Errors and warnings, in the order of the files and their lines."""

    sources: Mapping[str, str]
    """The text of each file, for `guard.problems.render`."""

    tree: Node | None = None
    """All files together, with the places of what stands in them; `None` where they are no YAML."""


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
    if not files.trees:
        found = files.problems or (_nothing(path),)
        return Reading(policy=None, problems=found, sources=files.sources)
    root, repeated = _merged(files.trees)
    # What a file would have said that could not be read is not told to be missing.
    complete = not files.problems and all(isinstance(tree.value, dict) for tree in files.trees)
    policy, wrong, unclear = _policy(root, files.digest[:12], complete=complete)
    wrong = [*files.problems, *repeated, *wrong]
    likely: list[Problem] = []
    if complete:
        wrong += meaning.errors(root, unclear=unclear)
        likely += meaning.warnings(root, today=today)
    if policy and not wrong:
        likely += [replace(doubt, level=Level.WARNING) for doubt in doubts(policy, root)]
    return Reading(
        policy=None if wrong else policy,
        problems=in_file_order([*wrong, *likely]),
        sources=files.sources,
        tree=root,
    )


def _nothing(path: Path) -> Problem:
    if path.is_dir():
        return whole(path, "no policy here", "put a file called main.yaml into this folder")
    return whole(path, "nothing stands in this file", "begin with: guard: 1")


def _policy(
    root: Node, digest: str, *, complete: bool
) -> tuple[Policy | None, list[Problem], frozenset[int]]:
    """
    Give the policy, or what is wrong with it and in the conditions of which rules.

    Where *root* is not *complete*, nothing is said of what it lacks.
    """
    try:
        return Policy.model_validate(root.plain(), context={"hash": digest}), [], frozenset()
    except ValidationError as error:
        details = [
            each
            for each in error.errors(include_url=False)
            if complete or each["type"] != "missing" or len(each["loc"]) > 1
        ]
        places = [each["loc"] for each in details]
        unclear = frozenset(
            int(rule)
            for first, rule, *rest in (p for p in places if len(p) > 1)
            if first == "rules" and rest[:1] in ([], ["when"]) and isinstance(rule, int)
        )
        return None, list(wording.problems(details, root)), unclear


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
