"""``guard policy try``: what another policy would have done with the mail of the last weeks."""

import asyncio
import json
from datetime import datetime
from pathlib import Path

import click

from guard.cli.options import config_option, json_option
from guard.cli.progress import bar
from guard.cli.since import Since
from guard.policy import load as load_policy


@click.command("try")
@click.argument("new", type=click.Path(path_type=Path, exists=True))
@click.option("--since", type=Since(), default="14d", show_default=True, help="How far back.")
@click.option("--list", "listed", is_flag=True, help="List each mail that would change.")
@json_option
@config_option
def try_(new: Path, *, since: datetime, listed: bool, as_json: bool, config: Path) -> None:
    """
    Try the policy folder or file NEW on past mail, beside the policy in force.

    It is judged by what was kept of each mail, which has no text in it. Nothing is sent, held or
    learned.
    """
    from guard.app.trying import tried_on_features
    from guard.cli.trial_table import as_dict, lines
    from guard.config import load

    settings = load(config)
    now, tried_policy = load_policy(settings.policies), load_policy(new)
    with bar("past mail", "mails", shown=not as_json) as tell:
        tried = asyncio.run(tried_on_features(settings, now, tried_policy, since=since, tell=tell))
    if as_json:
        click.echo(json.dumps(as_dict(tried, listed=listed), ensure_ascii=False))
        return
    mails = tried.trial.mails
    click.echo(f"Replayed {mails:,} mails from their stored features (no mail text is kept).\n")
    if not mails:
        click.echo(_nothing(settings.store.features_kept_days))
    for line in lines(tried, listed=listed) if mails else ():
        click.echo(line)


def _nothing(kept_days: int) -> str:
    if not kept_days:
        return "[store] features_kept_days is 0: nothing is kept. --mailbox reads mail itself."
    return "No mail of that time is kept yet. --mailbox reads mail itself."
