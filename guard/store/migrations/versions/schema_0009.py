"""Alarms about a customer list: jobs of no hold."""

from typing import Final

from alembic import op
from sqlalchemy import Column, String

revision: Final = "0009"
down_revision: Final = "0008"


def upgrade() -> None:
    """Let a job name a list in place of a hold."""
    with op.batch_alter_table("outbox") as outbox:
        outbox.alter_column("hold_id", existing_type=String(32), nullable=True)
        outbox.add_column(Column("list_name", String(100), nullable=False, server_default=""))
