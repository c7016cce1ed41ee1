"""What all tables share: the metadata, names of constraints, and a column type for instants."""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import CheckConstraint, Column, DateTime, Dialect, Integer, MetaData, Table
from sqlalchemy.types import TypeDecorator

SCHEMA_VERSION: Final = 2
"""Rises with every change of the tables; a database with a greater one is refused."""

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
