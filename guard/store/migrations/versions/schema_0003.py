"""
Where contacts came from.

How far each source was read, whom it has, and which of its mails were counted. Contacts that were
imported before count as imported by hand: no source takes them out.
"""

from typing import Final

from alembic import op
from sqlalchemy import BigInteger, Column, DateTime, Index, Integer, MetaData, String, Table, Text

revision: Final = "0003"
down_revision: Final = "0002"

_metadata: Final = MetaData(
    naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s"}
)
_INSTANT: Final = DateTime(timezone=True)

Table(
    "contact_sources",
    _metadata,
    Column("name", String(100), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("settings", String(32), nullable=False),
    Column("token", Text, nullable=False),
    Column("contacts", Integer, nullable=False),
    Column("mails", Integer, nullable=False),
    Column("read_at", _INSTANT),
    Column("tried_at", _INSTANT),
    Column("error", Text, nullable=False),
    Column("reader", String(32), nullable=False),
    Column("reads_until", _INSTANT),
)

Table(
    "source_contacts",
    _metadata,
    Column("source", String(100), primary_key=True),
    Column("contact", BigInteger, primary_key=True, autoincrement=False),
    Column("digest", BigInteger, nullable=False),
    Index(None, "contact"),
)

Table(
    "counted_mails",
    _metadata,
    Column("message", BigInteger, primary_key=True, autoincrement=False),
)


def upgrade() -> None:
    """Make the tables, and note whom there is already."""
    connection = op.get_bind()
    _metadata.create_all(connection)
    connection.exec_driver_sql(
        "INSERT INTO source_contacts (source, contact, digest)"
        " SELECT 'import', id, 0 FROM contacts WHERE imported"
    )
