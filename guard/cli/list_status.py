"""``guard lists status``: how the lists stand."""

import asyncio
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from guard.cli.ages import age_s, when
from guard.cli.errors import FOUND_PROBLEMS
from guard.cli.options import config_option, json_option

if TYPE_CHECKING:
    from guard.config import Settings
    from guard.store.imports import ListImport, ListSource


@dataclass(frozen=True, slots=True)
class _Known:
    """What the store knows of lists."""

    imports: "Mapping[str, ListImport]"
    sources: "Mapping[str, ListSource]"


@click.command()
@json_option
@config_option
def status(*, as_json: bool, config: Path) -> None:
    """
    Show the lists: rows, age, owner, source, and whether they are whole.

    Every octet of an index is checked under the key, which takes a second for ten million rows.
    Ends with 1 if a list is lost or damaged, or if its source could not be read the last time.
    """
    from guard.config import load

    well = True
    for answer in _statuses(load(config)):
        well = well and not answer["problem"] and not answer["error"]
        if as_json:
            click.echo(json.dumps(answer, ensure_ascii=False))
        else:
            _tell(answer)
    sys.exit(0 if well else FOUND_PROBLEMS)


def _tell(answer: dict[str, Any]) -> None:
    from datetime import datetime

    words = [answer["name"]]
    if answer["problem"]:
        words.append(answer["problem"])
    else:
        words += [
            f"{answer['rows']:,} rows",
            f"imported {when(datetime.fromisoformat(answer['imported']))}",
            f"found by {', '.join(answer['found_by'])}",
            f"version {answer['version']}",
        ]
    if answer["owner"]:
        words.append(f"of {answer['owner']}")
    if answer["origin"]:
        words.append(f"from {answer['origin']}")
    if answer["source"]:
        tried = answer["tried_at"]
        words.append(
            f"source read {when(datetime.fromisoformat(tried))}" if tried else "never read"
        )
    if answer["error"]:
        words.append(answer["error"])
    click.echo("\t".join(words))


def _statuses(settings: "Settings") -> Iterator[dict[str, Any]]:
    from guard.lists.paths import index_path, indexes
    from guard.policy.load import read

    known = asyncio.run(_known(settings))
    policy = read(settings.policies).policy
    owners = {name: its.owner for name, its in policy.lists.items()} if policy else {}
    kinds = {its.name: its.kind for its in settings.list_source}
    found = dict(indexes(settings.lists.folder))
    expected = {*known.imports, *kinds}
    lost = {name: index_path(settings.lists.folder, name) for name in expected}
    for name, path in sorted((lost | found).items()):
        source = known.sources.get(name)
        tried = source.tried_at if source else None
        yield {
            "name": name,
            "owner": owners.get(name, ""),
            "source": kinds.get(name, ""),
            "origin": source.origin if source else "",
            "parts": list(source.parts) if source else [],
            "tried_at": tried.isoformat() if tried else None,
            "error": source.error if source else "",
            **_index(settings, name, path),
        }


def _index(settings: "Settings", name: str, path: Path) -> dict[str, Any]:
    """Say what an index is, and why it cannot be used."""
    from datetime import datetime

    from guard.lists.layout import read_header
    from guard.model.errors import KeyFileError, SourceError
    from guard.store.keys import KeyRing
    from guard.store.lists import ListFolder

    answer: dict[str, Any] = {"problem": ""}
    try:
        header = read_header(path)
        answer |= {
            "rows": header.rows,
            "version": header.version,
            "imported": header.imported,
            "age_s": age_s(datetime.fromisoformat(header.imported)),
            "found_by": list(header.anchors),
            "key": header.key_id,
            "bytes": path.stat().st_size,
        }
        ring = KeyRing.open(settings.store.key_file, create=False)
        key_id, key = ring.current("lists")
        folder = ListFolder(settings.lists.folder, key, key_id, older=partial(ring.get, "lists"))
        folder.verified(name)
        answer["rows"] = folder.segments(name).kept
    except (SourceError, KeyFileError) as error:
        answer["problem"] = str(error)
    return answer


async def _known(settings: "Settings") -> _Known:
    from guard.store.database import Database
    from guard.store.imports import Imports

    database = await Database.open(settings.store.url)
    try:
        imports = Imports(database)
        return _Known({each.name: each for each in await imports.all()}, await imports.sources())
    finally:
        await database.close()
