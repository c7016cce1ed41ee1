"""The settings as a page: docs/settings.md is what this gives, and a test compares the two."""

import types
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from guard.config.schema import Settings, kinds_of, table_of

HEAD: Final = """\
# Settings

`guard.toml`, UTF-8. Relative paths start at its folder. Every key can also be given as an
environment variable, `__` between the parts (`GUARD_UPSTREAM__ADDRESS`; lists and tables as JSON),
or as a file in the folder that `GUARD_SECRETS_DIR` names (`upstream__password_file`). Environment
goes before secret files, these before `guard.toml`, this before the defaults below. An unknown key,
or a value out of range, refuses the start with file, line and a suggestion (exit 78).

This page is made from `guard/config/`:

    python -c "from guard.config.describe import page; print(page(), end='')" > docs/settings.md
"""


def page() -> str:
    """Give the whole page as Markdown."""
    return HEAD + "".join(_tables("", Settings, ""))


def _tables(name: str, model: type[BaseModel], about: str) -> Iterator[str]:
    """Give a table for *model*, then those of the tables within it."""
    inner: list[tuple[str, type[BaseModel], str]] = []
    rows = []
    for key, field in model.model_fields.items():
        shown = field.alias or key
        below, is_list = table_of(field.annotation)
        if below is not None:
            path = f"{name}.{shown}".removeprefix(".")
            inner.append((f"[{path}]" if is_list else path, below, field.description or ""))
        elif kinds := kinds_of(field.annotation):
            inner += [
                (f"[{shown}]", each, each.__doc__ or "") for each in dict.fromkeys(kinds.values())
            ]
        else:
            rows.append(
                f"| `{shown}` | {_kind(field)} | {_default(field)} | {field.description} |\n"
            )
    yield f"\n## `[{name}]`\n" if name else "\n## Above all tables\n"
    yield f"\n{(about or model.__doc__ or '').strip()}\n\n"
    yield "| key | value | left out | meaning |\n| --- | --- | --- | --- |\n"
    yield from rows
    for path, below, description in inner:
        yield from _tables(path, below, description)


def _kind(field: FieldInfo) -> str:
    annotation = field.annotation
    if get_origin(annotation) in {types.UnionType, Union}:
        annotation = next(each for each in get_args(annotation) if each is not type(None))
    if get_origin(annotation) is Literal:
        return " \\| ".join(f"`{word}`" for word in get_args(annotation))
    if get_origin(annotation) is tuple:
        return "list of texts"
    if get_origin(annotation) is dict:
        return "table"
    words = {
        int: "whole number",
        float: "number",
        Path: "path",
        str: "text",
        bool: "`true` \\| `false`",
        date: "day",
    }
    return words.get(annotation, "text") if isinstance(annotation, type) else "text"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "must be there"
    value = field.get_default(call_default_factory=False)
    if value is None or field.default_factory is not None:
        return "—"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return ", ".join(
        f"`{item}`".replace("|", "\\|")
        for item in (value if isinstance(value, tuple) else (value,))
    )
