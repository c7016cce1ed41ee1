"""
The key ring: one small file with the secrets that a stolen database does not have.

Each purpose has subkeys of its own, which rotate alone: one is active and seals what is new, the
retired ones still open what was sealed with them.
"""

import base64
import json
import os
import secrets
import stat
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal, get_args

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, ValidationError

from guard.durable import private_file
from guard.model.errors import KeyFileError

Purpose = Literal["holds", "links", "lists", "logs"]
PURPOSES: Final[tuple[Purpose, ...]] = get_args(Purpose)
KEY_BYTES: Final = 32
VERSION: Final = 1


class Subkey(BaseModel):
    """One secret, as it stands in the file."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    id: str
    created: datetime
    state: Literal["active", "retired"]
    secret: Base64Bytes = Field(repr=False)


class RingFile(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    version: Literal[1]
    keys: dict[Purpose, tuple[Subkey, ...]]

    @classmethod
    def read(cls, path: Path) -> "RingFile":
        """
        Read the file at *path*, in which each purpose has one active subkey.

        Raises:
            KeyFileError: It is missing, damaged, or open to other users of the machine.
        """
        try:
            text = _read_private(path)
        except FileNotFoundError as error:
            raise KeyFileError(f"{path}: no key file; restore it from its backup") from error
        except OSError as error:
            raise KeyFileError(f"{path}: cannot be used ({error.strerror})") from error
        try:
            ring = cls.model_validate_json(text)
        except ValidationError:
            # Without the cause, which could show a part of a secret.
            raise KeyFileError(f"{path}: damaged; restore it from its backup") from None
        for purpose in PURPOSES:
            subkeys = ring.keys.get(purpose, ())
            active = [subkey for subkey in subkeys if subkey.state == "active"]
            ids = {subkey.id for subkey in subkeys}
            sound = all(len(subkey.secret) == KEY_BYTES for subkey in subkeys)
            if len(active) != 1 or len(ids) != len(subkeys) or not sound:
                raise KeyFileError(f"{path}: damaged at “{purpose}”; restore it from its backup")
        return ring

    def as_json(self) -> bytes:
        """Give the octets of the file."""
        keys = {
            purpose: [
                {
                    "id": subkey.id,
                    "created": subkey.created.isoformat(timespec="seconds"),
                    "state": subkey.state,
                    "secret": base64.b64encode(subkey.secret).decode(),
                }
                for subkey in subkeys
            ]
            for purpose, subkeys in self.keys.items()
        }
        return json.dumps({"version": self.version, "keys": keys}, indent=2).encode() + b"\n"


@dataclass(frozen=True, slots=True)
class _Secrets:
    """A ring, as it is asked."""

    current: Mapping[Purpose, str]
    first: Mapping[Purpose, str]
    secrets: Mapping[tuple[Purpose, str], bytes]

    @classmethod
    def of(cls, ring: RingFile) -> "_Secrets":
        return cls(
            current={
                purpose: subkey.id
                for purpose, subkeys in ring.keys.items()
                for subkey in subkeys
                if subkey.state == "active"
            },
            first={purpose: subkeys[0].id for purpose, subkeys in ring.keys.items()},
            secrets={(p, key.id): key.secret for p, keys in ring.keys.items() for key in keys},
        )

    def akin(self, other: "_Secrets") -> bool:
        """Whether it is the same ring, perhaps at another time: some subkey is in both."""
        return not self.secrets.items().isdisjoint(other.secrets.items())


class KeyRing:
    """
    Every subkey, in memory. Neither `repr` nor an error shows a secret.

    What the file has by now comes into force by `reload`. Without it two things do, so that nothing
    is sealed that does not open: a subkey that another process uses already opens, and one that was
    taken out of the file seals nothing any more.
    """

    def __init__(self, path: Path, ring: RingFile) -> None:
        """Have the ring of *path*, which reads *ring* now."""
        self._path: Final = path
        self._in_force = _Secrets.of(ring)
        self._on_file = self._in_force
        self._seen = _seen(path)

    @classmethod
    def open(cls, path: Path, *, create: bool) -> "KeyRing":
        """
        Read the ring at *path*; where there is none and *create* is true, make one (0600).

        Of several processes that make it at once one wins, and all get the same ring. Never
        create where held mail waits already: it could not be opened again (see `opening`).

        Raises:
            KeyFileError: It is missing, damaged, or open to other users of the machine.
        """
        try:
            if create and not path.exists():
                _write_new(path)
        except OSError as error:
            raise KeyFileError(f"{path}: cannot be used ({error.strerror})") from error
        return cls(path, RingFile.read(path))

    def reload(self, *, needed: Collection[str] = ()) -> None:
        """
        Put in force what the file has now; it must have the *needed* subkeys for holds.

        Raises:
            KeyFileError: It is missing, damaged, open to others, or lacks one that is needed; what
                was in force still is.
        """
        seen = _seen(self._path)
        found = _Secrets.of(RingFile.read(self._path))
        for key_id in needed:
            if ("holds", key_id) not in found.secrets:
                raise _lacking("holds", key_id)
        self._seen, self._on_file, self._in_force = seen, found, found

    def current(self, purpose: Purpose) -> tuple[str, bytes]:
        """Give id and secret (32 bytes) of the active subkey."""
        key_id = self._in_force.current[purpose]
        if (purpose, key_id) not in self._look().secrets:
            self._in_force = self._on_file
            key_id = self._in_force.current[purpose]
        return key_id, self._in_force.secrets[purpose, key_id]

    def first(self, purpose: Purpose) -> bytes:
        """Give the secret of the oldest subkey, which stays the same when a new one is made."""
        return self._in_force.secrets[purpose, self._in_force.first[purpose]]

    def get(self, purpose: Purpose, key_id: str) -> bytes:
        """
        Give the secret of one subkey, active or retired.

        Raises:
            KeyFileError: There is no such subkey: it is not the ring that the data was made with.
        """
        secret = self._in_force.secrets.get((purpose, key_id))
        if secret is None:
            secret = self._look().secrets.get((purpose, key_id))
        if secret is None:
            raise _lacking(purpose, key_id)
        return secret

    def _look(self) -> _Secrets:
        """Give what the file has; while it is missing, bad or another's, what it last had."""
        seen = _seen(self._path)
        if seen != self._seen:
            self._seen = seen
            with suppress(KeyFileError):  # `reload` tells of it
                found = _Secrets.of(RingFile.read(self._path))
                if found.akin(self._in_force):
                    self._on_file = found
        return self._on_file

    def __eq__(self, other: object) -> bool:
        return isinstance(other, KeyRing) and self._in_force == other._in_force

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"KeyRing({', '.join(f'{p}={key}' for p, key in self._in_force.current.items())})"


def fresh_subkey() -> Subkey:
    """Make a new active subkey."""
    return Subkey(
        id=secrets.token_hex(4),
        created=datetime.now(UTC),
        state="active",
        secret=base64.b64encode(secrets.token_bytes(KEY_BYTES)),
    )


def _lacking(purpose: Purpose, key_id: str) -> KeyFileError:
    return KeyFileError(
        f"the key file lacks the key “{key_id}” for {purpose}; restore the file that has it"
    )


def _seen(path: Path) -> tuple[int, ...]:
    """Give what changes when the file is replaced; nothing where it cannot be seen."""
    try:
        stat = path.stat()
    except OSError:
        return ()
    return stat.st_dev, stat.st_ino, stat.st_mtime_ns, stat.st_size, stat.st_mode


def _read_private(path: Path) -> bytes:
    """Read a file of which the owner alone may know the content."""
    with path.open("rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        if not stat.S_ISREG(mode):
            raise KeyFileError(f"{path}: is no ordinary file")
        if mode & 0o077:
            raise KeyFileError(
                f"{path}: other users of this machine can open it; run: chmod 600 {path}"
            )
        return file.read()


def _write_new(path: Path) -> None:
    """Put a fresh ring at *path*, whole or not at all; one that is there by now is left alone."""
    ring = RingFile(version=VERSION, keys={purpose: (fresh_subkey(),) for purpose in PURPOSES})
    with private_file(path, replace=False) as file:
        file.write(ring.as_json())
