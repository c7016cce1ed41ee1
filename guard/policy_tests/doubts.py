"""
What a test names and is not there: a rule, a list, a recipient, a file.

Works on the tree, as `guard.policy.check`: one that only follows from another is not told.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from guard.lists.columns import assign
from guard.lists.headers import kind_of
from guard.model.address import Mailbox
from guard.model.errors import SourceError
from guard.policy.document import Node
from guard.policy.schema import BUILT_IN, Policy
from guard.policy_tests.words import Box
from guard.problems import Problem, did_you_mean

_RULES: Final = ("rule", "rules", "records", "not_rule")
_BOX: Final = TypeAdapter[Mailbox](Box)


def doubts(root: Node, policy: Policy, *, folder: Path) -> Iterator[Problem]:
    """Report what the tests below *root* name in vain; files are looked for below *folder*."""
    tests = root.at("tests")
    trials = tuple(trial for trial in tests.items if trial.entries) if tests else ()
    yield from _lists(root, policy)
    yield from _twice(trials)
    for trial in trials:
        yield from _rules(trial, policy)
        yield from _recipients(trial)
        yield from _attached(trial, policy, folder)


def _lists(root: Node, policy: Policy) -> Iterator[Problem]:
    lists = root.at("given", "lists")
    for name, entry in lists.entries.items() if lists else ():
        if name not in policy.lists:
            yield entry.key.problem(*_no_list(name, policy))
        elif not _can_be_looked_up(entry.node):
            yield entry.key.problem(
                "a row of a list is known by two columns, and one of them must be an address, "
                "a number, a company or a birthday",
                "like {name: 南 花子, email: hanako@minami.example}",
            )


def _can_be_looked_up(rows: Node) -> bool:
    headers = list(dict.fromkeys(key for row in rows.items for key in row.entries))
    if not headers or None in map(kind_of, headers):
        return True  # told by the schema
    try:
        assign(headers, [], {}, "")
    except SourceError:
        return False
    return True


def _no_list(name: str, policy: Policy) -> tuple[str, str]:
    return f'the policy has no list "{name}"', did_you_mean(name, policy.lists)


def _twice(trials: Sequence[Node]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for trial in trials:
        node = trial.at("it")
        if node is None or not node.text:
            continue
        if node.text in first:
            hint = "each test has words of its own"
            yield node.place.problem(f"line {first[node.text]} says the same", hint)
        first.setdefault(node.text, node.place.line)


def _rules(trial: Node, policy: Policy) -> Iterator[Problem]:
    known = [*(rule.id for rule in policy.rules), BUILT_IN]
    for word in _RULES:
        named = trial.at("expect", word)
        for node in named.items if named else ():
            if node.text and node.text not in known:
                hint = did_you_mean(node.text, known)
                yield node.place.problem(f'the policy has no rule "{node.text}"', hint)


def _recipients(trial: Node) -> Iterator[Problem]:
    """Report expectations about somebody who does not get the mail: they could never come true."""
    about = trial.at("expect", "about")
    mail = trial.at("mail")
    if about is None or mail is None or mail.at("eml") is not None:
        return
    written = [node for word in ("to", "cc", "bcc") if (box := mail.at(word)) for node in box.items]
    people = [_address(node) for node in written]
    if None in people:
        return  # told by the schema
    for node in about.items:
        if (address := _address(node)) and address not in people:
            hint = did_you_mean(node.text, [each for each in people if each])
            yield node.place.problem(f"the mail does not go to {node.text}", hint)


def _address(node: Node) -> str | None:
    try:
        return _BOX.validate_python(node.text).address.key
    except ValidationError:
        return None


def _attached(trial: Node, policy: Policy, folder: Path) -> Iterator[Problem]:
    files = [trial.at("mail", "eml")]
    attached = trial.at("mail", "attach")
    for each in attached.items if attached else ():
        files.append(each.at("file"))
        name = each.at("rows_of", "list")
        if name is not None and name.text and name.text not in policy.lists:
            yield name.place.problem(*_no_list(name.text, policy))
    for node in files:
        if node is not None and node.text and not (folder / node.text).is_file():
            near = did_you_mean(node.text, _beside(folder / node.text, folder))
            yield node.place.problem(f"there is no file {folder / node.text}", near)


def _beside(file: Path, folder: Path) -> list[str]:
    """Give what may have been meant: the files in the same folder."""
    if not file.parent.is_dir():
        return []
    return [each.relative_to(folder).as_posix() for each in file.parent.iterdir() if each.is_file()]
