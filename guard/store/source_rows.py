"""
The tables of sources: how far each was read, whom it has, and which mails were counted.

The contacts themselves stand in `contact_rows`; here is only what says where they came from.
"""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text

from guard.store.schema import Instant, metadata

sources: Final = Table(
    "contact_sources",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("settings", String(32), nullable=False),
    Column("token", Text, nullable=False),
    Column("contacts", Integer, nullable=False),
    Column("mails", Integer, nullable=False),
    Column("read_at", Instant),
    Column("tried_at", Instant),
    Column("error", Text, nullable=False),
    Column("reader", String(32), nullable=False),
    Column("reads_until", Instant),
)
"""One row a source. `settings` is a hash: a token is good for those that it was made with only.
`reader` has the source to itself up to `reads_until`."""

members: Final = Table(
    "source_contacts",
    metadata,
    Column("source", String(100), primary_key=True),
    Column("contact", BigInteger, primary_key=True, autoincrement=False),
    Column("digest", BigInteger, nullable=False),
    Index(None, "contact"),
)
"""Whom a source had when it was last read whole; `digest` is of name and company."""

counted: Final = Table(
    "counted_mails",
    metadata,
    Column("message", BigInteger, primary_key=True, autoincrement=False),
)
"""Mails of sources that were learned, by hash of their Message-ID: none counts twice."""
