"""Answers about look-alikes: what senders said when they were asked about a pair."""

from typing import Final

from alembic import op
from sqlalchemy import BigInteger, Column, Float, Integer, MetaData, String, Table

revision: Final = "0005"
down_revision: Final = "0004"

_metadata: Final = MetaData(naming_convention={"pk": "pk_%(table_name)s"})

Table(
    "contact_answers",
    _metadata,
    Column("sender", BigInteger, primary_key=True, autoincrement=False),
    Column("written", BigInteger, primary_key=True, autoincrement=False),
    Column("meant", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(32), nullable=False),
    Column("said", String(16), nullable=False),
    Column("at", Float, nullable=False),
    Column("never_until", Float, nullable=False),
    Column("about", String(64), nullable=False),
    Column("sent", Integer, nullable=False),
    Column("replaced", Integer, nullable=False),
    Column("dropped", Integer, nullable=False),
    Column("cancelled", Integer, nullable=False),
)


def upgrade() -> None:
    """Make the table; nobody was asked before."""
    _metadata.create_all(op.get_bind())
