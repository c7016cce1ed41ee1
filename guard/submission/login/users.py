"""
The file of logins: who may log in, with what password (argon2id, RFC 9106), and whose mail it is.

    ["ann"]
    hash = "$argon2id$v=19$m=65536,t=3,p=4$…"
    address = "ann@example.com"

It is its owner's alone (0600): a hash that is read can be guessed at, at leisure.
"""

import asyncio
import json
import os
import secrets
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import structlog
from prometheus_client import Gauge

from guard.durable import private_file
from guard.host.watched import Watched
from guard.model.address import Address, AddressError
from guard.model.errors import LoginRefusedError, SettingsError
from guard.problems import Problem
from guard.upstream.turns import Turns

log = structlog.get_logger()

CURRENT: Final = Gauge(
    "guard_logins_last_reload_successful",
    "1, or 0 while a bad file of logins is passed over for the last good one.",
    multiprocess_mode="livemin",
)

AT_ONCE: Final = 2
"""Passwords checked at the same time: each takes 64 MiB and some 50 ms of a processor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody in the file."""

    hash: str = field(repr=False)
    """Argon2id in its PHC form, with its parameters and its salt."""

    address: Address | None = None


def read_users(path: Path) -> dict[str, User]:
    """
    Read the file.

    Raises:
        SettingsError: It is missing, readable by others, or not what the module says.
    """
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise _wrong(path, "others may read it", f"chmod 600 {path}")
            tables = tomllib.loads(file.read().decode())
    except FileNotFoundError:
        raise _wrong(path, "there is no such file", "make one with: guard users set NAME") from None
    except OSError as error:
        raise _wrong(path, f"it cannot be read ({error.strerror})") from error
    except ValueError:  # its text might repeat a line of the file
        raise _wrong(path, "it is no TOML") from None
    return {name: _user(path, name, table) for name, table in tables.items()}


def write_users(path: Path, users: Mapping[str, User]) -> None:
    """
    Write the file, durably, in place of the one that is there.

    Raises:
        OSError: It cannot be written; the old one is still there.
    """
    with private_file(path, replace=True) as file:
        for name, user in sorted(users.items()):
            facts = {"hash": user.hash} | ({"address": user.address.text} if user.address else {})
            # JSON strings are TOML strings, as long as no control character stands in them.
            lines = [f"[{_quoted(name)}]", *(f"{key} = {_quoted(v)}" for key, v in facts.items())]
            file.write("\n".join((*lines, "", "")).encode())


def hashed(password: str) -> str:
    """Give the hash of a password; takes a while."""
    from argon2 import PasswordHasher

    return PasswordHasher().hash(password)


class UserFile:
    """
    Checks passwords by the file, which is read again when it changes.

    A new file that cannot be used is told of, and the last good one stays in force. A name that is
    not there takes as long as a wrong password.
    """

    def __init__(self, path: Path) -> None:
        """
        Read the file.

        Raises:
            SettingsError: It cannot be used.
        """
        self._path = path
        self._file = Watched((path,))
        self._users = read_users(path)
        self._nobody = User(hash=hashed(secrets.token_urlsafe()))
        self._turns = Turns(AT_ONCE)
        CURRENT.set(1)

    async def check(self, name: str, password: str) -> Address | None:
        """
        Check a password, and give the mail address that the file has for *name*.

        Raises:
            LoginRefusedError: Name or password are wrong.
            UpstreamError: Too many others wait for the same.
        """
        async with self._turns.mine():
            self._read_again()
            user = self._users.get(name, self._nobody)
            matches = await asyncio.to_thread(_verifies, user.hash, password)
        if not matches or user is self._nobody:
            raise LoginRefusedError
        return user.address

    def _read_again(self) -> None:
        if not self._file.changed():
            return
        try:
            self._users = read_users(self._path)
        except SettingsError as error:
            CURRENT.set(0)
            log.error("logins.refused", problems=[str(problem) for problem in error.problems])  # noqa: TRY400
        else:
            CURRENT.set(1)
            log.info("logins.loaded", logins=len(self._users))


def _verifies(hash_: str, password: str) -> bool:
    """Whether *password* is the one that was hashed. Runs in a thread."""
    from argon2 import PasswordHasher
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return PasswordHasher().verify(hash_, password)
    except (VerificationError, InvalidHashError):
        return False


def _user(path: Path, name: str, table: object) -> User:
    """Check one table of the file."""
    match table:
        case {"hash": str(hash_), **rest} if hash_.startswith("$argon2id$") and (
            not rest.keys() - {"address"}
        ):
            try:
                address = Address.parse(str(rest["address"])) if rest else None
            except AddressError as error:
                raise _wrong(path, f"[{_quoted(name)}] has a bad address: {error}") from None
            return User(hash=hash_, address=address)
    raise _wrong(
        path,
        f"[{_quoted(name)}] is no login",
        "one has a hash that begins with $argon2id$, perhaps an address, and nothing else",
    )


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _wrong(path: Path, message: str, hint: str = "") -> SettingsError:
    return SettingsError([Problem(file=str(path), line=0, message=message, hint=hint)], {})
