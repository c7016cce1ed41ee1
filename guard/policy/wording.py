"""What pydantic refuses, told to the person who wrote the file: place, words, suggestion."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from guard.policy.document import Node, Place
from guard.policy.schema import NOT_YET, Policy
from guard.policy.words import WRONG, YOU_WROTE
from guard.problems import Problem, did_you_mean, nearest

Path = tuple[str | int, ...]

_EXAMPLES: Final[Mapping[str, str]] = {
    "because": "say why, and who decided it",
    "domains": "like: domains: [example.co.jp]",
    "guard": "begin the file with: guard: 1",
    "message": "write a sentence for the sender, in each language of the file",
    "then": "write then: deliver, tell, hold or refuse",
    "us": "like: us: {domains: [example.co.jp]}",
    "when": "say what to look for",
}
"""What to write where a setting is missing."""


def problems(
    errors: Iterable[ErrorDetails], root: Node, language: type[BaseModel] = Policy
) -> Iterator[Problem]:
    """
    Say what each of *errors* means and where it stands below *root*, in the words of *language*.

    An error that only follows from another is left out: a key that is missing where it is misspelt.
    """
    errors = list(errors)
    meant = {
        _meant(error["loc"], language) for error in errors if error["type"] == "extra_forbidden"
    }
    told: set[tuple[Place, str]] = set()
    for error in errors:
        if error["type"] == "missing" and error["loc"] in meant:
            continue
        problem = _problem(error, root, language)
        place = Place(problem.file, problem.line, problem.column, problem.width)
        if (place, problem.message) not in told:
            told.add((place, problem.message))
            yield problem


def _problem(error: ErrorDetails, root: Node, language: type[BaseModel]) -> Problem:
    context = error.get("ctx", {})
    # pydantic marks a wrong key of a mapping by one step more.
    path: Path = tuple(step for step in error["loc"] if step != "[key]")
    at_key = error["type"] == "extra_forbidden" or "[key]" in error["loc"]
    path, at_key = ((*path, context["key"]), True) if context.get("key") else (path, at_key)
    place = _place(root, path, at_key=at_key)
    message, hint = _words(error, path, root, language)
    return place.problem(message, _written(error["input"]) if hint == YOU_WROTE else hint)


def _words(
    error: ErrorDetails, path: Path, root: Node, language: type[BaseModel]
) -> tuple[str, str]:
    """Give message and hint."""
    name = str(path[-1]) if path else ""
    given, context = error["input"], error.get("ctx", {})
    match error["type"]:
        case "extra_forbidden" if name in NOT_YET:
            return f'"{name}" is not available in this version', NOT_YET[name]
        case "extra_forbidden":
            return f'"{name}" is not a setting here', did_you_mean(
                name, _names(path[:-1], language)
            )
        case "missing":
            return f'"{name}" is missing', _EXAMPLES.get(name, "")
        case "literal_error":
            allowed = re.findall(r"'([^']*)'|(\d+)", context["expected"])
            words = [word or number for word, number in allowed]
            if len(words) == 1:
                return f"{_name(path, root)}: write {words[0]}", _short(YOU_WROTE, given)
            says = f'"{given}" is not one of {", ".join(words)}'
            is_key = error["loc"][-1] == "[key]"
            return says if is_key else f"{_name(path, root)}: {says}", did_you_mean(
                str(given), words
            )
        case type_ if type_ == WRONG:
            return f"{_name(path, root)}: {context['message']}", _short(context["hint"], given)
        case "too_short":
            return f"{_name(path, root)}: write at least one", ""
        case "model_type" | "model_attributes_type" | "dict_type":
            names = ", ".join(_names(path, language)[:3])
            like = f" ({names}, …)" if names else ""
            return f"{_name(path, root)}: write settings below it{like}", _short(YOU_WROTE, given)
        case "tuple_type":
            return f"{_name(path, root)}: write a list", _short(YOU_WROTE, given)
        case _:
            return f"{_name(path, root)}: {error['msg'].lower()}", _short(YOU_WROTE, given)


def _short(hint: str, given: object) -> str:
    """Leave "you wrote …" out where it would not fit beside the caret."""
    if hint != YOU_WROTE:
        return hint
    fits = given is not None and not isinstance(given, dict | list) and len(str(given)) <= 60
    return YOU_WROTE if fits else ""


def _written(given: object) -> str:
    """Repeat a value as YAML has it."""
    shown = str(given).lower() if isinstance(given, bool) else str(given) or '""'
    return f"you wrote {shown}"


def _name(path: Path, root: Node) -> str:
    """Name a setting as its reader would: an item by its list, ``remind_after, item 1``."""
    name = next((str(step) for step in reversed(path) if isinstance(step, str)), "this file")
    if path and isinstance(path[-1], int):
        parent = root.at(*path[:-1])
        if parent is not None and isinstance(parent.value, tuple):
            return f"{name}, item {path[-1] + 1}"
    return name


def _place(root: Node, path: Path, *, at_key: bool) -> Place:
    """Give the place of the value (or the key) at *path*, else of the nearest thing around it."""
    node, place = root, root.place
    for step in path:
        entry = node.entries.get(step) if isinstance(step, str) else None
        deeper = node.at(step)
        if deeper is None:
            return place
        # A mapping or list has no caret of its own that would be clearer than its key.
        shown = deeper.place if not isinstance(deeper.value, dict | tuple) else None
        place = (entry.key if entry and (at_key or shown is None) else shown) or deeper.place
        node = deeper
    return place


def _meant(path: Sequence[str | int], language: type[BaseModel]) -> Path:
    """Give the path that a misspelt key was meant for."""
    return (*path[:-1], nearest(str(path[-1]), _names(path[:-1], language)))


def _names(path: Sequence[str | int], language: type[BaseModel]) -> list[str]:
    """Give the settings that are known below *path*, by the words of the language."""
    kinds: list[Any] = [language]
    for step in path:
        kinds = [inner for kind in kinds for inner in _below(kind, step)]
    models = [kind for kind in kinds if _is_model(kind)]
    return [
        field.alias or name for model in models for name, field in model.model_fields.items()
    ] or [word for kind in kinds for word in _dict_words(kind)]


def _below(kind: Any, step: str | int) -> Iterator[Any]:
    if _is_model(kind):
        for name, field in kind.model_fields.items():
            if step in (name, field.alias):
                yield from _alternatives(field.annotation)
    elif get_origin(kind) is dict:
        yield from _alternatives(get_args(kind)[1])
    elif get_origin(kind) is tuple and isinstance(step, int):
        yield from _alternatives(get_args(kind)[0])


def _alternatives(kind: Any) -> Iterator[Any]:
    """Unwrap ``Annotated`` and ``… | None``."""
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        for inner in get_args(kind):
            yield from _alternatives(inner)
    elif hasattr(kind, "__metadata__"):
        yield from _alternatives(kind.__origin__)
    else:
        yield kind


def _dict_words(kind: Any) -> Sequence[str]:
    """Give the keys of a mapping that knows only some: ``ja`` and ``en``."""
    keys = get_args(kind)[0] if get_origin(kind) is dict else None
    return get_args(keys) if get_origin(keys) is Literal else ()


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
