"""What all tables share: the metadata, names of constraints, and a column type for instants."""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
)
from sqlalchemy.types import TypeDecorator

SCHEMA_VERSION: Final = 11
"""Rises with every change of the tables, by a revision of that number in `migrations`."""

MOVED: Final = 2**31 - 1
"""Stands for the version of a database whose content lives in another one by now."""

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

schema_version: Final = Table(
    "schema_version",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="one_row"), primary_key=True),
    Column("version", Integer, nullable=False),
)
"""One row: the number that every start looks at."""

alembic_version: Final = Table(
    "alembic_version",
    metadata,
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
"""Alembic's own note of the same; it costs a quarter of a second to ask Alembic."""


def revision_of(version: int) -> str:
    """Give the name of the revision that makes the tables of *version*."""
    return f"{version:04}"


class Instant(TypeDecorator[datetime]):
    """An aware time, given back in UTC; SQLite itself would lose the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn any aware time into UTC, so that times also sort as text."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive time has no place in the store")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give the time back with its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
