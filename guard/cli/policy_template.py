"""A policy made from a template that ships, for ``guard init`` and ``guard policy new``."""

import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from guard.policy import load, shipped

STANDARD: Final = "standard"
"""The template that `guard init` takes."""


def templates() -> dict[str, Path]:
    """Give the templates that ship, by name: the policy itself first, then the examples."""
    examples = shipped() / "examples"
    found = sorted(examples.iterdir()) if examples.is_dir() else []
    return {STANDARD: shipped()} | {path.name: path for path in found if path.is_dir()}


def about(template: Path) -> str:
    """Give the first words of a template's comment that say what it is for."""
    text = (template / "main.yaml").read_text("utf-8")
    comment = (line.strip("# \n") for line in text.splitlines() if line.startswith("#"))
    said = (line for line in comment if re.search(r"\w", line) and "language-server" not in line)
    return re.sub(r"^policies/\S*\s*", "", next(said, ""))


def write(
    template: Path, folder: Path, *, domains: Sequence[str] = (), language: str = "", mode: str = ""
) -> None:
    """
    Write *folder*, which is not there yet, with what is given put in, and check it.

    People of the template's own domains, in rules and tests, become people of *domains*. The
    schemas lie beside, where the first line of each file looks for them.

    Raises:
        OSError: It cannot be written.
        SettingsError: What was put in makes no policy.
    """
    leave = shutil.ignore_patterns("demo", "examples")
    shutil.copytree(template, folder, ignore=leave, copy_function=shutil.copyfile)
    for schema in shipped().glob("*.schema.json"):
        shutil.copyfile(schema, folder / schema.name)
    own = load(template).us.domains
    for file in sorted((*folder.glob("*.yaml"), *folder.glob("tests/*.yaml"))):
        text = file.read_text("utf-8")
        for number, old in enumerate(own if domains else ()):
            text = text.replace(f"@{old}", f"@{domains[min(number, len(domains) - 1)]}")
        if file.parent == folder:
            for pattern, value in (
                (r"(?m)^( +domains:) *\[[^\]\n]*\]", f"[{', '.join(domains)}]" if domains else ""),
                (r"(?m)^( +language:) *\w+", language),
                (r"(?m)^(mode:) *\w+", mode),
            ):
                text = re.sub(pattern, rf"\1 {value}", text, count=1) if value else text
        file.write_text(text, "utf-8")
    load(folder)
