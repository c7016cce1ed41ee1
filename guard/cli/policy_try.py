"""``guard policy try``: what another policy would have done with the mail of the last weeks."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from guard.cli.options import config_option, json_option
from guard.cli.progress import bar
from guard.cli.since import Since, from_
from guard.policy import load as load_policy

if TYPE_CHECKING:
    from guard.app.trying import Tried
    from guard.config import Settings
    from guard.policy import Policy

_PATH = click.Path(path_type=Path, exists=True)


@click.command("try")
@click.argument("new", type=_PATH)
@click.option(
    "--since",
    type=Since(),
    default="14d",
    show_default=True,
    help="How far back: from now, or from the newest mail of a mailbox.",
)
@click.option(
    "--mailbox",
    type=_PATH,
    help="Read mail itself: an mbox, a Maildir or a folder of .eml, of the days before Guard.",
)
@click.option("--list", "listed", is_flag=True, help="List each mail that would change.")
@json_option
@config_option
def try_(
    new: Path,
    *,
    since: timedelta | datetime,
    mailbox: Path | None,
    listed: bool,
    as_json: bool,
    config: Path,
) -> None:
    """
    Try the policy folder or file NEW on past mail, beside the policy in force.

    It is judged by what was kept of each mail, which has no text in it. Nothing is sent, held or
    learned.
    """
    from guard.app.granted import with_exceptions
    from guard.cli.trial_table import as_dict, lines
    from guard.config import load

    settings = load(config)
    policies = (
        asyncio.run(with_exceptions(settings, load_policy(settings.policies))),
        asyncio.run(with_exceptions(settings, load_policy(new))),
    )
    tried = _tried(settings, *policies, since, mailbox, shown=not as_json)
    if as_json:
        click.echo(json.dumps(as_dict(tried, listed=listed), ensure_ascii=False))
        return
    mails = tried.trial.mails
    if mailbox is None:
        click.echo(f"Replayed {mails:,} mails from their stored features (no mail text is kept).")
    else:
        click.echo(f"Judged {mails:,} mails of {mailbox}, each by what stood before it.")
    click.echo()
    if not mails:
        click.echo(_nothing(settings.store.features_kept_days, mailbox))
    for line in lines(tried, listed=listed) if mails else ():
        click.echo(line)


def _tried(
    settings: "Settings",
    now: "Policy",
    new: "Policy",
    since: timedelta | datetime,
    mailbox: Path | None,
    *,
    shown: bool,
) -> "Tried":
    today = datetime.now(UTC)
    with bar(str(mailbox or "past mail"), "mails", shown=shown) as tell:
        if mailbox is None:
            from guard.app.trying import tried_on_features

            first = from_(since, today)
            return asyncio.run(tried_on_features(settings, now, new, since=first, tell=tell))
        from guard.app.trying_mailbox import tried_on_mailbox

        return asyncio.run(
            tried_on_mailbox(
                settings,
                now,
                new,
                path=mailbox,
                since=partial(from_, since),
                today=today,
                tell=tell,
            )
        )


def _nothing(kept_days: int, mailbox: Path | None) -> str:
    if mailbox is not None:
        return "None of its mail is of our domains and of that time."
    if not kept_days:
        return "[store] features_kept_days is 0: nothing is kept. --mailbox reads mail itself."
    return "No mail of that time is kept yet. --mailbox reads mail itself."
