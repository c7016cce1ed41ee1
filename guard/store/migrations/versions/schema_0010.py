"""Exceptions made by command, and who runs which policy."""

from typing import Final

from alembic import op
from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    DateTime,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

revision: Final = "0010"
down_revision: Final = "0009"

_metadata: Final = MetaData(
    naming_convention={"pk": "pk_%(table_name)s", "ck": "ck_%(table_name)s_%(constraint_name)s"}
)
_INSTANT: Final = DateTime(timezone=True)

Table(
    "policy_exceptions",
    _metadata,
    Column("id", String(16), primary_key=True),
    Column("rule", String(64), nullable=False),
    Column("to", JSON, nullable=False),
    Column("from", JSON, nullable=False),
    Column("because", Text, nullable=False),
    Column("until", String(10), nullable=False),
    Column("added_at", _INSTANT, nullable=False),
    Column("added_by", Text, nullable=False),
    Column("ended_at", _INSTANT),
    Column("ended_by", Text, nullable=False, server_default=""),
    Column("matched_on", String(10), nullable=False, server_default=""),
)

Table(
    "policy_wishes",
    _metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="one_row"), primary_key=True),
    Column("reload", Integer, nullable=False),
    Column("exceptions", Integer, nullable=False),
)

Table(
    "policy_processes",
    _metadata,
    Column("id", String(32), primary_key=True),
    Column("node", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("policy", String(16), nullable=False),
    Column("mode", String(16), nullable=False),
    Column("loaded_at", _INSTANT, nullable=False),
    Column("heard_at", _INSTANT, nullable=False),
    Column("reload", Integer, nullable=False),
    Column("problems", JSON, nullable=False),
)

Table(
    "policy_told",
    _metadata,
    Column("about", String(64), primary_key=True),
    Column("at", _INSTANT, nullable=False),
)


def upgrade() -> None:
    """Make the tables; there were no such exceptions, and a guard that runs tells of itself."""
    _metadata.create_all(op.get_bind())
