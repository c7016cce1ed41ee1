"""
The tables, all but those that stand beside (see below): what the database has to make.

They import no adapter, so that `database` can make them and the adapters can use it.
"""

from typing import Final

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    Connection,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    event,
    insert,
)

# These add their own tables to the metadata.
from guard.store import (
    answer_rows,
    contact_rows,
    list_rows,
    past_rows,
    policy_rows,
    sent_file_rows,
    source_rows,
    suspicion_rows,
)
from guard.store.append_only import statements
from guard.store.schema import Instant, metadata

__all__ = [
    "GENESIS",
    "answer_rows",
    "audit_table",
    "contact_rows",
    "head_table",
    "holds",
    "imports",
    "jobs_table",
    "links",
    "list_rows",
    "metadata",
    "octets_table",
    "past_rows",
    "policy_rows",
    "sent_file_rows",
    "source_rows",
    "suspicion_rows",
]

GENESIS: Final = "0" * 64
"""What stands for the hash before the first audit row."""

holds: Final = Table(
    "holds",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("number", String(16), nullable=False, unique=True),
    Column("state", String(16), nullable=False),
    Column("held_at", Instant, nullable=False),
    Column("recipients", JSON, nullable=False),
    Column("without", JSON, nullable=False, server_default="[]"),
    Column("release_at", Instant),
    Column("decided_at", Instant),
    Column("decided_by", Text, nullable=False, server_default=""),
    Column("choice", String(16)),
    Column("reply", Text, nullable=False, server_default=""),
    Column("key_id", String(32), nullable=False, index=True),
    Column("details", LargeBinary, nullable=False),
    Index(None, "state", "held_at"),
    Index(None, "held_at", "id"),
)
"""One row a hold; what of it stands in clear, and what is sealed, `records` says."""

octets_table: Final = Table(
    "octets",
    metadata,
    Column("hold_id", String(32), ForeignKey("holds.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("chunk", LargeBinary, nullable=False),
)
"""The message of a hold, in sealed chunks."""

links: Final = Table(
    "links",
    metadata,
    Column("token_sha256", LargeBinary(32), primary_key=True),
    Column("hold_id", String(32), ForeignKey("holds.id"), nullable=False, index=True),
    Column("serial", Integer, nullable=False),
    Column("person", Integer, nullable=False, server_default="0"),
)
"""Which hold a link opens, by the hash of its token, and whose it is (`Hold.people`)."""

jobs_table: Final = Table(
    "outbox",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("hold_id", String(32), ForeignKey("holds.id")),
    Column("due_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("fence", Integer, nullable=False, server_default="0"),
    Column("error", String(200), nullable=False, server_default=""),
    Column("person", Text, nullable=False, server_default=""),
    Column("note", String(40), nullable=False, server_default=""),
    Column("list_name", String(100), nullable=False, server_default=""),
    Column("parked_at", Instant),
    Index(None, "due_at"),
    sqlite_autoincrement=True,  # an id that was used again would let an old fence fit a new job
)
"""Work that a commit promised; what was tried too often is parked."""

imports: Final = Table(
    "list_imports",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("version", String(32), nullable=False),
    Column("imported_at", Instant, nullable=False),
    Column("rows", Integer, nullable=False),
)
"""The last import of each list: what its folder must have."""

audit_table: Final = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("event", String(40), nullable=False),
    # No foreign key: the log outlives the hold.
    Column("hold_id", String(32), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("peer", String(45), nullable=False),
    Column("details", Text, nullable=False),
    Column("hash", String(64), nullable=False),
)
"""Who did what to which hold, in a chain of hashes."""

head_table: Final = Table(
    "audit_head",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="one_row"), primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
)
"""One row: where the chain ends."""


@event.listens_for(head_table, "after_create")
def _begin_chain(table: Table, connection: Connection, **_: object) -> None:
    connection.execute(insert(table).values(id=1, seq=0, hash=GENESIS))


@event.listens_for(audit_table, "after_create")
def _guard_chain(table: Table, connection: Connection, **_: object) -> None:  # noqa: ARG001
    for statement in statements(connection.dialect.name):
        connection.exec_driver_sql(statement)
