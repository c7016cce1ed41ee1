"""The tables of the first release."""

from typing import Final

from alembic import op
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    insert,
)

revision: Final = "0001"
down_revision: Final = None

_metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
_INSTANT: Final = DateTime(timezone=True)

_schema_version: Final = Table(
    "schema_version",
    _metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="one_row"), primary_key=True),
    Column("version", Integer, nullable=False),
)

Table(
    "holds",
    _metadata,
    Column("id", String(32), primary_key=True),
    Column("number", String(16), nullable=False, unique=True),
    Column("state", String(16), nullable=False),
    Column("held_at", _INSTANT, nullable=False),
    Column("recipients", JSON, nullable=False),
    Column("release_at", _INSTANT),
    Column("decided_at", _INSTANT),
    Column("decided_by", Text, nullable=False, server_default=""),
    Column("choice", String(16)),
    Column("reply", Text, nullable=False, server_default=""),
    Column("key_id", String(32), nullable=False, index=True),
    Column("details", LargeBinary, nullable=False),
    Index(None, "state", "held_at"),
    Index(None, "held_at", "id"),
)

Table(
    "octets",
    _metadata,
    Column("hold_id", String(32), ForeignKey("holds.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("chunk", LargeBinary, nullable=False),
)

Table(
    "links",
    _metadata,
    Column("token_sha256", LargeBinary(32), primary_key=True),
    Column("hold_id", String(32), ForeignKey("holds.id"), nullable=False, index=True),
    Column("serial", Integer, nullable=False),
)

Table(
    "outbox",
    _metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("hold_id", String(32), ForeignKey("holds.id"), nullable=False),
    Column("due_at", _INSTANT, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("fence", Integer, nullable=False, server_default="0"),
    Column("error", String(200), nullable=False, server_default=""),
    Index(None, "due_at"),
)

Table(
    "list_imports",
    _metadata,
    Column("name", String(100), primary_key=True),
    Column("version", String(32), nullable=False),
    Column("imported_at", _INSTANT, nullable=False),
    Column("rows", Integer, nullable=False),
)

Table(
    "audit",
    _metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("event", String(40), nullable=False),
    Column("hold_id", String(32), nullable=False, index=True),
    Column("at", _INSTANT, nullable=False),
    Column("actor", Text, nullable=False),
    Column("peer", String(45), nullable=False),
    Column("details", Text, nullable=False),
    Column("hash", String(64), nullable=False),
)

_head: Final = Table(
    "audit_head",
    _metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="one_row"), primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
)

Table(
    "contacts",
    _metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("address", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("company", Text, nullable=False),
    Column("imported", Boolean, nullable=False),
    Column("writes", Boolean, nullable=False),
    Column("changed", Integer, nullable=False, index=True),
)

Table(
    "relations",
    _metadata,
    Column("sender", BigInteger, primary_key=True, autoincrement=False),
    Column("recipient", BigInteger, primary_key=True, autoincrement=False),
    Column("count", Integer, nullable=False),
    Column("weight", Float, nullable=False),
    Column("last", Float, nullable=False),
    Column("changed", Integer, nullable=False, index=True),
)

Table(
    "companions",
    _metadata,
    Column("one", BigInteger, primary_key=True, autoincrement=False),
    Column("other", BigInteger, primary_key=True, autoincrement=False),
    Column("weight", Float, nullable=False),
    Column("changed", Integer, nullable=False, index=True),
)

Table(
    "thread_messages",
    _metadata,
    Column("message", BigInteger, primary_key=True, autoincrement=False),
    Column("parents", Text, nullable=False),
    Column("sender", BigInteger, nullable=False),
    Column("recipients", Text, nullable=False),
    Column("at", Float, nullable=False),
    Column("changed", Integer, nullable=False, index=True),
    Index(None, "at"),
)

Table(
    "contacts_state",
    _metadata,
    Column("name", String(16), primary_key=True),
    Column("generation", Integer, nullable=False),
)


def upgrade() -> None:
    """Make them, and the two rows that every store begins with."""
    connection = op.get_bind()
    _metadata.create_all(connection)
    connection.execute(insert(_schema_version).values(id=1, version=1))
    connection.execute(insert(_head).values(id=1, seq=0, hash="0" * 64))
