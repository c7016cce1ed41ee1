"""What pydantic refuses, told to the person who wrote the file: place, words, suggestion."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from guard.policy.document import Node, Place
from guard.policy.schema import NOT_YET, Policy
from guard.policy.suggest import YOU_WROTE
from guard.policy.words import WRONG
from guard.problems import Problem, did_you_mean, nearest, short

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


_SHAPES: Final[Mapping[str, str]] = {
    "except": "each exception begins with “- to: …”",
    "lists": "like: lists: {customers: }",
    "message": 'like: message: {ja: "…", en: "…"}',
    "rules": "each rule begins with “- id: …”",
    "send_as": 'like: {yamada@example.co.jp: ["*@brand.example"]}',
    "shared_mailboxes": "like: {info@example.co.jp: [yamada@example.co.jp]}",
    "when": "like: when: {recipient: {outside: true}}",
}
"""How to write a setting that is more than one value."""

_PLAIN: Final[Mapping[str, str]] = {
    "string_too_long": "write {max_length} characters at most",
    "string_type": "write some words",
    "too_short": "write at least {min_length}",
}
"""Words for other errors of pydantic."""

_HINT: Final = 60
"""Characters of a value or a choice that are shown beside the caret."""

_FEW: Final = 3


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
    # A list whose only item is wrong counts as empty.
    wrong_within = {error["loc"][:-1] for error in errors}
    told: set[tuple[Place, str]] = set()
    for error in errors:
        follows = meant if error["type"] == "missing" else wrong_within
        if error["type"] in ("missing", "too_short") and error["loc"] in follows:
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
    if (key := context.get("key", "")) != "":
        path, at_key = (*path, key), isinstance(key, str)
    place = _place(root, path, at_key=at_key)
    message, hint = _words(error, path, root, language)
    return place.problem(message, _repeated(hint, error["input"]))


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
            return f'"{short(name)}" is not a setting here', _instead(name, path, language)
        case "missing":
            return f'"{name}" is missing', _EXAMPLES.get(name, "")
        case "literal_error":
            allowed = re.findall(r"'([^']*)'|(\d+)", context["expected"])
            words = [word or number for word, number in allowed]
            if len(words) == 1:
                return f"{_name(path, root)}: write {words[0]}", YOU_WROTE
            says = f'"{short(given)}" is not one of {", ".join(words)}'
            is_key = error["loc"][-1] == "[key]"
            return says if is_key else f"{_name(path, root)}: {says}", did_you_mean(
                str(given), words
            )
        case type_ if type_ == WRONG:
            return f"{_name(path, root)}: {context['message']}", context["hint"]
        case "model_type" | "model_attributes_type" | "dict_type" if name in _SHAPES:
            return f"{_name(path, root)}: write settings below it", _SHAPES[name]
        case "model_type" | "model_attributes_type" | "dict_type":
            names = ", ".join(_names(path, language)[:3])
            like = f" ({names}, …)" if names else ""
            return f"{_name(path, root)}: write settings below it{like}", YOU_WROTE
        case "tuple_type":
            return f"{_name(path, root)}: write a list", _SHAPES.get(name, YOU_WROTE)
        case "too_short" if context["min_length"] == 1:
            return f"{_name(path, root)}: write at least one", ""
        case type_:
            says = _PLAIN.get(type_, error["msg"].lower()).format(**context)
            return f"{_name(path, root)}: {says}", YOU_WROTE


def _instead(name: str, path: Path, language: type[BaseModel]) -> str:
    """Say which word was meant, else where this one belongs, else which words there are."""
    known = _names(path[:-1], language)
    if near := did_you_mean(name, known):
        return near
    if homes := _homes(name, language):
        return f"it stands {' or '.join(homes)}"
    return f"there are {', '.join(known)}" if len(", ".join(known)) <= _HINT else ""


def _homes(name: str, language: type[BaseModel]) -> Sequence[str]:
    """Say where a setting of this name is known; nothing if that is in many places."""
    found = dict.fromkeys(home for home, key in _words_of(language, "") if key == name)
    told = (f"under “{home}:”" if home else "at the left edge" for home in found)
    return tuple(told) if len(found) <= _FEW else ()


def _words_of(model: type[BaseModel], home: str) -> Iterator[tuple[str, str]]:
    """Give every setting below *model* with the word that it stands under."""
    for key, field in model.model_fields.items():
        word = field.alias or key
        yield home, word
        kinds = list(_alternatives(field.annotation))
        kinds += [inner for kind in kinds for inner in _below(kind, 0) or _below(kind, "")]
        for kind in filter(_is_model, kinds):
            yield from _words_of(kind, word)


def _repeated(hint: str, given: object) -> str:
    """Put the value, as YAML has it, into a hint that repeats it, if it fits beside the caret."""
    if YOU_WROTE not in hint:
        return hint
    rather = hint.removeprefix(YOU_WROTE).removeprefix("; ")
    shown = str(given).lower() if isinstance(given, bool) else str(given) or '""'
    if given is None or isinstance(given, dict | list) or len(shown) > _HINT:
        return rather
    if not rather and (plain := _half_width(shown)) != shown:
        rather = f"in half-width: {plain}"
    return f"you wrote {shown}; {rather}" if rather else f"you wrote {shown}"


def _half_width(text: str) -> str:
    """Exchange full-width letters, digits, signs and spaces, and quotes that are no plain ones."""
    wide = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {"\u3000": " "}
    curly = {**dict.fromkeys("“”„", '"'), **dict.fromkeys("‘’", "'")}
    return text.translate({ord(char): plain for char, plain in (wide | curly).items()})


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
