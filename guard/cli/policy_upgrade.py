"""``guard policy upgrade``: old words of the language become new ones, comments and layout stay."""

import difflib
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from guard.cli.errors import FOUND_PROBLEMS, fail
from guard.cli.policy_path import configured, policy_path
from guard.model.errors import SettingsError
from guard.policy import renamed
from guard.policy.document import NotPlainError
from guard.policy.files import policy_files


@click.command()
@click.argument("path", type=policy_path, required=False)
@click.option("--write", is_flag=True, help="Change the files.")
def upgrade(path: Path | None, *, write: bool) -> None:
    """
    Put the new word where a policy has an old one; without PATH as policy check.

    Shows what would change as a diff, and ends with 1 while there is something to change; --write
    changes it. Nothing else of a file is touched.
    """
    path = path or configured()
    found = [*_outdated(path)]
    for file, before, after in found:
        if write:
            _replace(file, after)
            click.echo(f"{file}: upgraded", err=True)
        else:
            click.echo("".join(_diff(file, before, after)), nl=False)
    if not found:
        click.echo(f"{path}: nothing to upgrade", err=True)
    elif not write:
        click.echo("to change the files: guard policy upgrade --write", err=True)
        sys.exit(FOUND_PROBLEMS)


def _outdated(path: Path) -> Iterator[tuple[Path, str, str]]:
    """Give each file in which old words stand, with its text before and after."""
    for file in policy_files(path):
        try:
            # Line ends and a byte order mark stay as they are.
            text = file.read_bytes().decode("utf-8")
            bare = text.removeprefix("\ufeff")
            old = renamed.changes(bare, str(file), renamed=renamed.RENAMED)
        except NotPlainError as error:
            raise SettingsError(error.problems, {str(file): text}) from error
        except UnicodeDecodeError:
            fail(f"{file}: this is not UTF-8", FOUND_PROBLEMS)
        if old:
            yield file, text, text[: len(text) - len(bare)] + renamed.changed(bare, old)


def _diff(file: Path, before: str, after: str) -> Iterator[str]:
    return difflib.unified_diff(
        before.splitlines(keepends=True),
        after.splitlines(keepends=True),
        fromfile=str(file),
        tofile=f"{file} (new words)",
    )


def _replace(file: Path, text: str) -> None:
    """Exchange a file for one of the same rights, whole or not at all."""
    beside = file.with_name(f".{file.name}.new")
    try:
        with beside.open("xb") as stream:
            beside.chmod(file.stat().st_mode & 0o7777)
            stream.write(text.encode())
        beside.replace(file)
    except FileExistsError:
        fail(f"{beside} is in the way: left by an upgrade that was cut off", FOUND_PROBLEMS)
    except OSError as error:
        beside.unlink(missing_ok=True)
        fail(f"{file}: cannot be written ({error.strerror})", FOUND_PROBLEMS)
