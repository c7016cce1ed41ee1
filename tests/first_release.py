"""
A store as the last release with schema 1 left it: two held mails, one about to be sent.

`schema_1` has its tables and rows as SQL, and its key file; both were made by that release.
"""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

FILES = Path(__file__).parent / "schema_1"
OCTETS = (
    "Subject: =?utf-8?b?MTHmnIjliIY=?=\r\n\r\nheld by schema 1 見積\r\n" + "line\r\n" * 20
).encode()
"""What both hold."""

WAITING, RELEASING = "1" * 32, "2" * 32
"""Their ids."""


def put_in(folder: Path) -> None:
    """Have ``guard.db`` and ``guard.key`` of that release in *folder*."""
    path = folder / "guard.db"
    path.touch(0o600)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((FILES / "guard.sql").read_text("utf-8"))
        connection.execute("PRAGMA journal_mode = WAL")
    shutil.copy(FILES / "guard.key", folder / "guard.key")
    (folder / "guard.key").chmod(0o600)
