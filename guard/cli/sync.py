"""``guard contacts sync``: read the sources of guard.toml, and say how they stand."""

import asyncio
import json
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from guard.cli.ages import age_s, when
from guard.cli.errors import FOUND_PROBLEMS, INTERRUPTED, fail
from guard.cli.keeping import keeping, stoppable, tell_broken
from guard.cli.options import config_option, json_option
from guard.cli.progress import counter
from guard.cli.synced import exit_code, wanted

if TYPE_CHECKING:
    from guard.app.reports import Report
    from guard.config import Settings
    from guard.config.sources import Source
    from guard.store.sources import SourceState


@click.command()
@click.argument("names", metavar="[SOURCE]...", nargs=-1)
@click.option("--status", is_flag=True, help="Only say how the sources stand.")
@click.option("--accept-loss", is_flag=True, help="A fifth of the contacts, or more, may be gone.")
@click.option("--skip-broken", is_flag=True, help="Take in the rest where a row is broken.")
@click.option("--full", is_flag=True, help="Read all again; no mail counts twice.")
@click.option("--quiet", is_flag=True, help="Say nothing unless something is wrong.")
@json_option
@config_option
def sync(
    names: tuple[str, ...],
    *,
    status: bool,
    accept_loss: bool,
    skip_broken: bool,
    full: bool,
    quiet: bool,
    as_json: bool,
    config: Path,
) -> None:
    """
    Read what changed in the sources of guard.toml: all of them, or each SOURCE.

    Of a source that is away, broken or has lost a fifth of its contacts, all is kept as it was, and
    the others go on. Ends with 1 if one failed, with 75 if trying again later may help. Ctrl-C
    leaves the contacts of a source as they were; mails that were counted stay counted.
    """
    from guard.config import load

    settings = load(config)
    chosen = wanted(settings.source, names, "source")
    if status:
        asyncio.run(_tell_states(settings, chosen, all_=not names, as_json=as_json))
        return
    if not chosen:
        fail("no [[source]] stands in guard.toml; see docs/operations.md", FOUND_PROBLEMS)
    with stoppable() as stop:
        reports = asyncio.run(
            _sync(
                settings,
                chosen,
                stop,
                {"accept_loss": accept_loss, "skip_broken": skip_broken, "full": full},
                quiet=quiet,
                as_json=as_json,
            )
        )
    sys.exit(_code(reports))


async def _sync(
    settings: "Settings",
    chosen: Sequence["Source"],
    stop: threading.Event,
    wishes: dict[str, bool],
    *,
    quiet: bool,
    as_json: bool,
) -> "list[Report]":
    from datetime import UTC, datetime

    from guard.app.reports import Wish
    from guard.app.sync import Syncer

    reports: list[Report] = []
    async with keeping(settings) as (contacts, sources):
        syncer = Syncer(contacts, sources, lambda: datetime.now(UTC))
        for its in chosen:
            if stop.is_set():
                break
            with counter(its.name, "read", shown=not quiet) as tell:
                wish = Wish(**wishes, stop=stop.is_set, tell=tell)
                report = await syncer.sync(its, wish)
            reports.append(report)
            if as_json:
                row = {key: _plain(value) for key, value in asdict(report).items()}
                click.echo(json.dumps(row, ensure_ascii=False))
            elif report.is_well and not quiet:
                click.echo(_line(report))
            _complain(report)
    return reports


def _code(reports: "Sequence[Report]") -> int:
    from guard.app.reports import End

    ends = {report.end for report in reports}
    return INTERRUPTED if End.STOPPED in ends else exit_code(ends)


def _line(report: "Report") -> str:
    from guard.app.reports import End

    parts = []
    if report.contacts or report.gone:
        parts.append(f"{report.contacts:,} contacts")
    if report.end is End.UNCHANGED:
        parts.append("unchanged")
    elif report.contacts or report.gone:
        parts.append(
            f"{report.came:,} came, {report.changed:,} changed, {report.gone:,} went "
            f"({report.out:,} taken out)"
        )
    if report.mails or report.known or not parts:
        parts.append(f"{report.mails:,} mails counted, {report.known:,} known before")
    if report.late:
        parts.append(f"{report.late:,} too late")
    if report.broken:
        parts.append(f"{report.broken:,} left out")
    return f"{report.name}: {' · '.join(parts)}"


def _complain(report: "Report") -> None:
    """Say on stderr what is not as it should be."""
    from guard.app.reports import End

    tell_broken(report.shown, report.broken)
    if report.end is End.STOPPED:
        mails = f"; {report.mails:,} mails are counted" if report.mails else ""
        click.echo(f"guard: {report.name}: stopped; its contacts are as they were{mails}", err=True)
    elif not report.is_well:
        click.echo(f"guard: {report.message}", err=True)
        if report.read_at is not None:
            had = f"{report.contacts:,} contacts" if report.contacts else "what it gave before"
            click.echo(f"guard: {report.name}: {had} stay, as of {when(report.read_at)}", err=True)


async def _tell_states(
    settings: "Settings", chosen: Sequence["Source"], *, all_: bool, as_json: bool
) -> None:
    async with keeping(settings) as (_, sources):
        states = {state.name: state for state in await sources.states()}
    names = [its.name for its in chosen]
    kinds = {its.name: its.kind for its in chosen}
    if all_:
        names += [name for name in states if name not in names]
    for name in names:
        row = _row(name, kinds.get(name, ""), states.get(name))
        click.echo(json.dumps(row, ensure_ascii=False) if as_json else _state_line(row))


def _row(name: str, kind: str, state: "SourceState | None") -> dict[str, Any]:
    return {
        "name": name,
        "kind": kind or (state.kind if state else ""),
        "contacts": state.contacts if state else 0,
        "mails": state.mails if state else 0,
        "read_at": _plain(state.read_at) if state else None,
        "tried_at": _plain(state.tried_at) if state else None,
        "age_s": age_s(state.read_at) if state and state.read_at else None,
        "error": state.error if state else "",
        "in_settings": bool(kind),
    }


def _state_line(row: dict[str, Any]) -> str:
    from datetime import datetime

    read = row["read_at"]
    words = [
        row["name"],
        row["kind"],
        f"{row['contacts']:,} contacts",
        f"{row['mails']:,} mails",
        f"read {when(datetime.fromisoformat(read))}" if read else "never read",
        row["error"] or ("ok" if read else ""),
    ]
    if not row["in_settings"]:
        words.append("not in guard.toml")
    return "\t".join(word for word in words if word)


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
