"""``guard run``: the guard itself, until a signal ends it."""

import gc
import os
import re
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from guard import steps
from guard.cli.errors import MISCONFIGURED, fail, told
from guard.cli.options import config_option

if TYPE_CHECKING:
    from guard.config import Settings
    from guard.host.listening import Sockets
    from guard.service.link import WorkerLink


@click.command()
@config_option
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    help="Processes that share the ports; as in the settings where not given.",
)
def run(*, config: Path, workers: int | None) -> None:
    """
    Relay mail, hold what looks like a slip, serve the confirm page.

    SIGTERM and Ctrl-C end it: running work is finished first; a second one ends it at once. SIGHUP
    reads policy and certificates again.
    """
    # It would end us. Nothing is lost: what it has read again was not read yet.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    os.umask(0o077)  # whatever is made from here on is for nobody else
    from guard.config import load

    _check_steps()
    settings = load(config)
    if workers is not None:
        settings = settings.model_copy(update={"workers": workers})
    if settings.workers == 1:
        _run_one(settings)
    else:
        sys.exit(_run_several(settings))


def _check_steps() -> None:
    """Refuse to start where `CRASH_AT` names no step: a test of it would show nothing."""
    if named := steps.unknown():
        known = ", ".join(steps.STEPS)
        fail(f"{steps.VARIABLE} names no step: {named!r}; there are {known}", MISCONFIGURED)


def _run_one(settings: "Settings") -> None:
    """Be the guard, in this process."""
    with _kept():
        from guard.host.listening import bound
        from guard.host.systemd import ServiceManager, inherited
        from guard.service.life import Life
        from guard.service.life import run as run_loop
        from guard.telemetry import configure

    configure(level=settings.logging.level)
    manager = ServiceManager.of(os.environ)
    (sockets,) = bound(settings, inherited=inherited(os.environ))
    life = Life(settings, sockets, manager)
    run_loop(life.run(started=partial(_say_where, settings, sockets)))


def _run_several(settings: "Settings") -> int:
    """Supervise workers, and give the exit code."""
    from guard.host.metrics import counted_together

    with counted_together():
        with _kept():  # only now, for it counts; and before the first fork, for all share it
            from guard.host.listening import bound
            from guard.host.systemd import ServiceManager, inherited
            from guard.service.life import Life
            from guard.service.life import run as run_loop
            from guard.service.seat import portion
            from guard.service.supervisor import Supervisor
            from guard.store.opening import only_guard
            from guard.telemetry import configure

        configure(level=settings.logging.level)
        manager = ServiceManager.of(os.environ)
        ours = portion(settings)

        def work(sockets: "Sockets", link: "WorkerLink") -> None:
            async def main() -> None:
                life = Life(ours, sockets, link, alone=False)
                link.heed(end=life.end, reload=life.reload)
                await life.run()

            with told():
                run_loop(main())

        with only_guard(settings.store.url):
            sockets = bound(settings, shares=settings.workers, inherited=inherited(os.environ))
            return Supervisor(
                sockets,
                work,
                drain_s=settings.drain_s,
                manager=manager,
                started=partial(_say_where, settings, sockets[0]),
            ).run()


@contextmanager
def _kept() -> Iterator[None]:
    """
    Spare the garbage collector what is made in the block: modules stay to the end.

    It would look through them all again and again, and so have each worker copy what all share.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _say_where(settings: "Settings", sockets: "Sockets") -> None:
    """Tell who started us by hand where to find us."""
    for host, port in sockets.mail_addresses:
        click.echo(f"mail in  {host}:{port}", err=True)
    page = settings.web.public_url or ""
    click.echo(f"page     {page}", err=True)
    if re.match(r"https?://(127\.|localhost|\[::1\])", page):
        click.echo("         the links in notices open on this machine only", err=True)
