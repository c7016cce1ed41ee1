"""
A policy with nothing left out: every setting, also those by default, with where each comes from.

What is left out stays so only where it asks for nothing: a condition that a rule does not have.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from pydantic import ValidationError

from guard.model.calendar import Wait
from guard.model.verdict import Action, Confirm
from guard.policy.document import Node
from guard.policy.globs import Glob
from guard.policy.granted import Granted
from guard.policy.part import Asking, Part
from guard.policy.quoting import scalar
from guard.policy.schema import Exemption, Policy

DEFAULT: Final = "default"
"""Origin of what nobody wrote."""

Plain = str | int | float | bool | None | Sequence["Plain"] | Mapping[str, "Plain"]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One setting."""

    value: Plain
    """As it is written, or would be."""

    origin: str
    """``main.yaml:12``, ``database:a1b2c3`` or `DEFAULT`."""


@dataclass(frozen=True, slots=True)
class Group:
    """Settings by their names."""

    parts: "Mapping[str, Tree]"


@dataclass(frozen=True, slots=True)
class Items:
    """Several of a kind: rules, exceptions."""

    parts: "Sequence[Tree]"


Tree = Leaf | Group | Items


def effective(policy: Policy, root: Node) -> Group:
    """Give all settings of *policy*, which was read from *root*."""
    return Group(_part(policy, root))


def _part(value: Part, node: Node | None) -> dict[str, Tree]:
    found: dict[str, Tree] = {}
    for name, field in type(value).model_fields.items():
        key = field.alias or name
        child = None if node is None else node.at(key) or node.at(name)
        its = getattr(value, name)
        if child is not None:
            found[key] = _given(its, child)
        elif (tree := _left_out(its)) is not None and _may_stand(value, node, key, tree):
            found[key] = tree
    return found


def _given(value: object, node: Node) -> Tree:
    """Give what stands at *node*, with what it leaves out."""
    match value:
        case Part():
            parts = _part(value, node)
            return Group(parts) if parts else Leaf({}, _origin(node))
        case dict() if any(isinstance(each, Part) for each in value.values()):
            return Group(
                {key: _given(value[key], entry.node) for key, entry in node.entries.items()}
            )
        case tuple() if any(isinstance(each, Part) for each in value):
            written = [_given(*pair) for pair in zip(value, node.items, strict=False)]
            return Items([*written, *_of_database(value)])
        case dict() if node.entries:
            return Group(
                {
                    key: Leaf(each.node.plain(), _origin(each.node))
                    for key, each in node.entries.items()
                }
            )
        case _:
            return Leaf(node.plain(), _origin(node))


def _left_out(value: object) -> Tree | None:
    """Give what counts where nothing is written; `None` where that is nothing."""
    match value:
        case None | () | frozenset() if not value:
            return None
        case dict() if not value:
            return None
        case Part():
            parts = _part(value, None)
            return Group(parts) if parts else None
        case tuple() if any(isinstance(each, Granted) for each in value):
            return Items(_of_database(value))
        case _:
            return Leaf(_worded(value), DEFAULT)


def _of_database(value: Sequence[object]) -> list[Tree]:
    return [_granted(each) for each in value if isinstance(each, Granted)]


def _granted(its: Granted) -> Group:
    names = {field.alias or name for name, field in Exemption.model_fields.items()}
    told = {name: value for name, value in its.told.items() if name in names and value}
    return Group({name: Leaf(value, f"database:{its.id}") for name, value in told.items()})


def _may_stand(value: Part, node: Node | None, key: str, tree: Tree) -> bool:
    """Whether a condition may be written out: some only mean something beside others."""
    if not isinstance(value, Asking) or node is None:
        return True
    try:
        return type(value).model_validate({**node.plain(), key: plain(tree)}) == value
    except ValidationError:
        return False


def plain(tree: Tree) -> Plain:
    """Give a tree without the origins."""
    match tree:
        case Leaf(value, _):
            return value
        case Group(parts):
            return {name: plain(part) for name, part in parts.items()}
        case Items(several):
            return [plain(part) for part in several]


def _origin(node: Node) -> str:
    return f"{node.place.file}:{node.place.line}"


_UNITS: Final[tuple[tuple[int, str], ...]] = (
    (86400, "day"),
    (3600, "hour"),
    (60, "minute"),
    (1, "second"),
)


def _worded(value: object) -> Plain:
    """Write a value as people do."""
    match value:
        case Action() | Confirm():
            return value.word
        case bool() | int() | str():
            return value
        case float():
            return f"{100 * value:g} percent"
        case timedelta():
            return _length(value, "")
        case Wait():
            return _wait(value)
        case date():
            return value.isoformat()
        case Glob():
            return value.text
        case tuple() | frozenset():
            return [_worded(each) for each in value]
        case _:
            return str(value)


def _wait(value: Wait) -> str:
    if value.working_days:
        return f"{value.working_days} working day{'' if value.working_days == 1 else 's'}"
    if value.working:
        return _length(value.working, "working ")
    return _length(value.length, "")


def _length(value: timedelta, kind: str) -> str:
    seconds = int(value.total_seconds())
    units = [unit for unit in _UNITS if not kind or unit[1] == "hour"]
    size, name = next((unit for unit in units if seconds and seconds % unit[0] == 0), units[-1])
    count = seconds // size
    return f"{count} {kind}{name}{'' if count == 1 else 's'}"


def lines(tree: Tree, *, indent: int = 0) -> Iterator[tuple[str, str]]:
    """Give each line of YAML with its origin; both together load as the same policy."""
    space = " " * indent
    match tree:
        case Group(parts):
            for name, part in parts.items():
                if isinstance(part, Leaf):
                    yield f"{space}{_flow(name)}: {_flow(part.value)}", part.origin
                else:
                    yield f"{space}{_flow(name)}:", ""
                    yield from lines(part, indent=indent + 2)
        case Items(several):
            for part in several:
                inner = [*lines(part, indent=indent + 2)]
                for number, (line, origin) in enumerate(inner):
                    yield (line if number else f"{space}- {line.strip()}"), origin
        case Leaf(value, origin):
            yield f"{space}{_flow(value)}", origin


def _flow(value: Plain) -> str:
    match value:
        case str() | int() | float() | bool() | None:
            return scalar(value)
        case Mapping():
            return f"{{{', '.join(f'{scalar(k)}: {_flow(v)}' for k, v in value.items())}}}"
        case _:
            return f"[{', '.join(_flow(each) for each in value)}]"
