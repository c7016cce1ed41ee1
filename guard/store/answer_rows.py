"""The table of answers about look-alikes: one row a sender and pair."""

from typing import Final

from sqlalchemy import BigInteger, Column, Float, Integer, String, Table

from guard.model.pair_answer import Said
from guard.store.schema import metadata

answers: Final = Table(
    "contact_answers",
    metadata,
    Column("sender", BigInteger, primary_key=True, autoincrement=False),
    Column("written", BigInteger, primary_key=True, autoincrement=False),
    Column("meant", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(32), nullable=False),
    Column("said", String(16), nullable=False),
    Column("at", Float, nullable=False),
    Column("never_until", Float, nullable=False),
    Column("about", String(64), nullable=False),
    *(Column(said.value, Integer, nullable=False) for said in Said),
)
"""`about` names the hold of the last answer: the same one does not count twice. The last columns
count answers."""
