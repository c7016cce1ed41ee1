"""``guard run``: the guard itself, until a signal ends it."""

import asyncio
import errno
import re
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
        hint = "; is another guard running?" if error.errno == errno.EADDRINUSE else ""
        fail(f"cannot listen: {error.strerror}{hint}", AWAY)
    loop.add_signal_handler(signal.SIGHUP, guard.reload)
    for host, port in guard.submission_addresses:
        click.echo(f"mail in  {host}:{port}", err=True)
    page = settings.web.public_url or ""
    click.echo(f"page     {page}", err=True)
    if re.match(r"https?://(127\.|localhost|\[::1\])", page):
        click.echo("         the links in notices open on this machine only", err=True)
    try:
        await ended.wait()
        click.echo("ending: running work is finished first", err=True)
    finally:
        await guard.stop()
