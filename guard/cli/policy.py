"""``guard policy``: check the YAML, and ask why a mail is judged as it is."""

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO

import click

from guard.cli.errors import FOUND_PROBLEMS
from guard.cli.options import AddressType, config_option, json_option, lang_option, spoken_language
from guard.cli.policy_path import configured, policy_path
from guard.cli.policy_test import test
from guard.config.mail import Logins
from guard.model.address import Address
from guard.model.envelope import Submitter
from guard.policy import Policy
from guard.policy import load as load_policy
from guard.policy.load import read
from guard.problems import Level, Problem, count, render


@click.group()
def policy() -> None:
    """Check the rules, and ask why a mail is judged as it is."""


policy.add_command(test)


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
    problems = reading.problems
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


@policy.command()
@click.argument("file", type=click.File("rb"))
@click.argument("more", type=AddressType(), nargs=-1, metavar="")
@click.option("--sender", type=AddressType(), required=True, help="Envelope sender.")
@click.option(
    "--to",
    "recipients",
    type=AddressType(),
    required=True,
    multiple=True,
    metavar="ADDRESS...",
    help="Envelope recipients.",
)
@click.option("--login", metavar="NAME", help="Judge it as sent by somebody who logged in so.")
@click.option("--policy", "path", type=policy_path, help="Policy other than that of the settings.")
@lang_option
@json_option
@config_option
def explain(
    file: BinaryIO,
    *,
    more: Sequence[Address],
    sender: Address,
    recipients: Sequence[Address],
    login: str | None,
    path: Path | None,
    lang: str | None,
    as_json: bool,
    config: Path,
) -> None:
    """Say what would be done with the mail in FILE, and why. Nothing is sent or learned."""
    from guard.app.offline import examine_offline
    from guard.config import load
    from guard.policy.explain import explain as explained
    from guard.policy.reasons import render as told_in_words

    settings = load(config)
    rules = load_policy(path or settings.policies)
    found = asyncio.run(
        examine_offline(
            settings,
            rules,
            octets=file.read(),
            sender=sender,
            recipients=[*recipients, *more],
            submitter=_submitter(login, settings.logins) if login is not None else None,
        )
    )
    answer = explained(found.inspection, found.findings, found.verdict, rules, today=found.today)
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False))
    else:
        click.echo(told_in_words(answer, spoken_language(lang)))


def _submitter(login: str, logins: Logins) -> Submitter:
    """Give whoever logs in so, with the mail address that the settings know."""
    from guard.submission.login.names import address_by_name

    address = address_by_name(login, domain=logins.domain)
    return Submitter(peer="", login=login, address=address)


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
