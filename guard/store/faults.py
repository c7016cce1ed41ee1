"""What the database's errors mean to Guard: no room, or away. One place, for every adapter."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError

from guard.model.errors import StoreError, StoreFullError

_SQLITE_FULL: Final = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR_SHMSIZE,  # the shared-memory file could not grow
}
_POSTGRES_FULL: Final = "53100"  # disk_full


_IN_WORDS: Final = {
    "SQLITE_NOTADB": "is no SQLite database, or damaged; restore it from a backup",
    "SQLITE_CORRUPT": "is damaged; restore it from a backup",
    "SQLITE_READONLY": "cannot be written; see who owns it, and how its disk is mounted",
    "SQLITE_CANTOPEN": "cannot be opened; see who owns it",
}
"""What has its reason in the file itself, and what to do about it."""


@contextmanager
def store_errors(file: Path | None = None) -> Iterator[None]:
    """
    Turn what SQLAlchemy raises into `StoreError` or `StoreFullError`.

    The new text names the SQLite *file* and the error's class or code only; values stay out of it
    and of its cause.
    """
    try:
        yield
    except SQLAlchemyError as error:
        if _is_full(error):
            raise StoreFullError("the database has no room left") from error
        # PostgreSQL repeats the values of a row that it refuses: such a cause is left out.
        repeats = isinstance(error, IntegrityError | DataError)
        raise StoreError(_told(_name(error), file)) from None if repeats else error


def spoils_connection(error: BaseException | None) -> bool:
    """
    Whether a SQLite connection must not be used again after *error*.

    After a failed fsync the kernel may call the next one good although the data is lost, so the
    file has to be opened anew and the log read back.
    """
    code = getattr(error, "sqlite_errorcode", 0) or 0
    primary = code & 0xFF
    return primary in {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def _told(name: str, file: Path | None) -> str:
    where = f"{file}: " if file else ""
    for code, words in _IN_WORDS.items():
        if name.startswith(code):  # extended codes go on behind it
            return f"{where or 'the database '}{words} ({name})"
    return f"{where}the database failed: {name}"


def _is_full(error: SQLAlchemyError) -> bool:
    cause = error.orig if isinstance(error, DBAPIError) else None
    code = getattr(cause, "sqlite_errorcode", None)
    return code in _SQLITE_FULL or getattr(cause, "sqlstate", None) == _POSTGRES_FULL


def _name(error: SQLAlchemyError) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else None
    named = getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None)
    return str(named or type(cause or error).__name__)
