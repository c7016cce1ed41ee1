"""
Questions that take many small reads: asked in a thread of their own, all of one moment.

By the connections of `Database` each statement goes to another thread and back, which for SQLite
takes ten times as long as the reading itself.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from sqlalchemy import Connection, Engine

from guard.model.errors import StoreError
from guard.store import postgres, sqlite
from guard.store.database import Database
from guard.store.faults import store_errors

PATIENCE_S: Final = 8.0
"""Seconds that an answer may take, waiting for those before it included."""

Answer = TypeVar("Answer")


class Asking:
    """Asks one database, one question after the other: what they share needs no lock."""

    def __init__(self, database: Database) -> None:
        self._database: Final = database
        self._thread: Final = ThreadPoolExecutor(1, thread_name_prefix="asking")
        self._engine: Engine | None = None

    async def ask(self, question: Callable[[Connection], Answer]) -> Answer:
        """
        Give what *question* makes of the reads that it does.

        Raises:
            StoreError: The database is away, or takes too long.
        """
        asked = asyncio.get_running_loop().run_in_executor(self._thread, self._ask, question)
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await asked
        except TimeoutError as error:
            raise StoreError("the database takes too long to answer") from error

    async def close(self) -> None:
        """Close the connection, once nobody asks any more."""
        await asyncio.to_thread(self._thread.shutdown, cancel_futures=True)
        if self._engine is not None:
            self._engine.dispose()

    def _ask(self, question: Callable[[Connection], Answer]) -> Answer:
        if self._engine is None:
            path, url = self._database.path, self._database.url
            self._engine = postgres.asker(url) if path is None else sqlite.asker(path)
        with store_errors(self._database.path), self._engine.connect() as conn:
            return question(conn)
