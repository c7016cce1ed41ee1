"""``guard lists``: import customer lists, keep them up to date, forget them."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from guard.cli.errors import FOUND_PROBLEMS, fail
from guard.cli.list_status import status
from guard.cli.list_telling import complain, describe, hint, line_of, row_of, summarise
from guard.cli.list_trying import test
from guard.cli.options import config_option, json_option
from guard.cli.progress import bar
from guard.cli.synced import exit_code, wanted
from guard.problems import did_you_mean

if TYPE_CHECKING:
    from guard.app.list_report import ListReport
    from guard.lists.gathered import Gathered

_SOURCE: Final = click.Path(path_type=Path, exists=True)


@click.group()
def lists() -> None:
    """
    Keep customer lists, as fingerprints and never as text, and try files against them.

    A list has a name, by which policies speak of it (contains: NAME). Import it from files, or name
    its source in guard.toml ([[list_source]]) and have it kept up to date.
    """


lists.add_command(test)
lists.add_command(status)


@lists.command("import")
@click.argument("name")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=_SOURCE)
@click.option(
    "--columns",
    help="Say what columns hold: 氏名=name,TEL=phone,備考=ignore. It is remembered for the next "
    "import; '' forgets it.",
)
@click.option("--sheet", help="Sheet of a workbook; default: the first with usable headers.")
@click.option(
    "--accept-fewer",
    is_flag=True,
    help="A fifth of the rows, or a kind of column, may be gone since the last import.",
)
@click.option(
    "--add",
    is_flag=True,
    help="Add the rows to the list: one with a customer number (or an e-mail address, where it "
    "has no numbers) that the list has takes its place, all others stay.",
)
@click.option("--quiet", is_flag=True, help="Say nothing unless something is wrong.")
@config_option
def import_(
    name: str,
    files: Sequence[Path],
    *,
    columns: str | None,
    sheet: str | None,
    accept_fewer: bool,
    add: bool,
    quiet: bool,
    config: Path,
) -> None:
    """
    Make the list NAME from each FILE (CSV, TSV, xlsx, xls, ods), in place of what it was.

    A FILE may be a folder of such files; all are one list. Encoding, separator and columns are
    found, also in exports of kintone, Salesforce, HubSpot and Sansan: look at what is said of them.
    A list needs a column with e-mail addresses, telephone or customer numbers, companies, addresses
    or birthdays, and one more. Kinds of column: email phone id name last first kana last_kana
    first_kana company postcode address birthday ignore.

    Rows that are empty, broken or stand there twice are left out and told with their lines; with
    more than 1 % broken ones (and more than 10) nothing is imported. Nor is a list that has lost a
    fifth of its rows, which ends with 1: see --accept-fewer. Whatever goes wrong, and after Ctrl-C,
    the list is as it was. A running guard takes the new list by itself.
    """
    with _as_it_was(name):  # loading takes a second in which Ctrl-C may come, too
        _import(
            name,
            files,
            columns=columns,
            sheet=sheet,
            accept_fewer=accept_fewer,
            add=add,
            quiet=quiet,
            config=config,
        )


@lists.command()
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--accept-fewer", is_flag=True, help="A fifth of the rows, or more, may be gone.")
@click.option("--full", is_flag=True, help="Read files again that did not change.")
@click.option("--quiet", is_flag=True, help="Say nothing unless something is wrong.")
@json_option
@config_option
def sync(
    names: tuple[str, ...],
    *,
    accept_fewer: bool,
    full: bool,
    quiet: bool,
    as_json: bool,
    config: Path,
) -> None:
    """
    Import the lists that have a source in guard.toml: all of them, or each NAME.

    A running guard does so by itself once a day. A list whose source is away, broken or has lost a
    fifth of its rows stays as it was, and the others go on. Ends with 1 if one failed, with 75 if
    trying again later may help.
    """
    from guard.app.list_import import ListImporter
    from guard.cli.stored import administrator
    from guard.config import load

    settings = load(config)
    sources = wanted(settings.list_source, names, "[[list_source]]")
    if not sources:
        fail("no [[list_source]] stands in guard.toml; see docs/customer-lists.md", FOUND_PROBLEMS)
    reports: list[ListReport] = []
    with ListImporter(settings, actor=administrator()) as importer:
        for its in sources:
            with _as_it_was(its.name), bar(its.name, "rows", shown=not quiet) as tell:
                report = importer.sync(its, accept_fewer=accept_fewer, full=full, tell=tell)
            reports.append(report)
            if as_json:
                click.echo(json.dumps(row_of(report), ensure_ascii=False))
            elif report.is_well and not quiet:
                click.echo(line_of(report))
            if report.taken is not None:
                complain(report.taken)
            if not report.is_well:
                click.echo(f"guard: {report.message}", err=True)
    sys.exit(exit_code({report.end for report in reports}))


@lists.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@config_option
def forget(name: str, *, yes: bool, config: Path) -> None:
    """
    Take the list NAME out: its index, here and on other nodes, and what was said of its columns.

    Rules that speak of it find nothing from then on. That it was there, and that it was forgotten,
    stays in the audit log. A list that has a source in guard.toml comes back with the next sync:
    take it out there first.
    """
    from guard.app.list_import import ListImporter
    from guard.cli.stored import administrator
    from guard.config import load
    from guard.policy.load import read

    settings = load(config)
    with ListImporter(settings, actor=administrator()) as importer:
        known = importer.names()
    if name not in known:
        meant = did_you_mean(name, known)
        fail(f"there is no list “{name}”{f'; {meant}' if meant else ''}", FOUND_PROBLEMS)
    if any(its.name == name for its in settings.list_source):
        click.echo(
            f"hint: “{name}” has a [[list_source]] in {config} and comes back with the next sync",
            err=True,
        )
    policy = read(settings.policies).policy
    if policy is not None and name in policy.list_names:
        click.echo(f"hint: rules of the policy look for “{name}”, and will find nothing", err=True)
    if not yes:
        click.confirm(f"Forget the list “{name}”?", abort=True, err=True)
    with ListImporter(settings, actor=administrator()) as importer:
        importer.forget(name)
    click.echo(f"“{name}” is forgotten; the audit log keeps that it was there", err=True)


def _import(
    name: str,
    files: Sequence[Path],
    *,
    columns: str | None,
    sheet: str | None,
    accept_fewer: bool,
    add: bool,
    quiet: bool,
    config: Path,
) -> None:
    from guard.app.list_import import ListImporter
    from guard.app.list_origins import paths_origin
    from guard.cli.stored import administrator
    from guard.config import load
    from guard.lists.gathered import gathered
    from guard.lists.sources import columns_option

    settings = load(config)
    told = None if columns is None else columns_option(columns)

    @contextmanager
    def opening(overrides: Mapping[str, str]) -> Iterator["Gathered"]:
        with gathered(files, overrides=overrides, sheet=sheet) as opened:
            if not quiet:
                describe(opened, overrides if columns is None else {})
            yield opened

    origin = paths_origin(files)
    with (
        ListImporter(settings, actor=administrator()) as importer,
        bar(origin, "rows", shown=not quiet) as tell,
    ):
        if add:
            taken = importer.add(name, opening, told=told, origin=origin, tell=tell)
        else:
            taken = importer.take(
                name, opening, told=told, origin=origin, accept_fewer=accept_fewer, tell=tell
            )
    complain(taken)
    if not quiet:
        summarise(taken)
    hint(settings, name)


@contextmanager
def _as_it_was(name: str) -> Iterator[None]:
    """Say of a list, after Ctrl-C, that nothing became of it."""
    try:
        yield
    except KeyboardInterrupt:
        click.echo(f"guard: {name}: stopped; the list is as it was", err=True)
        raise
