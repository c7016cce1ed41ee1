"""``guard policy``: check the YAML, and ask why a mail is judged as it is."""

import json
import sys
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import click

from guard.cli.errors import FOUND_PROBLEMS
from guard.cli.policy_explain import explain
from guard.cli.policy_fatigue import fatigue
from guard.cli.policy_path import SETTINGS, configured, policy_path
from guard.cli.policy_test import test
from guard.cli.policy_try import try_
from guard.cli.tired_rules import tired
from guard.policy import Policy
from guard.policy.load import read
from guard.problems import Level, Problem, count, render


@click.group()
def policy() -> None:
    """Check the rules, and ask why a mail is judged as it is."""


policy.add_command(explain)
policy.add_command(test)
policy.add_command(try_)
policy.add_command(fatigue)


@policy.command()
@click.argument("path", type=policy_path, required=False)
@click.option("--strict", is_flag=True, help="Warnings are errors too.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="json: a line for each problem.",
)
def check(path: Path | None, *, strict: bool, form: str) -> None:
    """
    Check a policy folder or file; without PATH that of guard.toml, else ./policies.

    Ends with 1 if there are errors.
    """
    path = path or configured()
    reading = read(path, today=today())
    problems = (*reading.problems, *tired(SETTINGS, path, reading.sources))
    if strict:
        problems = tuple(replace(problem, level=Level.ERROR) for problem in problems)
    stays = "" if reading.policy else " The running guard keeps using the last good policy."
    if form == "json":
        for problem in problems:
            click.echo(json.dumps(_record(problem), ensure_ascii=False))
    elif problems:
        click.echo(f"{render(problems, reading.sources)}\n\n{count(problems)}{stays}")
    elif reading.policy:
        click.echo(_summary(path, reading.policy))
    wrong = any(problem.level is Level.ERROR for problem in problems)
    sys.exit(FOUND_PROBLEMS if wrong else 0)


def today() -> date:
    """Give the day here: a policy that is wrong has no time zone to ask for."""
    return datetime.now().astimezone().date()


def _record(problem: Problem) -> dict[str, str | int]:
    return {
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "level": problem.level.value,
        "message": problem.message,
        "hint": problem.hint,
    }


def _summary(path: Path, policy: Policy) -> str:
    rules = len(policy.rules)
    return f"{path}: {rules} rule{'' if rules == 1 else 's'}, mode {policy.mode}, no problems."
