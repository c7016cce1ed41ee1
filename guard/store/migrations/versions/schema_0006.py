"""Counts of how suspicious mail was of late, on which the budget of holds is spent."""

from typing import Final

from alembic import op
from sqlalchemy import Column, Integer, MetaData, SmallInteger, String, Table

revision: Final = "0006"
down_revision: Final = "0005"

_metadata: Final = MetaData(naming_convention={"pk": "pk_%(table_name)s"})

Table(
    "suspicions",
    _metadata,
    Column("weights", String(16), primary_key=True),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("step", SmallInteger, primary_key=True, autoincrement=False),
    Column("mails", Integer, nullable=False),
    Column("held", Integer, nullable=False),
)


def upgrade() -> None:
    """Make the table; nothing was counted before."""
    _metadata.create_all(op.get_bind())
