"""
A customer list as the rows of a query: read only, streamed, given up when it takes too long.

What the database says of an error may repeat a value of a row, so of it only the kind is told.
"""

import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, Final

from sqlalchemy import URL, Connection, CursorResult, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from guard.config.lists import ListQuery
from guard.lists.tabulated import Numbered, Source, below, cell_text
from guard.model.errors import SourceAwayError, SourceError
from guard.sources.secret import password_in

AT_ONCE: Final = 2000
"""Rows that are in memory at once."""

_STEPS: Final = 10_000
"""Instructions of SQLite between two looks at the clock."""

_SYNTAX: Final = "42"
"""The class of SQLSTATE that says the query is wrong, not the day (SQL:2016, 24.1)."""


@contextmanager
def asked(its: ListQuery, overrides: Mapping[str, str]) -> Iterator[Source]:
    """
    Ask the query of *its* settings; *overrides* say what columns hold.

    Raises:
        SourceAwayError: The database does not answer now, or took too long. So may iterating.
        SourceError: Address, login or query are wrong. So may iterating.
    """
    patience = _Patience(its.patience_s)
    with ExitStack() as stack:
        try:
            engine = _engine(its, patience)
            stack.callback(engine.dispose)
            connection = stack.enter_context(engine.connect())
            _only_reading(connection)
            result = connection.execution_options(
                yield_per=AT_ONCE, stream_results=True, no_parameters=True
            ).exec_driver_sql(its.query)
            stack.callback(result.close)
        except SQLAlchemyError as error:
            raise _told(its, error) from None
        if not result.returns_rows:
            raise SourceError(f"{its.name}: the query gives no rows; write SELECT …")
        form = f"{connection.dialect.name}, query"
        yield below(list(result.keys()), _rows(its, result, patience), its.name, form, overrides)


def _rows(its: ListQuery, result: CursorResult[Any], patience: "_Patience") -> Iterator[Numbered]:
    number = 0
    parts = result.partitions(AT_ONCE)  # without a number, psycopg gives all
    try:
        while True:
            patience.begin()
            part = next(parts, None)
            if part is None:
                return
            for number, row in enumerate(part, start=number + 1):  # noqa: B020 -- it goes on
                yield number, [cell_text(value) for value in row]
    except SQLAlchemyError as error:
        raise _told(its, error) from None


def _engine(its: ListQuery, patience: "_Patience") -> Engine:
    try:
        url = make_url(its.url)
    except ArgumentError:
        raise SourceError(f"{its.name}: the url is no SQLAlchemy address") from None
    if its.password_file is not None:
        url = url.set(password=password_in(its.password_file))
    try:
        return _made(url, its.patience_s, patience)
    except (ModuleNotFoundError, NoSuchModuleError):
        raise SourceError(
            f"{its.name}: there is no driver for “{url.drivername}”; PostgreSQL comes with: "
            'pip install "guard-relay[postgres]"'
        ) from None


def _made(url: URL, patience_s: float, patience: "_Patience") -> Engine:
    match url.get_backend_name():
        case "postgresql":
            return create_engine(
                url.set(drivername="postgresql+psycopg"),
                hide_parameters=True,
                isolation_level="REPEATABLE READ",
                connect_args={
                    "connect_timeout": max(2, round(patience_s)),
                    "tcp_user_timeout": round(patience_s * 1000),
                    "options": f"-c statement_timeout={round(patience_s * 1000)}"
                    " -c default_transaction_read_only=on",
                    "prepare_threshold": None,
                },
            ).execution_options(postgresql_readonly=True)
        case "sqlite":
            engine = create_engine(
                "sqlite://",
                creator=lambda: sqlite3.connect(
                    f"file:{_quoted(url.database or '')}?mode=ro", uri=True, timeout=patience_s
                ),
                hide_parameters=True,
            )
            event.listen(engine, "connect", patience.limit)
            return engine
        case _:
            return create_engine(url, hide_parameters=True)


def _quoted(path: str) -> str:
    from urllib.parse import quote

    return quote(path)


class _Patience:
    """The time that one step of a query may take, where the database itself keeps none."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._began = time.monotonic()

    def begin(self) -> None:
        """Let the time of a step run: what we do with its rows is no part of it."""
        self._began = time.monotonic()

    def limit(self, raw: Any, _: object) -> None:
        """Have SQLite ask again and again whether it is over."""
        raw.set_progress_handler(self._is_over, _STEPS)

    def _is_over(self) -> bool:
        return time.monotonic() - self._began > self._seconds


def _only_reading(connection: Connection) -> None:
    """Have a database that knows such transactions refuse to write; for others the user must."""
    if connection.dialect.name in {"mysql", "mariadb"}:
        connection.exec_driver_sql("SET SESSION TRANSACTION READ ONLY")
        connection.commit()


def _told(its: ListQuery, error: SQLAlchemyError) -> SourceError:
    cause = error.orig if isinstance(error, DBAPIError) else None
    state = getattr(cause, "sqlstate", None) or ""
    name = type(cause or error).__name__
    words = f"{name} {state}".strip()
    if state.startswith(_SYNTAX):
        return SourceError(f"{its.name}: the database refuses the query ({words})")
    if state == "57014":
        return SourceAwayError(
            f"{its.name}: a step of the query took over {its.patience_s:g} s; see patience_s"
        )
    if isinstance(cause, sqlite3.Error):
        return _told_by_sqlite(its, cause)
    if state.startswith("28"):
        return SourceError(f"{its.name}: the database refuses the login ({words})")
    if state in {"25006", "0A000"}:
        return SourceError(f"{its.name}: the query would write, and may only read ({words})")
    return SourceAwayError(f"{its.name}: the database does not give the rows ({words})")


def _told_by_sqlite(its: ListQuery, cause: sqlite3.Error) -> SourceError:
    code = getattr(cause, "sqlite_errorname", "") or type(cause).__name__
    said = str(cause)
    if code == "SQLITE_INTERRUPT":
        return SourceAwayError(
            f"{its.name}: a step of the query took over {its.patience_s:g} s; see patience_s"
        )
    if code in {"SQLITE_BUSY", "SQLITE_LOCKED"} or code.startswith("SQLITE_IOERR"):
        return SourceAwayError(f"{its.name}: the database does not give the rows ({code})")
    # These speak of the query, which stands in the settings, and of no value.
    of_query = said if said.startswith(("no such", "near ", "ambiguous column")) else code
    return SourceError(f"{its.name}: the database refuses the query ({of_query})")
