"""``guard extract``: what Guard sees in a file, for whoever asks why something was not found."""

import asyncio
import json
import sys
from pathlib import Path

import click

from guard.cli.errors import FOUND_PROBLEMS
from guard.cli.options import GIVEN_FILE, json_option
from guard.model.extract import Extract, ReadState
from guard.model.message import Attachment
from guard.sandbox import Limits, Sandbox


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=GIVEN_FILE)
@click.option(
    "--password-file",
    type=GIVEN_FILE,
    help="First line: the password of what is encrypted.",
)
@click.option(
    "--ocr-pages",
    type=click.IntRange(0, 200),
    default=0,
    metavar="N",
    help="Recognise the text of N pictures or scanned pages a file (extra `ocr`).",
)
@json_option
def extract(
    files: tuple[str, ...], *, password_file: str | None, ocr_pages: int, as_json: bool
) -> None:
    """
    Print what Guard reads in each FILE, an .eml with its attachments included.

    Ends with 1 if a file could not be read whole.
    """
    password = _first_line(Path(password_file)) if password_file else ""
    sandbox = Sandbox(limits=Limits(ocr_pages=ocr_pages))
    whole = asyncio.run(_extract(sandbox, files, password, as_json=as_json))
    sys.exit(0 if whole else FOUND_PROBLEMS)


def _first_line(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig").partition("\n")[0].rstrip("\r")
    except UnicodeDecodeError:
        raise click.BadParameter("it is not in UTF-8", param_hint="--password-file") from None


async def _extract(
    sandbox: Sandbox, files: tuple[str, ...], password: str, *, as_json: bool
) -> bool:
    """Read and print the files; say whether all were read whole."""
    await sandbox.start()
    whole = True
    try:
        for file in files:
            octets = await asyncio.to_thread(Path(file).read_bytes)
            attachment = Attachment(
                part="", name=file, content_type="application/octet-stream", octets=octets
            )
            (found,) = await sandbox.read([attachment], password=password)
            whole &= found.state is ReadState.READ
            click.echo(_line(found) if as_json else _page(found))
    finally:
        await sandbox.stop()
    return whole


def _line(found: Extract) -> str:
    line = {
        "file": found.file,
        "state": found.state,
        "reasons": found.reasons,
        "text": found.text,
        "seconds": round(found.seconds, 3),
    }
    return json.dumps(line, ensure_ascii=False)


def _page(found: Extract) -> str:
    """Show the text under its places."""
    reasons = f" ({', '.join(found.reasons)})" if found.reasons else ""
    lines = [f"{found.file}: {found.state}{reasons}"]
    for passage in found.passages:
        place = passage.place or "text"
        row = f", from row {passage.first_row}" if passage.first_row > 1 else ""
        lines.append(f"\n[{place}{row}]\n{passage.text}")
    return "\n".join(lines) + "\n"
