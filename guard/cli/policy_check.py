"""``guard policy check``: all that is wrong with the rules, or likely a slip."""

import asyncio
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import click

from guard.cli.errors import FOUND_PROBLEMS
from guard.cli.policy_path import SETTINGS, configured, policy_path
from guard.cli.problem_formats import FORMATS
from guard.cli.tired_rules import tired
from guard.policy import Policy
from guard.policy.load import Reading, read
from guard.problems import Level, Problem, count, in_file_order, render


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
@click.option(
    "--with-store",
    is_flag=True,
    help="Also look whether its lists were imported and its sources read, in the store of CONFIG.",
)
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    default=SETTINGS,
    show_default=True,
    help="Settings file.",
)
def check(path: Path | None, *, strict: bool, form: str, with_store: bool, config: Path) -> None:
    """
    Check a policy folder or file; without PATH that of CONFIG, else ./policies.

    Ends with 1 if there are errors.
    """
    path = path or configured(config)
    reading = read(path, today=today())
    problems = in_file_order([*reading.problems, *tired(config, path, reading.sources)])
    if with_store:
        problems = in_file_order([*problems, *_unanswered(reading, config)])
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


def _unanswered(reading: Reading, config: Path) -> list[Problem]:
    """Ask the store; nothing where the policy is wrong."""
    from guard.app.answerable import known_to
    from guard.config import load
    from guard.policy.known import unanswered
    from guard.telemetry import configure

    configure(stream=sys.stderr)  # a log line would break what machines read
    if reading.policy is None or reading.tree is None:
        return []
    known = asyncio.run(known_to(load(config)))
    found = unanswered(reading.policy, reading.tree, known, now=datetime.now(UTC))
    return [replace(problem, level=Level.WARNING) for problem in found]


def today() -> date:
    """Give the day here: a policy that is wrong has no time zone to ask for."""
    return datetime.now().astimezone().date()


def _summary(path: Path, policy: Policy) -> str:
    rules = len(policy.rules)
    return f"{path}: {rules} rule{'' if rules == 1 else 's'}, mode {policy.mode}, no problems."
