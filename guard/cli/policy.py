"""``guard policy``: check the YAML, and ask why a mail is judged as it is."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import click

from guard.cli.options import (
    AddressType,
    config_option,
    json_option,
    lang_option,
    spoken_language,
)
from guard.cli.policy_check import check
from guard.cli.policy_path import policy_path
from guard.cli.policy_schema import schema
from guard.config.mail import Logins
from guard.model.address import Address
from guard.model.envelope import Submitter
from guard.policy import load as load_policy


@click.group()
def policy() -> None:
    """Check the rules, and ask why a mail is judged as it is."""


policy.add_command(check)
policy.add_command(schema)


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
