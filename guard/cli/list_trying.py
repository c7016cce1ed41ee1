"""``guard lists test``: which rows of a list stand in a file."""

import asyncio
import json
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from guard.cli.errors import FOUND_PROBLEMS
from guard.cli.options import GIVEN_FILE, config_option, json_option
from guard.cli.progress import bar

if TYPE_CHECKING:
    from guard.model.extract import Extract, Passage
    from guard.sandbox import Sandbox
    from guard.store.lists import ListFolder

NO_LIMIT: Final = 1 << 31
"""Rows found in a file that is tried: all of them, where the mail's way counts up to a limit."""


@click.command()
@click.argument("name")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=GIVEN_FILE)
@json_option
@config_option
def test(name: str, files: Sequence[str], *, as_json: bool, config: Path) -> None:
    """
    Say how many rows of the list NAME stand in each FILE, which may be an .eml too.

    Files are opened as attachments are. Rows are those that policies count. Others may be chance:
    too little of them stands there, as a common name and a birthday. Ends with 1 if a file could
    not be read whole. --json prints a line a file with the numbers of the rows.
    """
    from guard.config import load
    from guard.store.keys import KeyRing
    from guard.store.lists import ListFolder

    settings = load(config)
    ring = KeyRing.open(settings.store.key_file, create=False)
    key_id, key = ring.current("lists")
    folder = ListFolder(settings.lists.folder, key, key_id, older=partial(ring.get, "lists"))
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
            rows, possible = _rows(folder, name, extract.passages, file)
            whole &= extract.state is ReadState.READ
            reasons = [reason.value for reason in extract.reasons]
            if as_json:
                answer = {
                    "file": file,
                    "state": extract.state.value,
                    "reasons": reasons,
                    "rows": rows,
                    "count": len(rows),
                    "possible": len(possible),
                    "possible_rows": possible,
                }
                click.echo(json.dumps(answer, ensure_ascii=False))
            else:
                why = f" ({', '.join(reasons)})" if reasons else ""
                maybe = f"\t{len(possible):,} more may be chance, not counted" if possible else ""
                click.echo(f"{file}\t{len(rows):,} rows\t{extract.state.value}{why}{maybe}")
    finally:
        await sandbox.stop()
    return whole


def _rows(
    folder: "ListFolder", name: str, passages: "Sequence[Passage]", file: str
) -> tuple[list[int], list[int]]:
    """
    Give the rows that certainly stand in *passages*, and the others that may.

    Of each passage only the numbers are kept: a hit is a hundred times as large.
    """
    certain: set[int] = set()
    maybe: set[int] = set()
    chars, total = 0, max(1, sum(len(passage.text) for passage in passages))
    with bar(file, "rows") as tell:
        tell(0, 0.0)
        for passage in passages:
            (hits,) = folder.search_now([name], [passage], [], max_rows=NO_LIMIT)
            for hit in hits:
                (certain if hit.certain else maybe).add(hit.row)
            chars += len(passage.text)
            tell(len(certain), chars / total)
    return sorted(certain), sorted(maybe - certain)


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
