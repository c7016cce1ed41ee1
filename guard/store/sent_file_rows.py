"""The table of where files went: keyed hashes of files and of their names, by company."""

from typing import Final

from sqlalchemy import BigInteger, Column, Float, Index, Integer, String, Table

from guard.store.schema import metadata

sent_files: Final = Table(
    "sent_files",
    metadata,
    Column("mark", BigInteger, primary_key=True, autoincrement=False),
    Column("domain", String(253), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("last", Float, nullable=False),
    Index(None, "last"),
    Index(None, "domain"),
)
"""
How often a file, or files of one name, went to a company of a registrable domain.

`mark` is 63 bits of an HMAC under a key of the ring: without it nobody can tell which file that is.
"""
