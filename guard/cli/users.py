"""``guard users``: the file of logins, for `logins.by = "file"`."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from guard.cli.errors import AWAY, FOUND_PROBLEMS, fail
from guard.cli.options import AddressType, config_option, json_option
from guard.model.address import Address

if TYPE_CHECKING:
    from guard.submission.login.users import User

NAME_OCTETS: Final = 255


class LoginName(click.ParamType[str]):
    """A login on the command line: something that fits on a line, and that a client can send."""

    name = "name"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Read it, or end with wrong usage (2)."""
        fits = 0 < len(value.encode()) <= NAME_OCTETS
        if not (fits and value.isprintable() and value == value.strip()):
            reason = f"a login is 1 to {NAME_OCTETS} octets that can be printed, no spaces outside"
            self.fail(reason, param, ctx)
        return value


@click.group()
def users() -> None:
    """Look after the file of logins, for `logins.by = "file"`."""


@users.command("set")
@click.argument("name", type=LoginName())
@click.option("--address", type=AddressType(), help="Mail address of this person.")
@click.option("--password-stdin", is_flag=True, help="Read the password from stdin, one line.")
@config_option
def set_(*, name: str, address: Address | None, password_stdin: bool, config: Path) -> None:
    """
    Give NAME a password; a login that is not there yet is made.

    It is asked for twice and not shown. A running guard knows it at once.
    """
    from guard.submission.login.users import User, hashed

    path = _path(config)
    known = _users(path)
    password = _piped() if password_stdin else _asked()
    if not password or "\0" in password:
        raise click.UsageError("a password must not be empty")
    before = known.get(name)
    kept = address or (before.address if before else None)
    _write(path, known | {name: User(hash=hashed(password), address=kept)})
    click.echo(f"{name} {'has a new password' if before else 'can log in now'}", err=True)


@users.command("list")
@json_option
@config_option
def list_(*, as_json: bool, config: Path) -> None:
    """List the logins with their addresses; passwords are not even known."""
    for name, user in sorted(_users(_path(config)).items()):
        address = user.address.text if user.address else None
        if as_json:
            click.echo(json.dumps({"name": name, "address": address}, ensure_ascii=False))
        else:
            click.echo(f"{name}  {address}" if address else name)


@users.command()
@click.argument("name")
@config_option
def remove(*, name: str, config: Path) -> None:
    """Remove NAME, who cannot log in from then on."""
    path = _path(config)
    known = _users(path)
    if name not in known:
        fail("there is no such login", FOUND_PROBLEMS)
    _write(path, {other: user for other, user in known.items() if other != name})


def _path(config: Path) -> Path:
    from guard.config import load

    return load(config).logins.users


def _users(path: Path) -> "dict[str, User]":
    """Read the file; one that is not there yet has nobody in it."""
    from guard.submission.login.users import read_users

    return read_users(path) if path.exists() else {}


def _write(path: Path, known: "dict[str, User]") -> None:
    from guard.submission.login.users import write_users

    try:
        write_users(path, known)
    except OSError as error:
        fail(f"{path} cannot be written ({error.strerror})", AWAY)


def _asked() -> str:
    """Ask on the terminal, twice, without echo; what is asked is no data."""
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return password


def _piped() -> str:
    return sys.stdin.readline().rstrip("\r\n")
