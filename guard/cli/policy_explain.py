"""``guard policy explain``: why a mail is held, and why not."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from guard.cli.errors import FOUND_PROBLEMS, fail
from guard.cli.options import AddressType, config_option, json_option, lang_option, spoken_language
from guard.cli.policy_path import policy_path
from guard.cli.stored import whole
from guard.model.address import Address
from guard.model.errors import NoSuchHoldError

if TYPE_CHECKING:
    from guard.config import Settings
    from guard.config.mail import Logins
    from guard.examine import Examination
    from guard.model.envelope import Submitter
    from guard.model.hold import Hold
    from guard.policy import Policy


@click.command()
@click.argument("file", type=click.File("rb"), required=False)
@click.argument("more", type=AddressType(), nargs=-1, metavar="")
@click.option("--held", "number", metavar="NUMBER", help="A held mail, like H-7K3Q-M2.")
@click.option("--sender", type=AddressType(), help="Envelope sender; left out: who From names.")
@click.option(
    "--to",
    "recipients",
    type=AddressType(),
    multiple=True,
    metavar="ADDRESS...",
    help="Envelope recipients; left out: those of To, Cc and Bcc.",
)
@click.option("--login", metavar="NAME", help="Judge it as sent by somebody who logged in so.")
@click.option("--policy", "path", type=policy_path, help="Policy other than that of the settings.")
@lang_option
@json_option
@config_option
def explain(
    file: BinaryIO | None,
    *,
    more: Sequence[Address],
    number: str | None,
    sender: Address | None,
    recipients: Sequence[Address],
    login: str | None,
    path: Path | None,
    lang: str | None,
    as_json: bool,
    config: Path,
) -> None:
    """
    Say what would be done with the mail in FILE, and why; of each other rule, why not.

    With --held: with a held mail, by the policy of now, and for what it was held. Nothing is sent,
    learned or changed.
    """
    from guard.app.granted import with_exceptions
    from guard.config import load
    from guard.policy import load as load_policy
    from guard.policy.explain import explain as explained
    from guard.policy.reasons import render as told_in_words

    if (file is None) == (number is None):
        raise click.UsageError("name one mail: a FILE, or --held NUMBER")
    if number is not None and (sender or recipients or login):
        raise click.UsageError("sender, recipients and login of a held mail are those it came with")
    settings = load(config)
    rules = asyncio.run(with_exceptions(settings, load_policy(path or settings.policies)))
    more_told: dict[str, Any]
    if file is not None:
        mail = _mail(file.read(), sender, [*recipients, *more])
        found = asyncio.run(_given(settings, rules, mail, login))
        more_told = {"assumed": list(mail.assumed)}
    else:
        hold, found = asyncio.run(_held(settings, rules, whole(number or "")))
        more_told = {"assumed": [], "held": _of_then(hold)}
    answer = explained(found.inspection, found.findings, found.verdict, rules, today=found.today)
    answer |= more_told
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False))
    else:
        click.echo(told_in_words(answer, spoken_language(lang)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mail:
    octets: bytes
    sender: Address
    recipients: Sequence[Address]

    assumed: tuple[str, ...]
    """What was not given, and is taken from the header: ``sender``, ``recipients``."""


def _mail(octets: bytes, sender: Address | None, recipients: Sequence[Address]) -> _Mail:
    """Take from the header what is not given, or end with wrong usage (2)."""
    from guard.parse import parse

    assumed: list[str] = []
    if sender is None or not recipients:
        message = parse(octets)
        if sender is None:
            assumed.append("sender")
            sender = next((box.address for box in message.from_), None)
        if not recipients:
            assumed.append("recipients")
            people = (*message.to, *message.cc, *message.bcc)
            recipients = list(dict.fromkeys(box.address for box in people))
    if sender is None:
        raise click.UsageError("From names no address; say who sends it with --sender")
    if not recipients:
        raise click.UsageError("To, Cc and Bcc name no address; say who gets it with --to")
    return _Mail(octets=octets, sender=sender, recipients=recipients, assumed=tuple(assumed))


async def _given(
    settings: "Settings", policy: "Policy", mail: _Mail, login: str | None
) -> "Examination":
    from guard.app.offline import examine_offline

    return await examine_offline(
        settings,
        policy,
        octets=mail.octets,
        sender=mail.sender,
        recipients=mail.recipients,
        submitter=_submitter(login, settings.logins) if login is not None else None,
    )


def _submitter(login: str, logins: "Logins") -> "Submitter":
    """Give whoever logs in so, with the mail address that the settings know."""
    from guard.model.envelope import Submitter
    from guard.submission.login.names import address_by_name

    address = address_by_name(login, domain=logins.domain)
    return Submitter(peer="", login=login, address=address)


async def _held(settings: "Settings", policy: "Policy", number: str) -> "tuple[Hold, Examination]":
    from guard.app.offline import examine_held

    try:
        return await examine_held(settings, policy, number=number)
    except NoSuchHoldError:
        fail(f"no held mail has the number {number}, or its octets were destroyed", FOUND_PROBLEMS)


def _of_then(hold: "Hold") -> dict[str, Any]:
    """Say for what it was held, and by which policy."""
    return {
        "number": hold.number,
        "state": hold.state.value,
        "at": hold.held_at.isoformat(),
        "policy": hold.verdict.policy,
        "decision": hold.verdict.action.word,
        "rules": [match.rule for match in hold.verdict.acting],
    }
