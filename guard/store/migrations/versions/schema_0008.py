"""Where customer lists come from, and their indexes for other nodes."""

from typing import Final

from alembic import op
from sqlalchemy import (
    JSON,
    Column,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

revision: Final = "0008"
down_revision: Final = "0007"

_metadata: Final = MetaData(naming_convention={"pk": "pk_%(table_name)s"})
_INSTANT: Final = DateTime(timezone=True)

Table(
    "list_sources",
    _metadata,
    Column("name", String(100), primary_key=True),
    Column("origin", Text, nullable=False),
    Column("parts", JSON, nullable=False),
    Column("told", JSON, nullable=False),
    Column("token", Text, nullable=False),
    Column("tried_at", _INSTANT),
    Column("error", Text, nullable=False),
    Column("forgotten", String(32), nullable=False),
    Column("reader", String(32), nullable=False),
    Column("reads_until", _INSTANT),
)

Table(
    "list_octets",
    _metadata,
    Column("name", String(100), primary_key=True),
    Column("version", String(32), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("chunk", LargeBinary, nullable=False),
)


def upgrade() -> None:
    """Make the tables; of lists imported before, nothing is known but that they were."""
    _metadata.create_all(op.get_bind())
