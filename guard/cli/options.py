"""Options and kinds of argument that several commands share."""

import os
import sys
from pathlib import Path
from typing import Any, Final, Literal

import click

from guard.model.address import Address, AddressError

GIVEN_FILE: Final = click.Path(exists=True, dir_okay=False, readable=True)
"""A file to read, as text: answers name it as it was given, ``./a.csv`` too."""


def _with_logs(_: click.Context, __: click.Parameter, value: Path) -> Path:
    """Send log lines to stderr: among data on stdout one would break whoever reads it."""
    from guard.telemetry import configure  # not for `guard version`

    configure(stream=sys.stderr)
    return value


config_option = click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("guard.toml"),
    show_default=True,
    callback=_with_logs,
    help="Settings file; every key can also be a variable like GUARD_UPSTREAM__ADDRESS.",
)

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON lines.")

lang_option = click.option(
    "--lang", type=click.Choice(["ja", "en"]), help="Language; as the locale says where not given."
)


def spoken_language(given: str | None) -> Literal["ja", "en"]:
    """Take the language of the locale where none is given (POSIX: LC_ALL, LC_MESSAGES, LANG)."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    spoken = given or next((os.environ[name] for name in names if os.environ.get(name)), "")
    return "ja" if spoken.startswith("ja") else "en"


class AddressType(click.ParamType[Address]):
    """An address on the command line."""

    name = "address"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> Address:
        """Read it, or end with wrong usage (2)."""
        try:
            return Address.parse(value)
        except AddressError as error:
            self.fail(f"{value}: {error}; write it like name@example.com", param, ctx)


class OutFile(click.Path):
    """A file to write: a new one, or an ordinary one that it replaces."""

    def __init__(self) -> None:
        super().__init__(path_type=Path, dir_okay=False)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Read it, or end with wrong usage (2): a device or a pipe must not be replaced."""
        path = Path(str(value))
        if str(value) in {"", "."} or (path.exists() and not path.is_file()):
            self.fail(f"{value}: is no ordinary file", param, ctx)
        return path
