"""The tables of a policy's life: exceptions made by command, and who runs which policy."""

from typing import Final

from sqlalchemy import JSON, CheckConstraint, Column, Integer, String, Table, Text

from guard.store.schema import Instant, metadata

exceptions: Final = Table(
    "policy_exceptions",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("rule", String(64), nullable=False),
    Column("to", JSON, nullable=False),
    Column("from", JSON, nullable=False),
    Column("because", Text, nullable=False),
    Column("until", String(10), nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("added_by", Text, nullable=False),
    Column("ended_at", Instant),
    Column("ended_by", Text, nullable=False, server_default=""),
    Column("matched_on", String(10), nullable=False, server_default=""),
)
"""One row an exception; days as ``2027-03-31``. What has ended stays, for those who ask why."""

wishes: Final = Table(
    "policy_wishes",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="one_row"), primary_key=True),
    Column("reload", Integer, nullable=False),
    Column("exceptions", Integer, nullable=False),
)
"""At most one row: how often a reload was asked for, and how often exceptions have changed."""

processes: Final = Table(
    "policy_processes",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("node", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("policy", String(16), nullable=False),
    Column("mode", String(16), nullable=False),
    Column("loaded_at", Instant, nullable=False),
    Column("heard_at", Instant, nullable=False),
    Column("reload", Integer, nullable=False),
    Column("problems", JSON, nullable=False),
)
"""One row a running process of a guard: its policy, the last wish for a reload that it has heard
(`wishes`), and what is wrong with a newer policy, which it therefore does not have."""

told: Final = Table(
    "policy_told",
    metadata,
    Column("about", String(64), primary_key=True),
    Column("at", Instant, nullable=False),
)
"""What administrators were told of, each once: a policy that was refused, by its hash, or a day on
which much was held."""
