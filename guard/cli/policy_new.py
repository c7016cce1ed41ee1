"""``guard policy new``: a policy from one of the templates that ship."""

import re
import shutil
import tempfile
from pathlib import Path
from typing import Final

import click

from guard.cli.errors import FOUND_PROBLEMS, WRONG_USAGE, fail
from guard.policy import load, shipped
from guard.policy.words import Language
from guard.problems import did_you_mean

STANDARD: Final = "standard"
"""The template that `guard init` takes, too."""


@click.command()
@click.argument("template", required=False)
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option("--domain", "domains", multiple=True, help="A domain of yours; may be repeated.")
@click.option("--language", type=click.Choice(["ja", "en"]), help="Of notices, if not known.")
@click.option("--mode", type=click.Choice(["hold", "watch"]), help="watch: record only.")
def new(
    template: str | None,
    folder: Path | None,
    *,
    domains: tuple[str, ...],
    language: Language | None,
    mode: str | None,
) -> None:
    """
    Write a policy into FOLDER (./policies, if left out) from TEMPLATE; without one, list them.

    Its tests come along. Never overwrites anything.
    """
    there = templates()
    if template is None:
        for name, path in there.items():
            click.echo(f"{name:<20} {_about(path)}")
        return
    if template not in there:
        hint = did_you_mean(template, there) or f"there are {', '.join(there)}"
        fail(f"no template is called “{template}”; {hint}", WRONG_USAGE)
    folder = folder or Path("policies")
    if folder.exists():
        fail(f"{folder} is here already; nothing was written", FOUND_PROBLEMS)
    try:
        _write(there[template], folder, domains, language, mode)
    except OSError as error:
        fail(f"{folder}: cannot be written ({error.strerror})", FOUND_PROBLEMS)
    click.echo(f"Wrote {folder}. Next: guard policy check {folder}", err=True)


def templates() -> dict[str, Path]:
    """Give the templates that ship, by name: the policy itself first, then the examples."""
    examples = shipped() / "examples"
    found = sorted(examples.iterdir()) if examples.is_dir() else []
    return {STANDARD: shipped()} | {path.name: path for path in found if path.is_dir()}


def _about(path: Path) -> str:
    """Give the first line of a template's comment that says something."""
    first = min(path.glob("*.yaml"), default=None)
    main = path / "main.yaml" if (path / "main.yaml").exists() else first
    text = main.read_text("utf-8") if main else ""
    comment = (line.strip("# \n") for line in text.splitlines() if line.startswith("#"))
    said = next((line for line in comment if re.search(r"\w", line)), "")
    return re.sub(r"^policies/\S*\s*", "", said)


def _write(
    template: Path,
    folder: Path,
    domains: tuple[str, ...],
    language: Language | None,
    mode: str | None,
) -> None:
    """Write it beside its place, check it, and only then put it there."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".guard-new-", dir=folder.parent) as name:
        made = Path(name) / folder.name
        leave = shutil.ignore_patterns("demo", "examples")
        shutil.copytree(template, made, ignore=leave, copy_function=shutil.copyfile)
        for file in sorted(made.glob("*.yaml")):
            text = file.read_text("utf-8")
            for pattern, value in (
                (r"(?m)^( +domains:) *\[[^\]\n]*\]", f"[{', '.join(domains)}]" if domains else ""),
                (r"(?m)^( +language:) *\w+", language or ""),
                (r"(?m)^(mode:) *\w+", mode or ""),
            ):
                if value:
                    text = re.sub(pattern, rf"\1 {value}", text, count=1)
            file.write_text(text, "utf-8")
        load(made)
        made.rename(folder)
