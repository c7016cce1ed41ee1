"""How tired of questions people are, as the audit log of the store knows it."""

from collections.abc import Iterable
from datetime import datetime

from guard.config import Settings
from guard.model.errors import GuardError
from guard.policy.past.fatigue import Fatigue, Question, fatigue, questions
from guard.store.audit import AuditLog
from guard.store.audit import Question as Asked
from guard.store.database import Database
from guard.store.opening import sqlite_file
from guard.store.schema import SCHEMA_VERSION
from guard.store.version import version_of


async def fatigue_since(settings: Settings, since: datetime) -> Fatigue:
    """
    Read it from what was held since a time.

    Raises:
        GuardError: The store cannot be used.
    """
    database = await Database.open(settings.store.url)
    try:
        return fatigue(await _questions(database, since))
    finally:
        await database.close()


async def fatigue_if_any(settings: Settings, since: datetime) -> Fatigue | None:
    """Read it without making or changing anything; `None` where there is no store to read."""
    try:
        path = sqlite_file(settings.store.url)
        if path is not None and not path.exists():
            return None
        database = Database.connect(settings.store.url) if path is None else Database.reading(path)
        try:
            async with database.read() as conn:
                if await conn.run_sync(version_of) != SCHEMA_VERSION:
                    return None
            return fatigue(await _questions(database, since))
        finally:
            await database.close()
    except (GuardError, OSError):
        return None


async def _questions(database: Database, since: datetime) -> Iterable[Question]:
    asked = Asked(event="hold.", since=since)
    return questions([row.entry async for row in AuditLog(database).find(asked)])
