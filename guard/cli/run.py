"""``guard run``: the guard itself, until a signal ends it."""

import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from guard.cli.errors import AWAY, fail
from guard.cli.options import config_option

if TYPE_CHECKING:
    from guard.config import Settings


@click.command()
@config_option
def run(*, config: Path) -> None:
    """
    Relay mail, hold what looks like a slip, serve the confirm page.

    SIGTERM and Ctrl-C end it: running work is finished first. SIGHUP reads the policy again.
    """
    from guard.config import load
    from guard.telemetry import configure

    settings = load(config)
    configure(level=settings.logging.level)
    asyncio.run(_run(settings))


async def _run(settings: "Settings") -> None:
    from guard.app import Guard

    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, ended.set)
    try:
        guard = await Guard.start(settings)
    except OSError as error:
        fail(f"an address cannot be listened on: {error}", AWAY)
    loop.add_signal_handler(signal.SIGHUP, guard.reload)
    for host, port in guard.submission_addresses:
        click.echo(f"mail in  {host}:{port}", err=True)
    click.echo(f"page     {settings.web.public_url or ''}", err=True)
    try:
        await ended.wait()
    finally:
        await guard.stop()
