"""
What a hold needs to the end of its life, and an audit log that the database protects.

Attachments that were left out, links for second persons, jobs that know whom they write to and can
be parked.
"""

from collections.abc import Mapping
from typing import Final

from alembic import op
from sqlalchemy import JSON, Column, Connection, DateTime, Integer, String, Text

revision: Final = "0002"
down_revision: Final = "0001"

_APPEND_ONLY: Final[Mapping[str, tuple[str, ...]]] = {
    "sqlite": (
        """
            CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
            BEGIN SELECT RAISE(ABORT, 'rows of the audit log are only ever added'); END
        """,
        """
            CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
            BEGIN SELECT RAISE(ABORT, 'rows of the audit log are only ever added'); END
        """,
        """
            CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit
            WHEN EXISTS (SELECT 1 FROM audit WHERE seq = NEW.seq)
            BEGIN SELECT RAISE(ABORT, 'rows of the audit log are only ever added'); END
        """,
    ),
    "postgresql": (
        """
    CREATE OR REPLACE FUNCTION guard_audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'rows of the audit log are only ever added'; END $$
""",
        """
            CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit
            FOR EACH ROW EXECUTE FUNCTION guard_audit_only_grows()
        """,
        """
            CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit
            FOR EACH STATEMENT EXECUTE FUNCTION guard_audit_only_grows()
        """,
    ),
}


def upgrade() -> None:
    """Add columns and triggers; what is there keeps its meaning by the defaults."""
    op.add_column("holds", Column("without", JSON, nullable=False, server_default="[]"))
    op.add_column("links", Column("person", Integer, nullable=False, server_default="0"))
    connection = op.get_bind()
    # SQLite makes the outbox anew: the id of a job that is gone must not be another's by and by,
    # or whoever had the old one would hold the lease of the new one.
    with op.batch_alter_table(
        "outbox",
        recreate="always" if connection.dialect.name == "sqlite" else "never",
        table_kwargs={"sqlite_autoincrement": True},
    ) as outbox:
        outbox.add_column(Column("person", Text, nullable=False, server_default=""))
        outbox.add_column(Column("note", String(40), nullable=False, server_default=""))
        outbox.add_column(Column("parked_at", DateTime(timezone=True)))
    _destroy_what_is_over(connection)
    for statement in _APPEND_ONLY[connection.dialect.name]:
        connection.exec_driver_sql(statement)


def _destroy_what_is_over(connection: Connection) -> None:
    """Give what ended before there was retention the week that it has by default now."""
    sqlite = connection.dialect.name == "sqlite"
    week = "datetime('now', '+7 days') || '.000000'" if sqlite else "now() + interval '7 days'"
    connection.exec_driver_sql(
        "INSERT INTO outbox (kind, hold_id, due_at)"  # noqa: S608 -- no value comes from outside
        f" SELECT 'destroy', id, {week} FROM holds"
        " WHERE state IN ('delivered', 'failed', 'returned', 'expired') OR state = 'unknown'"
        " AND NOT EXISTS (SELECT 1 FROM outbox"
        " WHERE outbox.hold_id = holds.id AND outbox.kind = 'release_again')"
    )
