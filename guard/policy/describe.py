"""The words of the policy as a page: docs/policy-words.md is what this gives; a test compares."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from guard.policy.json_schema import policy_schema

HEAD: Final = """\
# Words of the policy

Every word that a policy may have, what stands after it, and what counts where it is left out.
[The policy](policy.md) tells how rules work; [checking it](policy-check.md) how an editor shows
this page beside the line. An unknown word, or a value that is none of these, is an error with
file, line and a suggestion.

This page is made from the language itself:

    python -c "from guard.policy.describe import page; print(page(), end='')" > docs/policy-words.md
"""

_MANY: Final = 12
"""Words from which on a choice stands below its table."""

_PERCENT: Final = 100
"""Up to which a range says something; beyond it only keeps numbers from being absurd."""

Shape = Mapping[str, Any]


def page() -> str:
    """Give the whole page as Markdown."""
    return HEAD + "".join(_Page(policy_schema()).group("", policy_schema()))


class _Page:
    """Tables of one schema; what was told once is not told again."""

    def __init__(self, schema: Shape) -> None:
        self._groups: Mapping[str, Shape] = schema["$defs"]
        self._told: set[str] = set()

    def group(self, path: str, group: Shape) -> Iterator[str]:
        """Give a table for one group of settings, then those of the groups within it."""
        rows, inner, choices = [], list[tuple[str, Shape]](), list[str]()
        for name, setting in group["properties"].items():
            below, told = self._below(setting)
            if below is not None and not told:
                inner.append((f"{path}{name}: {_key(setting)}", below))
            choices += self._long_choice(name, setting)
            default = _left_out(name, setting.get("default"), group)
            meaning = setting.get("description") or (below or {}).get("description", "")
            value = "as above" if told else _value(setting)
            rows.append(f"| `{name}` | {value} | {default} | {_cell(meaning)} |\n")
        yield f"\n## {f'`{path.strip()}`' if path else 'At the left edge'}\n"
        yield f"\n{group['description']}\n\n" if path else "\n"
        yield "| word | value | left out | meaning |\n| --- | --- | --- | --- |\n"
        yield from rows
        yield from choices
        for where, below in inner:
            yield from self.group(f"{where.strip()} ", below)

    def _below(self, setting: Shape) -> tuple[Shape | None, bool]:
        """Give the group of settings below this one, if any, and whether it was told before."""
        reference = _reference(setting)
        if not reference:
            return None, False
        told = reference in self._told
        self._told.add(reference)
        return self._groups[reference], told

    def _long_choice(self, name: str, setting: Shape) -> Iterator[str]:
        for words in (one["enum"] for one in _alternatives(setting) if "enum" in one):
            listed = ", ".join(f"`{word}`" for word in words)
            if len(words) > _MANY and listed not in self._told:
                self._told.add(listed)
                yield f"\n`{name}` knows {listed}.\n"


def _alternatives(shape: Shape) -> Sequence[Shape]:
    found: Sequence[Shape] = shape.get("anyOf", [shape])
    return found


def _reference(setting: Shape) -> str:
    """Give the name of the group below a setting, a list of settings or a mapping of them."""
    for shape in (setting, setting.get("items"), setting.get("additionalProperties")):
        for one in _alternatives(shape) if isinstance(shape, dict) else ():
            if "$ref" in one:
                return str(one["$ref"].rpartition("/")[2])
    return ""


def _key(setting: Shape) -> str:
    """Give what stands between the word and the group below it: a dash, or a name."""
    if setting.get("type") == "array":
        return "-"
    return "NAME:" if isinstance(setting.get("additionalProperties"), dict) else ""


def _value(setting: Shape) -> str:
    """Say what may stand after a word."""
    singles = [each for each in _alternatives(setting) if each.get("type") != "array"]
    if "anyOf" in setting:
        shown = ", or ".join(map(_value, singles))
        return f"{shown}; or a list of such" if len(singles) < len(setting["anyOf"]) else shown
    if "enum" in setting:
        return _choice(setting["enum"])
    if "const" in setting:
        return f"`{'true' if setting['const'] is True else setting['const']}`"
    match setting.get("type"):
        case "boolean":
            return "`true` \\| `false`"
        case "integer":
            most = setting.get("maximum")
            return f"{setting['minimum']} to {most}" if most and most <= _PERCENT else "a number"
        case "array":
            item = setting["items"]
            return "a list of groups, below" if "$ref" in item else f"a list: {_value(item)}"
        case "object":
            return _mapping(setting)
        case "string" if "examples" in setting:
            return "like " + ", ".join(f"`{example}`" for example in setting["examples"])
        case kind:
            return "text" if kind == "string" else "a group, below"


def _choice(words: Sequence[str]) -> str:
    if len(words) > _MANY:
        return f"{_choice(words[:3])}, …"
    return " \\| ".join(f"`{word}`" for word in words)


def _mapping(setting: Shape) -> str:
    if known := setting.get("properties"):
        return "text under " + ", ".join(f"`{key}`" for key in known)
    if _reference(setting):
        return "groups by their names, below"
    keys = ", ".join(f"`{example}`" for example in setting["propertyNames"]["examples"])
    return f"names like {keys}, each with {_value(setting['additionalProperties'])}"


def _left_out(name: str, default: Any, group: Shape) -> str:
    if name in group.get("required", ()):
        return "must be there"
    if default is None:
        return "—"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return ", ".join(f"`{each}`" for each in (default if isinstance(default, list) else [default]))


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
