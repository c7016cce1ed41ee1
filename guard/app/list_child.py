"""
Taking in one list in a process of its own: ``python -m guard.app.list_child``, settings on stdin.

An import computes for minutes and needs memory; beside mail it would make it wait. The report goes
to stdout as JSON.
"""

import asyncio
import json
import os
import signal
import sys
from contextlib import suppress
from typing import Any, Final

from guard.app.list_report import ListReport
from guard.app.reports import End
from guard.config import Settings
from guard.config.lists import ListSource
from guard.model.errors import GuardError, SourceError

ENDS_S: Final = 10.0
"""Seconds in which a child must have ended that was asked to."""

_CODE: Final = 128 + signal.SIGTERM

NICENESS: Final = 10
"""How far a child stands back behind mail, as nice(1) counts."""


async def sync_apart(settings: Settings, its: ListSource) -> ListReport:
    """
    Read the source of one list in another process, which ends with this call however it ends.

    Raises:
        SourceError: The process broke down.
    """
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",  # the working folder is no place to import from
        "-m",
        "guard.app.list_child",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=_environment(),
        start_new_session=True,  # Ctrl-C goes to the guard alone
    )
    order = {"settings": settings.model_dump(mode="json", by_alias=True), "name": its.name}
    try:
        answer, _ = await child.communicate(json.dumps(order).encode())
    except BaseException:
        await _ended(child)
        raise
    try:
        return ListReport.heard(json.loads(answer))
    except (ValueError, KeyError, TypeError):
        raise SourceError(
            f"{its.name}: the process that imported it broke down ({child.returncode})"
        ) from None


async def _ended(child: asyncio.subprocess.Process) -> None:
    """Have a child end: by itself, for then it tidies up and leaves the list as it was."""
    if child.returncode is not None:
        return
    child.terminate()
    with suppress(TimeoutError):
        async with asyncio.timeout(ENDS_S):
            await child.wait()
    if child.returncode is None:
        child.kill()
        await child.wait()


def _environment() -> dict[str, str]:
    """Give what a child is started with: our own, without the folder of our metrics."""
    kept = {name: each for name, each in os.environ.items() if name != "PROMETHEUS_MULTIPROC_DIR"}
    path = os.pathsep.join(filter(None, sys.path))
    return {**kept, "PYTHONPATH": path, "PYTHONUTF8": "1"}


def main() -> None:
    """Do what stdin says."""
    from guard.app.list_import import ListImporter
    from guard.telemetry import configure

    configure(stream=sys.stderr)
    stopping = _Stopping()
    signal.signal(signal.SIGTERM, stopping.ask)
    os.nice(NICENESS)
    order: dict[str, Any] = json.load(sys.stdin)
    settings = Settings.model_validate(order["settings"])
    (its,) = (each for each in settings.list_source if each.name == order["name"])
    try:
        with ListImporter(settings, alarms=True) as importer:
            report = importer.sync(its, tell=stopping.look)
    except GuardError as error:
        report = ListReport(name=its.name, end=End.AWAY, message=str(error))
    json.dump(report.told(), sys.stdout)


class _Stopping:
    """Ends the process when it is asked to: at once where it computes, soon where a loop runs."""

    def __init__(self) -> None:
        self._asked = False

    def ask(self, *_: object) -> None:
        """Take the signal; whatever is tidied up after the first is not interrupted."""
        again, self._asked = self._asked, True
        # An exception out of the blue would leave a loop, and a database, half way.
        if not again and asyncio._get_running_loop() is None:
            raise SystemExit(_CODE)

    def look(self, *_: object) -> None:
        """End, if that was asked for while a loop ran."""
        if self._asked:
            raise SystemExit(_CODE)


if __name__ == "__main__":
    main()
