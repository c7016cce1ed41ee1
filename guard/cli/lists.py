"""``guard lists``: import customer lists, and try files against them."""

import asyncio
import json
import math
import sys
from collections.abc import Iterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from guard.cli.errors import FOUND_PROBLEMS
from guard.cli.options import GIVEN_FILE, config_option, json_option
from guard.cli.progress import counter
from guard.problems import did_you_mean

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from guard.config import Settings
    from guard.lists.sources import Source
    from guard.model.extract import Extract
    from guard.sandbox import Sandbox
    from guard.store.imports import Imports, ListImport
    from guard.store.lists import ListFolder

NO_LIMIT: Final = 1 << 31
"""Rows found in a file that is tried: all of them, where the mail's way counts up to a limit."""

SHRUNK: Final = 0.2
"""Share of its rows that a list may lose by an import without a word of warning."""

_SOURCE: Final = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.group()
def lists() -> None:
    """Keep customer lists, as fingerprints and never as text, and try files against them."""


@lists.command("import")
@click.argument("name")
@click.argument("file", type=_SOURCE)
@click.option(
    "--columns", default="", help="Say what columns hold: 氏名=name,TEL=phone,備考=ignore"
)
@click.option("--sheet", help="Sheet of a workbook; default: the first with usable headers.")
@click.option("--quiet", is_flag=True, help="Say nothing unless something is wrong.")
@config_option
def import_(
    name: str, file: Path, *, columns: str, sheet: str | None, quiet: bool, config: Path
) -> None:
    """
    Make the list NAME from FILE (CSV, TSV, xlsx, xls, ods), in place of what it was.

    A running guard takes the new list by itself.
    """
    from datetime import UTC, datetime

    from guard.config import load
    from guard.lists.build import build
    from guard.lists.sources import columns_option, source
    from guard.store.imports import ListImport
    from guard.store.keys import KeyRing

    settings = load(config)
    key_id, key = KeyRing.open(settings.store.key_file, create=True).current("lists")
    now = datetime.now(UTC)
    with (
        source(file, overrides=columns_option(columns), sheet=sheet) as opened,
        counter(file.name, "rows", shown=not quiet) as progress,
    ):
        result = build(
            opened.rows,
            opened.columns,
            folder=settings.lists.folder,
            name=name,
            key=key,
            key_id=key_id,
            now=now,
            progress=progress,
        )
    done = ListImport(name=name, version=result.version, imported_at=now, rows=result.kept)
    before = asyncio.run(_record(settings, done))
    _warn(settings, name, before=before, rows=result.kept)
    if not quiet:
        _describe(opened, result.read)
        click.echo(
            f"{result.kept:,} rows kept as fingerprints · {result.without:,} without any usable "
            f"value · {result.duplicates:,} duplicates · nothing else is stored",
            err=True,
        )


async def _record(settings: "Settings", done: "ListImport") -> int:
    """Note an import in the store, once its index is in place; give the rows of the one before."""
    async with _imports(settings) as imports:
        before = await imports.last(done.name)
        await imports.record(done)
    return before.rows if before else 0


async def _imported(settings: "Settings") -> Sequence[str]:
    """Give the lists that were ever imported, whether or not their index still stands."""
    async with _imports(settings) as imports:
        return await imports.names()


@asynccontextmanager
async def _imports(settings: "Settings") -> "AsyncIterator[Imports]":
    from guard.store.database import Database
    from guard.store.imports import Imports

    database = await Database.open(settings.store.url)
    try:
        yield Imports(database)
    finally:
        await database.close()


def _warn(settings: "Settings", name: str, *, before: int, rows: int) -> None:
    """Say on stderr what looks like a slip, though it was done."""
    from guard.policy.load import read

    if rows < before * (1 - SHRUNK):
        click.echo(
            f"warning: “{name}” had {before:,} rows before and has {rows:,} now; if some are "
            "missing, import it again from the whole file",
            err=True,
        )
    policy = read(settings.policies).policy
    if policy is not None and name not in policy.lists:
        known = list(policy.lists)
        named = did_you_mean(name, known) or f"write it under lists: in {settings.policies}"
        click.echo(f"hint: no policy mentions a list “{name}” ({named})", err=True)


@lists.command()
@click.argument("name")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=GIVEN_FILE)
@json_option
@config_option
def test(name: str, files: Sequence[str], *, as_json: bool, config: Path) -> None:
    """
    Say how many rows of the list NAME stand in each FILE, which may be an .eml too.

    Files are opened as attachments are.  Ends with 1 if a file could not be read whole.
    """
    from guard.config import load
    from guard.store.keys import KeyRing
    from guard.store.lists import ListFolder

    settings = load(config)
    ring = KeyRing.open(settings.store.key_file, create=False)
    key_id, key = ring.current("lists")
    folder = ListFolder(
        settings.lists.folder, key, key_id, search_s=math.inf, older=partial(ring.get, "lists")
    )
    folder.segments(name)  # whether there is such a list is said before any file is opened
    whole = asyncio.run(_test(folder, name, files, as_json=as_json))
    sys.exit(0 if whole else FOUND_PROBLEMS)


async def _test(folder: "ListFolder", name: str, files: Sequence[str], *, as_json: bool) -> bool:
    """Print what each file has of the list; say whether all were read whole."""
    from guard.model.extract import ReadState
    from guard.sandbox import Sandbox

    whole = True
    sandbox = Sandbox()
    await sandbox.start()
    try:
        for file in files:
            extract = await _extracted(sandbox, Path(file))
            found = await folder.search([name], extract.passages, [], max_rows=NO_LIMIT)
            rows = sorted({hit.row for hits in found for hit in hits})
            whole &= extract.state is ReadState.READ
            reasons = [reason.value for reason in extract.reasons]
            if as_json:
                answer = {
                    "file": file,
                    "state": extract.state.value,
                    "reasons": reasons,
                    "rows": rows,
                    "count": len(rows),
                }
                click.echo(json.dumps(answer, ensure_ascii=False))
            else:
                why = f" ({', '.join(reasons)})" if reasons else ""
                click.echo(f"{file}\t{len(rows):,} rows\t{extract.state.value}{why}")
    finally:
        await sandbox.stop()
    return whole


async def _extracted(sandbox: "Sandbox", file: Path) -> "Extract":
    """Read one file as the guard would: a message by its own text and its attachments."""
    from guard.examine import own_text
    from guard.model.extract import Extract, ReadState, Reason
    from guard.model.message import Attachment
    from guard.parse import parse

    octets = await asyncio.to_thread(file.read_bytes)
    if file.suffix.lower() != ".eml":
        attachment = Attachment(
            part="1", name=file.name, content_type="application/octet-stream", octets=octets
        )
        (only,) = await sandbox.read([attachment])
        return only
    message = parse(octets)
    extracts = await sandbox.read(message.attachments) if message.attachments else ()
    reasons = [reason for extract in extracts for reason in extract.reasons]
    if any(defect.hides_content for defect in message.defects):
        reasons.append(Reason.DEFECT)
    return Extract(
        file=file.name,
        state=ReadState.PARTIAL if reasons else ReadState.READ,
        reasons=tuple(dict.fromkeys(reasons)),
        passages=(
            *own_text(message),
            *(passage for extract in extracts for passage in extract.passages),
        ),
    )


@lists.command()
@json_option
@config_option
def status(*, as_json: bool, config: Path) -> None:
    """Show the lists: rows, age, key. Ends with 1 if one is lost or cannot be used."""
    from guard.config import load

    usable = True
    for answer in _statuses(load(config)):
        usable = usable and not answer["problem"]
        if as_json:
            click.echo(json.dumps(answer, ensure_ascii=False))
        elif answer["problem"]:
            click.echo(f"{answer['name']}\t{answer['problem']}")
        else:
            click.echo(
                f"{answer['name']}\t{answer['rows']:,} rows\timported {answer['imported']}\t"
                f"found by {', '.join(answer['found_by'])}\tversion {answer['version']}"
            )
    sys.exit(0 if usable else FOUND_PROBLEMS)


def _statuses(settings: "Settings") -> Iterator[dict[str, Any]]:
    from guard.lists.index import index_path, indexes, read_header
    from guard.model.errors import KeyFileError, SourceError
    from guard.store.keys import KeyRing
    from guard.store.lists import ListFolder

    found = dict(indexes(settings.lists.folder))
    lost = {
        name: index_path(settings.lists.folder, name) for name in asyncio.run(_imported(settings))
    }
    for name, path in sorted((lost | found).items()):
        answer: dict[str, Any] = {"name": name, "problem": ""}
        try:
            header = read_header(path)
            answer |= {
                "rows": header.rows,
                "version": header.version,
                "imported": header.imported,
                "found_by": list(header.anchors),
                "key": header.key_id,
                "bytes": path.stat().st_size,
            }
            ring = KeyRing.open(settings.store.key_file, create=False)
            key_id, key = ring.current("lists")
            ListFolder(
                settings.lists.folder, key, key_id, older=partial(ring.get, "lists")
            ).segments(name)
        except (SourceError, KeyFileError) as error:
            answer["problem"] = str(error)
        yield answer


def _describe(source: "Source", rows: int) -> None:
    header = f"header row {source.header_line}" if source.header_line else "no header row"
    click.echo(f"{source.name}: {rows:,} rows  {source.form}, {header}", err=True)
    found = "   ".join(f"{column.header} → {column.kind}" for column in source.columns)
    click.echo(f"Columns found:   {found}", err=True)
