"""The table of features: mail that was judged, many to a row, without text and sealed."""

from typing import Final

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table

from guard.store.schema import Instant, metadata

features_table: Final = Table(
    "features",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("first_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("mails", Integer, nullable=False),
    Column("key_id", String(32), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Index(None, "last_at"),
)
"""`sealed` has the records of `guard.policy.past.features`, compressed, by a subkey for holds."""
