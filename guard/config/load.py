"""
Reading the settings: environment before secret files before `guard.toml` before defaults.

A problem is reported with its place (line and column, variable or secret file) and a suggestion,
all of them at once.
"""

import operator
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NestedSecretsSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
)
from pydantic_settings.exceptions import SettingsError as SourceSyntaxError

from guard.config.lists import ListQuery
from guard.config.schema import Settings, kinds_of, table_of
from guard.model.errors import SettingsError
from guard.problems import Problem, did_you_mean

PREFIX: Final = "GUARD_"
SECRETS_DIR: Final = "GUARD_SECRETS_DIR"
"""Names the folder of secret files: one file a key, ``upstream__password_file`` or nested."""

Tree = dict[str, Any]


class _Outside(Settings, BaseSettings):
    """The settings as the environment and secret files may give them, in parts."""

    model_config = SettingsConfigDict(
        extra="ignore", frozen=True, env_prefix=PREFIX, env_nested_delimiter="__"
    )


def load(path: Path) -> Settings:
    """
    Read the settings; relative paths in them start at the folder of *path*.

    Raises:
        SettingsError: The file is missing, is no TOML, or something in it or outside is wrong.
    """
    try:
        text = path.read_text("utf-8-sig")
        file = tomllib.loads(text)
    except FileNotFoundError:
        hint = "make one with: guard init"
        raise SettingsError(
            [Problem(file=str(path), line=0, message="there is no such file", hint=hint)], {}
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            [Problem(file=str(path), line=0, message=f"cannot be read: {error}")], {}
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(
            [_syntax(str(path), text, error)], {str(path): _without_passwords(text)}
        ) from error
    environment = _environment()
    secrets = _secrets()
    stray = [*_stray_variables()]
    try:
        settings = Settings.model_validate(_merge(_merge(file, secrets), environment))
    except ValidationError as error:
        where = _Where(str(path), text, environment, secrets)
        found = error.errors(include_url=False)
        # A list whose only item is wrong is not also too short.
        causes = [d for d in found if d["type"] != "too_short" or len(found) == 1]
        problems = [where.problem(details) for details in causes]
        named = {problem.file for problem in problems}
        stray = [problem for problem in stray if problem.file not in named]
        raise SettingsError(
            sorted([*problems, *stray], key=lambda p: (p.line, p.column)),
            {str(path): _without_passwords(text)},
        ) from None
    if stray:
        raise SettingsError(stray, {})
    return _anchored(settings, path.resolve().parent)


def _without_passwords(text: str) -> str:
    """Give *text* fit to be shown: no password of a database address in it."""
    return re.sub(r"(://[^\s:@/]*:)[^\s@]*@", r"\1***@", text)


def _merge(below: Tree, above: Tree) -> Tree:
    """Lay *above* over *below*, table by table."""
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        merged[key] = (
            _merge(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
        )
    return merged


def _environment() -> Tree:
    try:
        return EnvSettingsSource(_Outside)()
    except SourceSyntaxError as error:
        raise SettingsError(
            [
                Problem(
                    file="environment",
                    line=0,
                    message=str(error),
                    hint="tables and lists are written as JSON",
                )
            ],
            {},
        ) from error


def _secrets() -> Tree:
    folder = os.environ.get(SECRETS_DIR)
    if not folder:
        return {}
    if not Path(folder).is_dir():
        problem = Problem(file=SECRETS_DIR, line=0, message=f"{folder} is no folder")
        raise SettingsError([problem], {})
    files = SecretsSettingsSource(_Outside, secrets_dir=folder)
    source = NestedSecretsSettingsSource(
        files,
        secrets_dir=folder,
        secrets_dir_missing="error",
        secrets_prefix="",
        secrets_nested_delimiter="__",
    )
    try:
        return source()
    except SourceSyntaxError as error:
        raise SettingsError([Problem(file=folder, line=0, message=str(error))], {}) from error


def _stray_variables() -> Iterator[Problem]:
    """
    Report nested variables that set nothing.

    Names without ``__`` are left alone: Kubernetes puts ``GUARD_PORT`` and the like into the
    environment of everything that stands beside a service called guard.
    """
    for name in sorted(os.environ):
        if not name.startswith(PREFIX) or "__" not in name:
            continue
        model: type[BaseModel] = Settings
        for word in name.removeprefix(PREFIX).lower().split("__"):
            settings = _named(model)
            if word not in settings and not word.isdigit():
                yield Problem(
                    file=name,
                    line=0,
                    message=f'"{word}" is no setting',
                    hint=did_you_mean(word, settings),
                )
                break
            inner, is_list = table_of(settings[word]) if word in settings else (None, False)
            if inner is None or is_list:
                break
            model = inner


class _Where:
    """Finds the place that a wrong value came from."""

    def __init__(self, path: str, text: str, environment: Tree, secrets: Tree) -> None:
        self.path = path
        self.lines = text.splitlines()
        self.environment = environment
        self.secrets = secrets

    def problem(self, details: Mapping[str, Any]) -> Problem:
        """Turn one of pydantic's errors into ours."""
        message, hint = _words(details)
        loc = _as_written(details["loc"])
        for tree, name in (
            (self.environment, PREFIX + "__".join(map(str, loc)).upper()),
            (self.secrets, "secret " + "__".join(map(str, loc))),
        ):
            if _holds(tree, loc):
                return Problem(file=name, line=0, message=message, hint=hint)
        unknown = details["type"] == "extra_forbidden"
        line, column, width = self._place(loc, key=unknown)
        return Problem(
            file=self.path, line=line, column=column, width=width, message=message, hint=hint
        )

    def _place(self, loc: tuple[str | int, ...], *, key: bool) -> tuple[int, int, int]:
        """Give line, column and width of the key or value at *loc*; of its table if missing."""
        best = (0, 1, 1)
        table: list[str | int] = []
        counts: dict[str, int] = {}
        for number, line in enumerate(self.lines, 1):
            if header := re.match(r"\s*\[(\[?)\s*([\w.\-]+)\s*\]\]?", line):
                table = list(header[2].split("."))
                if header[1]:
                    counts[header[2]] = counts.get(header[2], -1) + 1
                    table.append(counts[header[2]])
                if tuple(table) == loc[: len(table)]:
                    best = (number, header.start(2) + 1, len(header[2]))
            elif pair := re.match(
                r"""\s*["']?([\w.\-]+)["']?\s*=\s*(.*?)\s*(?:\#[^"']*)?$""", line
            ):
                here = (*table, *pair[1].split("."))
                if here == loc[: len(here)]:
                    group = 1 if key and here == loc else 2
                    best = (number, pair.start(group) + 1, max(1, len(pair[group])))
                    if here == loc:
                        return best
        return best


def _holds(tree: Any, loc: tuple[str | int, ...]) -> bool:
    """Whether *tree* has something at *loc*."""
    for word in loc:
        try:
            tree = tree[word]
        except (KeyError, IndexError, TypeError):
            return False
    return True


def _words(details: Mapping[str, Any]) -> tuple[str, str]:
    """Say what is wrong in the words of someone who writes settings."""
    loc = [word for word in details["loc"] if isinstance(word, str)]
    name, given = loc[-1] if loc else "", details["input"]
    context = details.get("ctx", {})
    match details["type"]:
        case "extra_forbidden":
            return f'"{name}" is not a setting here', did_you_mean(name, _siblings(loc[:-1]))
        case "literal_error":
            allowed = re.findall(r"'([^']*)'", context["expected"])
            return f'{name}: "{given}" is not one of {", ".join(allowed)}', did_you_mean(
                str(given), allowed
            )
        case "union_tag_invalid":
            allowed = re.findall(r"'([^']*)'", context["expected_tags"])
            return (
                f'kind: "{context["tag"]}" is not one of {", ".join(allowed)}',
                did_you_mean(str(context["tag"]), allowed),
            )
        case "union_tag_not_found":
            return "kind is missing: it says what else there is to say", ""
        case "value_error":
            return f"{name}: {context['error']}", f"you wrote {given}"
        case "not_repeated":
            return f"{name}: {details['msg']}".removeprefix(": "), ""
        case "missing":
            return f"{name} is missing", ""
        case _:
            return f"{name}: {details['msg'].lower()}", "" if isinstance(
                given, dict | list
            ) else f"you wrote {given}"


def _as_written(loc: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """Give the path of a setting as the file has it: pydantic puts the kind of a table into it."""
    if len(loc) > 2 and loc[2] in kinds_of(_named(Settings).get(str(loc[0]))):
        return (*loc[:2], *loc[3:])
    return loc


def _siblings(loc: list[str]) -> list[str]:
    """Give the names that are allowed in the table at *loc*; none where that is no table."""
    model: type[BaseModel] = Settings
    kinds: dict[str, type[BaseModel]] = {}
    for word in loc:
        annotation = _named(model).get(word)
        inner = kinds.get(word) or table_of(annotation)[0]
        if kinds := kinds_of(annotation):
            continue
        if inner is None:
            return []
        model = inner
    return list(_named(model))


def _named(model: type[BaseModel]) -> dict[str, Any]:
    """Give the type of each setting of a table, by the name that people write."""
    return {field.alias or key: field.annotation for key, field in model.model_fields.items()}


def _syntax(path: str, text: str, error: tomllib.TOMLDecodeError) -> Problem:
    place = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
    line, column = (int(place[1]), int(place[2])) if place else (len(text.splitlines()), 1)
    message = re.sub(r" \(at .*\)$", "", str(error))
    return Problem(file=path, line=line, column=column, message=f"this is not TOML: {message}")


def _anchored(settings: Settings, folder: Path) -> Settings:
    """Let relative paths start at *folder*, wherever the command was called from."""

    def anchor(value: Any) -> Any:
        if isinstance(value, Path):
            return folder / value
        if isinstance(value, tuple):
            moved = tuple(anchor(item) for item in value)
            return value if all(map(operator.is_, moved, value)) else moved
        if isinstance(value, BaseModel):
            # Only what changes is set: whether somebody wrote a key can be asked later.
            old = {name: getattr(value, name) for name in type(value).model_fields}
            new = {name: anchor(each) for name, each in old.items()}
            changed = {name: each for name, each in new.items() if each is not old[name]}
            return value.model_copy(update=changed) if changed else value
        return value

    def anchored_url(url: str) -> str:
        return re.sub(
            r"^(sqlite(?:\+\w+)?:///)(?!/|:memory:)(.+)$",
            lambda m: f"{m[1]}{folder / m[2]}",
            url,
        )

    anchored: Settings = anchor(settings)
    store = anchored.store.model_copy(update={"url": anchored_url(anchored.store.url)})
    lists = tuple(
        its.model_copy(update={"url": anchored_url(its.url)}) if isinstance(its, ListQuery) else its
        for its in anchored.list_source
    )
    return anchored.model_copy(update={"store": store, "list_source": lists})
