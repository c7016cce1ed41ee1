"""``guard db``: the database as a whole: upgrade, check, backup, restore, move."""

import asyncio
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from guard.cli.errors import FOUND_PROBLEMS
from guard.cli.options import config_option, json_option
from guard.cli.progress import counter

if TYPE_CHECKING:
    from guard.config import Settings
    from guard.store.copying import Copied
    from guard.store.database import Database

_NEW_FILE = click.Path(path_type=Path, dir_okay=False)
_THERE = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.group()
def db() -> None:
    """Look after the database: upgrade, check, backup, restore, move."""
    os.umask(0o077)  # whatever is made from here on is for nobody else


@db.command()
@click.option("--backup", "file", type=_NEW_FILE, help="Where the backup goes that is made first.")
@click.option("--no-backup", is_flag=True, help="Make none: you have one.")
@config_option
def upgrade(*, file: Path | None, no_backup: bool, config: Path) -> None:
    """
    Bring the tables of an older Guard up to this one's, after a backup.

    Every guard on the database has to be stopped. There is no way back but the backup. Of a SQLite
    file it is made beside it; for PostgreSQL say where, or that you need none.
    """
    if file is not None and no_backup:
        raise click.UsageError("--backup and --no-backup contradict each other")
    asyncio.run(_upgrade(_settings(config), file, make_backup=not no_backup))


async def _upgrade(settings: "Settings", file: Path | None, *, make_backup: bool) -> None:
    from guard.store import upkeep
    from guard.store.schema import SCHEMA_VERSION, revision_of
    from guard.store.version import require_current

    async with upkeep.alone_on(settings.store.url) as database:
        found = await upkeep.version(database)
        if found is None or found >= SCHEMA_VERSION:
            require_current(SCHEMA_VERSION if found is None else found)
            click.echo(f"nothing to do: the tables have schema {SCHEMA_VERSION}", err=True)
            return
        if make_backup:
            if file is None:
                if database.path is None:
                    raise click.UsageError("say where the backup goes (--backup), or --no-backup")
                now = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
                name = f"{database.path.name}.before-{revision_of(SCHEMA_VERSION)}-{now}"
                file = database.path.with_name(name)
            await _backup(database, file)
            click.echo(f"backup    {file}", err=True)
        await upkeep.upgrade(database)
    click.echo(f"upgraded  from schema {found} to {SCHEMA_VERSION}", err=True)


@db.command()
@json_option
@config_option
def check(*, as_json: bool, config: Path) -> None:
    """
    Look whether everything in the store is sound; a guard may run meanwhile.

    Each held mail is opened with the key file. Ends with 1 if something is wrong.
    """
    sound = asyncio.run(_check(_settings(config), as_json=as_json))
    sys.exit(0 if sound else FOUND_PROBLEMS)


async def _check(settings: "Settings", *, as_json: bool) -> bool:
    from guard.store.checking import check as look
    from guard.store.database import Database
    from guard.store.keys import KeyRing
    from guard.store.opening import Ground

    sound = True
    database = await Database.open(settings.store.url)
    try:
        ground = Ground(database, KeyRing.open(settings.store.key_file, create=False))
        with counter("the store", "held mails") as tell:
            async for result in look(ground, tell):
                sound &= result.sound
                if as_json:
                    line = {"name": result.name, "sound": result.sound, "text": result.text}
                    click.echo(json.dumps(line, ensure_ascii=False))
                else:
                    mark = "ok   " if result.sound else "WRONG"
                    click.echo(f"{mark}  {result.name:<12}{result.text}")
    finally:
        await database.close()
    return sound


@db.command()
@click.argument("file", type=_NEW_FILE)
@config_option
def backup(*, file: Path, config: Path) -> None:
    """
    Write all of the database to FILE, a new SQLite file; a guard may run meanwhile.

    The key file is not in it, and without the key file nobody can read the mail in it.
    """
    settings = _settings(config)
    copied = asyncio.run(_backup_of(settings, file))
    click.echo(f"backup    {file}: {_told(copied)}", err=True)
    click.echo(
        f"the key file {settings.store.key_file} is not in it: keep a copy of that elsewhere",
        err=True,
    )
    _end(copied)


async def _backup_of(settings: "Settings", file: Path) -> "Copied":
    from guard.store.database import Database

    database = Database.connect(settings.store.url)
    try:
        return await _backup(database, file)
    finally:
        await database.close()


async def _backup(database: "Database", file: Path) -> "Copied":
    from guard.store import upkeep

    with counter("the database", "rows") as tell:
        return await upkeep.backup(database, file, tell)


@db.command()
@click.argument("file", type=_THERE)
@config_option
def restore(*, file: Path, config: Path) -> None:
    """
    Fill the database of the settings, which must be empty, from the backup FILE.

    The guard has to be stopped, and the key file of that time in its place. What was decided after
    the backup is not known any more: those mails wait again.
    """
    settings = _settings(config)
    copied = asyncio.run(_restore(settings, file))
    click.echo(f"restored  {_told(copied)}", err=True)
    click.echo(
        f"next      see that {settings.store.key_file} is the one of that time, then:", err=True
    )
    click.echo("          guard db check", err=True)
    _end(copied)


async def _restore(settings: "Settings", file: Path) -> "Copied":
    from guard.store import upkeep

    async with upkeep.alone_on(settings.store.url) as database:
        with counter(file.name, "rows") as tell:
            return await upkeep.restore(file, database, tell)


@db.command()
@click.option("--to", "url", required=True, metavar="URL", help="An empty database.")
@config_option
def move(*, url: str, config: Path) -> None:
    """
    Take everything to the empty database at URL; the old one is refused from then on.

    Every guard on either has to be stopped. The key file stays as it is.
    """
    copied = asyncio.run(_move(_settings(config), url))
    click.echo(f"moved     {_told(copied)}", err=True)
    click.echo("next      set [store] url to the new database, then: guard db check", err=True)
    _end(copied)


async def _move(settings: "Settings", url: str) -> "Copied":
    from guard.store import upkeep

    async with (
        upkeep.alone_on(settings.store.url) as source,
        upkeep.alone_on(url) as target,
    ):
        with counter("the database", "rows") as tell:
            return await upkeep.move(source, target, tell)


def _settings(config: Path) -> "Settings":
    from guard.config import load

    return load(config)


def _told(copied: "Copied") -> str:
    held, rows = copied.rows["holds"], sum(copied.rows.values())
    return f"{rows:,} rows, {held:,} of them held mails, all counted again"


def _end(copied: "Copied") -> None:
    """End with 1 where what was copied was not sound to begin with."""
    if copied.first_wrong is not None:
        click.echo(
            f"the audit log is not as it was written from row {copied.first_wrong} on, and was"
            " copied so; see: guard audit verify",
            err=True,
        )
        sys.exit(FOUND_PROBLEMS)
