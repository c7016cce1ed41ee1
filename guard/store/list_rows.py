"""The tables behind customer lists: where each comes from, and its index for other nodes."""

from typing import Final

from sqlalchemy import JSON, Column, Integer, LargeBinary, String, Table, Text

from guard.store.schema import Instant, metadata

list_sources: Final = Table(
    "list_sources",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("origin", Text, nullable=False),
    Column("parts", JSON, nullable=False),
    Column("told", JSON, nullable=False),
    Column("token", Text, nullable=False),
    Column("tried_at", Instant),
    Column("error", Text, nullable=False),
    Column("forgotten", String(32), nullable=False),
    Column("reader", String(32), nullable=False),
    Column("reads_until", Instant),
)
"""
One row a list that was ever imported or read from its source. `origin` and `parts` say what it was
made of, `told` which headers somebody said hold what, `token` what the source looked like then;
`error` is why the last reading went wrong. `forgotten` is the version that was forgotten.
"""

list_octets: Final = Table(
    "list_octets",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("version", String(32), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("chunk", LargeBinary, nullable=False),
)
"""The index of a list as it was imported on one node, for the others; on PostgreSQL alone."""
