"""PostgreSQL as the store of several nodes; needs the extra ``postgres``."""

from typing import Final

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from guard.model.errors import StoreError

# For the transaction only, so that it also holds behind a pooler that hands out sessions.
_PROMISES: Final = (
    "SELECT set_config('synchronous_commit', 'on', true), set_config('lock_timeout', '10s', true),"
    " set_config('statement_timeout', '15s', true)"
)


def engine(url: URL) -> AsyncEngine:
    """
    Give an engine for *url*.

    Raises:
        StoreError: The driver is not installed.
    """
    try:
        made = create_async_engine(
            url.set(drivername="postgresql+psycopg"),
            hide_parameters=True,
            pool_pre_ping=True,
            pool_timeout=10,
            # Prepared statements break behind PgBouncer in transaction mode.
            connect_args={"connect_timeout": 10, "prepare_threshold": None},
        )
    except ModuleNotFoundError as error:
        raise StoreError(
            'PostgreSQL needs a driver; run: pip install "guard-relay[postgres]"'
        ) from error
    event.listen(made.sync_engine, "begin", _begin)
    return made


def asker(url: URL) -> Engine:
    """Give an engine for reading in a thread, by one connection; each transaction is a snapshot."""
    made = create_engine(
        url.set(drivername="postgresql+psycopg"),
        hide_parameters=True,
        pool_pre_ping=True,
        pool_size=1,
        max_overflow=0,
        isolation_level="REPEATABLE READ",
        connect_args={
            "connect_timeout": 5,
            "tcp_user_timeout": 8000,  # or a thread would wait for a host that is gone
            "prepare_threshold": None,
        },
    )
    return made.execution_options(postgresql_readonly=True)


def _begin(connection: Connection) -> None:
    if connection.get_execution_options().get("writes"):
        connection.exec_driver_sql(_PROMISES)
