"""Features of judged mail, without text and sealed, to try a policy on."""

from typing import Final

from alembic import op
from sqlalchemy import Column, DateTime, Index, Integer, LargeBinary, MetaData, String, Table

revision: Final = "0011"
down_revision: Final = "0010"

_metadata: Final = MetaData(
    naming_convention={"pk": "pk_%(table_name)s", "ix": "ix_%(table_name)s_%(column_0_N_name)s"}
)
_INSTANT: Final = DateTime(timezone=True)

Table(
    "features",
    _metadata,
    Column("id", String(32), primary_key=True),
    Column("first_at", _INSTANT, nullable=False),
    Column("last_at", _INSTANT, nullable=False),
    Column("mails", Integer, nullable=False),
    Column("key_id", String(32), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Index(None, "last_at"),
)


def upgrade() -> None:
    """Make the table; nobody kept that before."""
    _metadata.create_all(op.get_bind())
