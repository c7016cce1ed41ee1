"""``guard policy check``: all that is wrong with the rules, or likely a slip."""

import sys
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import click

from guard.cli.errors import FOUND_PROBLEMS
from guard.cli.options import configured_policy, policy_path
from guard.cli.problem_formats import FORMATS
from guard.policy import Policy
from guard.policy.load import read
from guard.problems import Level, count, render


@click.command()
@click.argument("path", type=policy_path, required=False)
@click.option("--strict", is_flag=True, help="Warnings are errors too.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", *FORMATS]),
    default="text",
    show_default=True,
    help="json: a line for each problem. github: annotations of a workflow. sarif: SARIF 2.1.0.",
)
def check(path: Path | None, *, strict: bool, form: str) -> None:
    """
    Check a policy folder or file; without PATH that of guard.toml, else ./policies.

    Ends with 1 if there are errors.
    """
    path = path or configured_policy()
    reading = read(path, today=today())
    problems = reading.problems
    if strict:
        problems = tuple(replace(problem, level=Level.ERROR) for problem in problems)
    stays = "" if reading.policy else " The running guard keeps using the last good policy."
    if form != "text":
        for line in FORMATS[form](problems):
            click.echo(line)
    elif problems:
        click.echo(f"{render(problems, reading.sources)}\n\n{count(problems)}{stays}")
    elif reading.policy:
        click.echo(_summary(path, reading.policy))
    wrong = any(problem.level is Level.ERROR for problem in problems)
    sys.exit(FOUND_PROBLEMS if wrong else 0)


def today() -> date:
    """Give the day here: a policy that is wrong has no time zone to ask for."""
    return datetime.now().astimezone().date()


def _summary(path: Path, policy: Policy) -> str:
    rules = len(policy.rules)
    return f"{path}: {rules} rule{'' if rules == 1 else 's'}, mode {policy.mode}, no problems."
