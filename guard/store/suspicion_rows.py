"""The table of how suspicious mail was: counts by day and step, with no address and no content."""

from typing import Final

from sqlalchemy import Column, Integer, SmallInteger, String, Table

from guard.store.schema import metadata

suspicions: Final = Table(
    "suspicions",
    metadata,
    Column("weights", String(16), primary_key=True),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("step", SmallInteger, primary_key=True, autoincrement=False),
    Column("mails", Integer, nullable=False),
    Column("held", Integer, nullable=False),
)
"""As `detect.recent.Count` has it, for each `Channel.fingerprint`: other weights, other sums."""
