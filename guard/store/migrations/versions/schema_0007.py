"""Where files went before, by keyed hashes; and contacts found by their company."""

from typing import Final

from alembic import op
from sqlalchemy import BigInteger, Column, Float, Index, Integer, MetaData, String, Table

revision: Final = "0007"
down_revision: Final = "0006"

_metadata: Final = MetaData(
    naming_convention={"pk": "pk_%(table_name)s", "ix": "ix_%(table_name)s_%(column_0_N_name)s"}
)

Table(
    "sent_files",
    _metadata,
    Column("mark", BigInteger, primary_key=True, autoincrement=False),
    Column("domain", String(253), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("last", Float, nullable=False),
    Index(None, "last"),
    Index(None, "domain"),
)


def upgrade() -> None:
    """Make the table; nobody kept that before."""
    _metadata.create_all(op.get_bind())
