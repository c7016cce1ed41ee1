"""``guard policy new``: a policy from one of the templates that ship."""

import tempfile
from pathlib import Path

import click

from guard.cli.errors import FOUND_PROBLEMS, WRONG_USAGE, fail
from guard.cli.policy_template import about, templates, write
from guard.policy.words import Language
from guard.problems import did_you_mean


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
            click.echo(f"{name:<20} {about(path)}")
        return
    if template not in there:
        hint = did_you_mean(template, there) or f"there are {', '.join(there)}"
        fail(f"no template is called “{template}”; {hint}", WRONG_USAGE)
    folder = folder or Path("policies")
    if folder.exists():
        fail(f"{folder} is here already; nothing was written", FOUND_PROBLEMS)
    try:
        # Beside its place first, so that nothing half-made is ever there.
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".guard-new-", dir=folder.parent) as name:
            made = Path(name) / folder.name
            write(there[template], made, domains=domains, language=language or "", mode=mode or "")
            made.rename(folder)
    except OSError as error:
        fail(f"{folder}: cannot be written ({error.strerror})", FOUND_PROBLEMS)
    click.echo(f"Wrote {folder}. Next: guard policy check {folder}", err=True)
