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
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal, get_args

from pydantic import Base64Bytes, BaseModel, ConfigDict, ValidationError

from guard.durable import private_file
from guard.model.errors import KeyFileError

Purpose = Literal["holds", "links", "lists", "logs"]
PURPOSES: Final[tuple[Purpose, ...]] = get_args(Purpose)
KEY_BYTES: Final = 32
VERSION: Final = 1


class _Subkey(BaseModel):
    """One secret, as it stands in the file."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    id: str
    created: datetime
    state: Literal["active", "retired"]
    secret: Base64Bytes


class _RingFile(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    version: Literal[1]
    keys: dict[Purpose, tuple[_Subkey, ...]]


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Every subkey, in memory. Neither `repr` nor an error shows a secret."""

    _current: Mapping[Purpose, str]
    _secrets: Mapping[tuple[Purpose, str], bytes]

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
            return cls._parse(path, _read_private(path))
        except FileNotFoundError as error:
            raise KeyFileError(f"{path}: no key file; restore it from its backup") from error
        except OSError as error:
            raise KeyFileError(f"{path}: cannot be used ({error.strerror})") from error

    @classmethod
    def _parse(cls, path: Path, text: bytes) -> "KeyRing":
        try:
            ring = _RingFile.model_validate_json(text)
        except ValidationError:
            # Without the cause, which could show a part of a secret.
            raise KeyFileError(f"{path}: damaged; restore it from its backup") from None
        current: dict[Purpose, str] = {}
        for purpose in PURPOSES:
            subkeys = ring.keys.get(purpose, ())
            active = [subkey.id for subkey in subkeys if subkey.state == "active"]
            ids = {subkey.id for subkey in subkeys}
            sound = all(len(subkey.secret) == KEY_BYTES for subkey in subkeys)
            if len(active) != 1 or len(ids) != len(subkeys) or not sound:
                raise KeyFileError(f"{path}: damaged at “{purpose}”; restore it from its backup")
            current[purpose] = active[0]
        return cls(
            _current=current,
            _secrets={(p, key.id): key.secret for p, keys in ring.keys.items() for key in keys},
        )

    def current(self, purpose: Purpose) -> tuple[str, bytes]:
        """Give id and secret (32 bytes) of the active subkey."""
        key_id = self._current[purpose]
        return key_id, self._secrets[purpose, key_id]

    def get(self, purpose: Purpose, key_id: str) -> bytes:
        """
        Give the secret of one subkey, active or retired.

        Raises:
            KeyFileError: It has no such subkey: it is not the ring that the data was made with.
        """
        try:
            return self._secrets[purpose, key_id]
        except KeyError:
            raise KeyFileError(
                f"the key file lacks the key “{key_id}” for {purpose}; restore the file that has it"
            ) from None

    def __repr__(self) -> str:
        return f"KeyRing({', '.join(f'{p}={key_id}' for p, key_id in self._current.items())})"


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
    now = datetime.now(UTC).isoformat(timespec="seconds")
    ring = {
        "version": VERSION,
        "keys": {
            purpose: [
                {
                    "id": secrets.token_hex(4),
                    "created": now,
                    "state": "active",
                    "secret": base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode(),
                }
            ]
            for purpose in PURPOSES
        },
    }
    with private_file(path, replace=False) as file:
        file.write(json.dumps(ring, indent=2).encode() + b"\n")
