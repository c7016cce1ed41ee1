"""``guard demo``: the whole loop on this computer, to look at and to try."""

import asyncio
import contextlib
import json
import secrets
import signal
import sys
import tempfile
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from guard.cli.called import called
from guard.cli.errors import AWAY, FOUND_PROBLEMS, fail
from guard.cli.options import json_option, lang_option, spoken_language

if TYPE_CHECKING:
    from guard.demo.journal import Decision
    from guard.demo.stage import Stage
    from guard.demo.words import Language

MAIL_IN: Final = 2525
WAY_CELLS: Final = 56
"""Width of the column with sender, recipient and files, in terminal cells."""


@click.group(invoke_without_command=True)
@click.option("--once", is_flag=True, help="Send the sample mails, print the decisions, and end.")
@json_option
@lang_option
@click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep database, keys and guard.toml in this new folder.",
)
@click.pass_context
def demo(
    context: click.Context, *, once: bool, as_json: bool, lang: str | None, keep: Path | None
) -> None:
    """
    Show a working guard, with nothing to set up.

    Starts a guard, a pretend mail server behind it and a page to look at, and sends sample mails
    through. Everything stays on this computer, and is removed in the end.
    """
    if context.invoked_subcommand is not None:
        return
    if keep is not None and keep.exists() and any(keep.iterdir()):
        raise click.BadParameter(f"{keep} is not empty", param_hint="--keep")
    from guard.telemetry import configure

    configure(level="error")
    as_expected = asyncio.run(
        _demo(once=once, as_json=as_json, language=spoken_language(lang), keep=keep)
    )
    if once and not as_expected:
        context.exit(FOUND_PROBLEMS)


@demo.command()
@click.option("--to", "recipients", multiple=True, required=True, help="May be repeated.")
@click.option("--from", "sender", default="yamada@example.co.jp", show_default=True)
@click.option("--subject", default="お見積りの件 / Your quotation", show_default=True)
@click.option("--text", default="お世話になっております。\n\nHello.\n", help="What it says.")
@click.option(
    "--attach",
    "paths",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A file to send with it; may be repeated.",
)
@click.option("--port", default=MAIL_IN, show_default=True, help="Where the demo takes mail.")
def send(
    *,
    recipients: tuple[str, ...],
    sender: str,
    subject: str,
    text: str,
    paths: tuple[Path, ...],
    port: int,
) -> None:
    """Send a mail of your own through the running demo, and print its answer."""
    from datetime import UTC, datetime

    from guard.demo.letter import Letter, hand_in, of_path
    from guard.demo.ports import HOST

    letter = Letter(
        id=f"own-{secrets.token_hex(8)}",
        sender=sender,
        to=tuple(("", each) for each in recipients),
        subject=subject,
        text=text,
        files=tuple(of_path(path) for path in paths),
    )
    try:
        octets = letter.octets(at=datetime.now(UTC))
    except ValueError as error:
        raise click.UsageError(f"an address or the subject cannot be sent: {error}") from error
    try:
        reply = hand_in(letter, octets, (HOST, port))
    except OSError:
        fail(f"no demo answers on port {port}; start one with: {called()} demo", AWAY)
    click.echo(str(reply))
    if not reply.is_positive:
        raise SystemExit(FOUND_PROBLEMS)


async def _demo(*, once: bool, as_json: bool, language: "Language", keep: Path | None) -> bool:
    """Run the demo; gives whether every decision was the expected one."""
    from guard.demo.journal import Journal
    from guard.demo.ports import ANY, Ports
    from guard.demo.stage import staged

    journal = Journal((lambda _: None) if as_json else _Lines(language))
    ended = _ended()
    as_expected = True
    with _folder(keep) as folder:
        try:
            async with staged(
                folder, journal, ports=ANY if once else Ports(), language=language
            ) as stage:
                if not once:
                    _greet(stage, language)
                as_expected = await _until(ended, _play(stage, as_json=as_json))
                if not once and not ended.is_set():
                    _invite(stage, language)
                    await ended.wait()
        except OSError as error:
            fail(f"the demo cannot run: {error}", AWAY)
        if keep is not None:
            click.echo(f"{called()} held list --config {folder / 'guard.toml'}", err=True)
    return as_expected


async def _play(stage: "Stage", *, as_json: bool) -> bool:
    """Send the script; gives whether every decision was the expected one."""
    from guard.demo.play import play
    from guard.demo.script import script

    as_expected = True
    async for played in play(script(), stage.journal, stage.mail_in):
        as_expected &= played.as_expected
        if as_json:
            click.echo(json.dumps(played.as_json(), ensure_ascii=False))
        if not played.as_expected:
            expected = f"{played.scene.action.word} {played.scene.rule or ''}".strip()
            got = f"{played.decision} {played.rule or ''}".strip()
            subject = played.scene.letter.subject
            click.echo(f"guard: {subject}: expected {expected}, got {got}", err=True)
    return as_expected


async def _until(ended: asyncio.Event, work: Coroutine[Any, Any, bool]) -> bool:
    """Do *work*, but give it up when the visitor ends the demo; that counts as well done."""
    working = asyncio.create_task(work)
    ending = asyncio.create_task(ended.wait())
    await asyncio.wait({working, ending}, return_when=asyncio.FIRST_COMPLETED)
    ending.cancel()
    if not working.done():
        working.cancel()
        await asyncio.wait({working})
    return True if working.cancelled() else working.result()


def _ended() -> asyncio.Event:
    """Give what is set once somebody ends the demo: Ctrl-C, SIGTERM, or a closed terminal."""
    ended = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(name, ended.set)
    return ended


@contextlib.contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    """Give a folder of the visitor's alone (0700): *keep*, or one that is removed in the end."""
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="guard-demo-") as folder:
            yield Path(folder)
    else:
        keep.mkdir(mode=0o700, parents=True, exist_ok=True)
        keep.chmod(0o700)
        yield keep.resolve()


class _Lines:
    """Prints each decision as it is made: aligned on a terminal, parted by tabs in a pipe."""

    def __init__(self, language: "Language") -> None:
        from guard.demo.words import words

        self._words = words(language)

    def __call__(self, decision: "Decision") -> None:
        at = decision.at.astimezone().strftime("%H:%M:%S")
        to = decision.recipients[0]
        if len(decision.recipients) > 1:
            to = f"{len(decision.recipients)} {self._words['recipients']}"
        files = "".join(f" + {name}" for name in decision.attachments)
        word = self._words[f"line_{decision.action.word}"]
        if sys.stdout.isatty():
            from rich.cells import set_cell_size

            way = set_cell_size(f"{decision.sender.partition('@')[0]} → {to}{files}", WAY_CELLS)
            word = set_cell_size(word, 16)
            click.echo(f"  ✓ {at}  {way}  {word} {decision.rule or ''}".rstrip())
        else:
            click.echo("\t".join((at, decision.sender, f"{to}{files}", word, decision.rule or "")))


def _greet(stage: "Stage", language: "Language") -> None:
    from rich.cells import set_cell_size

    from guard.demo.words import words

    w = words(language)
    rows = (
        (w["mail_in"], "{}:{}".format(*stage.mail_in), w["mail_in_note"]),
        (w["mail_out"], "{}:{}".format(*stage.mail_out), w["mail_out_note"]),
        (w["look"], f"http://{stage.page}/", ""),
    )
    stock = w["stock"].format(contacts=stage.contacts, customers=stage.customers, rules=stage.rules)
    click.echo(f"{w['title']} — {w['safe']} {w['end']}\n", err=True)
    for name, where, note in rows:
        line = f"  {set_cell_size(name, 14)}{set_cell_size(where, 25)}{note}"
        click.echo(line.rstrip(), err=True)
    click.echo(f"\n  ✓ {stock}", err=True)


def _invite(stage: "Stage", language: "Language") -> None:
    from guard.demo.words import words

    w = words(language)
    port = "" if stage.mail_in[1] == MAIL_IN else f"--port {stage.mail_in[1]} "
    click.echo(f"\n  {w['open_page']}  http://{stage.page}/", err=True)
    click.echo(
        f"  {w['try']}:  {called()} demo send {port}--to sato@kita-shojl.example\n", err=True
    )
