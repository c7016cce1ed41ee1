"""``guard audit``: who did what to which held mail, and whether the log is as it was written."""

import asyncio
import csv
import json
import re
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from guard.cli.errors import FOUND_PROBLEMS, fail
from guard.cli.options import OutFile, config_option, json_option
from guard.cli.progress import counter
from guard.cli.stored import ground_of, named

if TYPE_CHECKING:
    from guard.store.audit import AuditLog, Question, Sealed
    from guard.store.opening import Ground

FIELDS: Final = ("seq", "at", "event", "hold_id", "actor", "peer", "details", "hash")
"""Of an exported row, in this order; ``details`` is JSON."""

_FORMULA: Final = tuple("=+-@\t\r")


class Head(click.ParamType[tuple[int, str]]):
    """Number and hash of a row, as ``guard audit verify`` prints them."""

    name = "seq:hash"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, str]:
        """Read it, or end with wrong usage (2)."""
        if isinstance(value, tuple):
            return value
        seq, _, digest = str(value).partition(":")
        if not re.fullmatch(r"[1-9][0-9]{0,17}", seq) or not re.fullmatch("[0-9a-f]{64}", digest):
            self.fail("write it as this command prints it, like 120:9f86d08…", param, ctx)
        return int(seq), digest


class Moment(click.ParamType[datetime]):
    """A day or an instant; local time where no offset is given."""

    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Read it, or end with wrong usage (2)."""
        if isinstance(value, datetime):
            return value
        try:
            return datetime.fromisoformat(value).astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail("write a time like 2026-11-23 or 2026-11-23T15:04+09:00", param, ctx)


def _asked(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that narrow which rows are given."""
    for option in (
        click.option("--until", type=Moment(), help="Only before this time."),
        click.option("--since", type=Moment(), help="Only from this time on."),
        click.option("--event", help="Only this event; “hold.” for all that begin so."),
        click.option("--actor", help="Only what this person did; guard for the machine."),
        click.option("--hold", "number", help="Only of the held mail with this number."),
    ):
        command = option(command)
    return command


@click.group()
def audit() -> None:
    """
    Read the audit log: who was asked, who looked, who decided, from where, what left.

    It holds addresses and no content. Rows are only ever added, each sealed with the hash of the
    one before.
    """


@audit.command()
@_asked
@json_option
@config_option
def search(*, as_json: bool, config: Path, **asked: Any) -> None:
    """Print entries, oldest first."""

    async def printed() -> None:
        async with _log(config) as (ground, log):
            async for row in log.find(await _question(ground, **asked)):
                click.echo(_json(row) if as_json else _line(row))

    asyncio.run(printed())


@audit.command()
@_asked
@click.option(
    "--format",
    "form",
    type=click.Choice(["jsonl", "csv"]),
    default="jsonl",
    show_default=True,
    help="JSON lines, or CSV in UTF-8 (RFC 4180).",
)
@click.option("--out", type=OutFile(), help="File, 0600; else stdout.")
@config_option
def export(*, form: str, out: Path | None, config: Path, **asked: Any) -> None:
    """
    Export entries with their hashes.

    The fields are seq, at, event, hold_id, actor, peer, details (JSON) and hash. In CSV a value
    that a spreadsheet would take for a formula has an apostrophe in front.
    """

    async def exported(write: Callable[[str], object]) -> None:
        table = csv.writer(_Lines(write))
        if form == "csv":
            table.writerow(FIELDS)
        async with _log(config) as (ground, log):
            with counter("audit log", "rows", shown=out is not None) as tell:
                async for row in log.find(await _question(ground, **asked)):
                    if form == "csv":
                        table.writerow(_cells(row))
                    else:
                        write(_json(row) + "\n")
                    tell(row.seq)

    if out is None:
        asyncio.run(exported(sys.stdout.write))
        return
    from guard.durable import private_file

    with private_file(out, replace=True) as file:
        asyncio.run(exported(lambda text: file.write(text.encode())))


@audit.command()
@click.option("--head", type=Head(), help="A row as you noted it elsewhere: NUMBER:HASH.")
@json_option
@config_option
def verify(*, head: tuple[int, str] | None, as_json: bool, config: Path) -> None:
    """
    Check that every row is as it was written.

    Finds rows that were edited, taken out, put in another order, or cut off at the end; exit code 1
    names the first. Whoever can write to the database could make a whole new chain: note the line
    that this command prints elsewhere, and give it with --head the next time.
    """

    async def verified() -> Any:
        async with _log(config) as (_, log):
            with counter("audit log", "rows") as tell:
                return await log.verify(head, tell)

    found = asyncio.run(verified())
    if as_json:
        facts = {"rows": found.rows, "head": f"{found.rows}:{found.hash}", "wrong": found.wrong}
        click.echo(json.dumps(facts))
    elif found.wrong is None:
        click.echo(f"{found.rows} rows are as they were written")
        click.echo(f"head {found.rows}:{found.hash}")
    if found.wrong is not None:
        fail(
            f"row {found.wrong} is not as it was written; {found.rows} rows before it are",
            FOUND_PROBLEMS,
        )


class _Lines:
    """What `csv` writes to."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self.write = write


@asynccontextmanager
async def _log(config: Path) -> AsyncIterator[tuple["Ground", "AuditLog"]]:
    from guard.config import load
    from guard.store.audit import AuditLog

    async with ground_of(load(config)) as ground:
        yield ground, AuditLog(ground.database)


async def _question(
    ground: "Ground",
    *,
    number: str | None,
    actor: str | None,
    event: str | None,
    since: datetime | None,
    until: datetime | None,
) -> "Question":
    from guard.store.audit import Question

    hold_id = None if number is None else (await named(ground, number)).id
    return Question(hold_id=hold_id, actor=actor, event=event, since=since, until=until)


def _as_dict(row: "Sealed") -> dict[str, Any]:
    entry = row.entry
    return {
        "seq": row.seq,
        "at": entry.at.isoformat(timespec="milliseconds"),
        "event": entry.event,
        "hold_id": entry.hold_id,
        "actor": entry.actor,
        "peer": entry.peer,
        "details": entry.details,
        "hash": row.hash,
    }


def _json(row: "Sealed") -> str:
    return _whole(json.dumps(_as_dict(row), ensure_ascii=False))


def _whole(text: str) -> str:
    """Give *text* as UTF-8 can say it: half a character, as an older command took, is escaped."""
    return text.encode("utf-8", "backslashreplace").decode()


def _cells(row: "Sealed") -> list[str]:
    facts = _as_dict(row)
    facts["details"] = json.dumps(facts["details"], ensure_ascii=False, sort_keys=True)
    texts = [_whole(str(facts[name])) for name in FIELDS]
    return [f"'{text}" if text.startswith(_FORMULA) else text for text in texts]


def _line(row: "Sealed") -> str:
    entry = row.entry
    told = "  ".join(f"{name}={_short(value)}" for name, value in sorted(entry.details.items()))
    at = entry.at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    who = _short(f"{entry.actor}{f' ({entry.peer})' if entry.peer else ''}")
    return f"{row.seq:>6}  {at}  {entry.event:<16}  {who}  {told}".rstrip()


def _short(value: object) -> str:
    text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
    # What somebody wrote must not draw a line of its own on this terminal.
    return "".join(char if char.isprintable() else "?" for char in text)
