"""
The tables of contacts: counters, not a log of events; and the ids of what stands in them.

Rows are keyed by a hash of the address, so that any process can add to a counter without asking
for a number first. `contact_adding` writes them, `contact_gathering` reads what one question needs.
"""

from hashlib import blake2b
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from guard.model.address import Address, AddressError
from guard.model.contact import Contact
from guard.store.contact_sql import upsert
from guard.store.schema import metadata

ID: Final = BigInteger().with_variant(Integer(), "sqlite")
"""An id that SQLite takes for the number of the row, so that it needs no second tree for it."""

contacts: Final = Table(
    "contacts",
    metadata,
    Column("id", ID, primary_key=True, autoincrement=False),
    Column("address", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("company", Text, nullable=False),
    Column("imported", Boolean, nullable=False),
    Column("writes", Boolean, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("keyed", Integer, nullable=False, server_default="0"),
    Column("home", BigInteger, nullable=False, server_default="0"),
    Column("folded", Text, nullable=False, server_default=""),
    Column("called", Text, nullable=False, server_default=""),
    Column("received", Integer, nullable=False, server_default="0"),
    Column("received_weight", Float, nullable=False, server_default="0"),
    Column("received_last", Float, nullable=False, server_default="0"),
    Column("sent_weight", Float, nullable=False, server_default="0"),
)
"""
Every address, with the sums over all who wrote to it.

`keyed` is the `keys.VERSION` of its rows in `contact_keys`, 0 before it has any: then `home`, the
id of its domain, `folded`, its text for searching, and `called`, its name as `Person.folded`, are
not filled either, and its domain does not count its mails yet.
"""

relations: Final = Table(
    "relations",
    metadata,
    Column("sender", BigInteger, primary_key=True, autoincrement=False),
    Column("recipient", BigInteger, primary_key=True, autoincrement=False),
    Column("count", Integer, nullable=False),
    Column("weight", Float, nullable=False),
    Column("last", Float, nullable=False),
    Column("changed", Integer, nullable=False),
    sqlite_with_rowid=False,  # the contacts of one sender stand side by side
)
"""How often and how lately one wrote to another; `weight` as in `guard.contacts.tally`."""

companions: Final = Table(
    "companions",
    metadata,
    Column("one", BigInteger, primary_key=True, autoincrement=False),
    Column("other", BigInteger, primary_key=True, autoincrement=False),
    Column("weight", Float, nullable=False),
    Column("changed", Integer, nullable=False),
    Index(None, "other"),
    sqlite_with_rowid=False,
)
"""How often two got the same mail; the smaller id stands first."""

threads: Final = Table(
    "thread_messages",
    metadata,
    Column("message", ID, primary_key=True, autoincrement=False),
    Column("parents", Text, nullable=False),
    Column("sender", BigInteger, nullable=False),
    Column("recipients", Text, nullable=False),
    Column("at", Float, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("thread", BigInteger, nullable=False, server_default="0"),
    Column("answers", BigInteger, nullable=False, server_default="0"),
    Index(None, "at"),
    Index(None, "thread"),
    Index(None, "answers"),
)
"""
Who took part in which message, by hash of its Message-ID; the ids in `parents` and `recipients` are
parted by spaces. `answers` is the last of `parents`, `thread` what `Threads.add` chose; 0: none.
"""

contact_keys: Final = Table(
    "contact_keys",
    metadata,
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("busy", SmallInteger, primary_key=True, autoincrement=False),
    Column("contact", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
"""
Which contacts stand under which key of `guard.contacts.keys`, those who get much mail last.

Domains stand under theirs, by the ids of `contact_domains`.
"""

contact_domains: Final = Table(
    "contact_domains",
    metadata,
    Column("id", ID, primary_key=True, autoincrement=False),
    Column("domain", Text, nullable=False),
    Column("weight", Float, nullable=False),
    Column("keyed", Integer, nullable=False),
)
"""Every domain of a contact, as `Address` folds it, with the weight of all mails to it."""

state: Final = Table(
    "contacts_state",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("generation", Integer, nullable=False),
)
"""
Numbers by name: `WRITES` rises with every write, `KEYED` is the `keys.VERSION` of all rows, and
`EXPIRED` the day on which old rows were deleted last.
"""

WRITES: Final = "contacts"
KEYED: Final = "keyed"
EXPIRED: Final = "expired"


def address_id(key: str) -> int:
    """Give the id of an address by its `Address.key`, or of a domain: 63 bits, always the same."""
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest()) >> 1


def address_of(text: str) -> Address:
    """
    Read an address that was checked before it was kept.

    Raises:
        AddressError: A newer Guard wrote what this one cannot read.
    """
    # Most are plain, and a question reads hundreds: these need no second look.
    local, at, domain = text.rpartition("@")
    if at and text.isascii() and '"' not in local and "[" not in domain and "xn--" not in text:
        return Address(text=text, local=local.lower(), domain=domain.lower())
    return Address.parse(text)


def contact(row: Any) -> Contact | None:
    """Read a row of `contacts`; `None` where a newer Guard wrote what this one cannot read."""
    try:
        return Contact(address=address_of(row.address), name=row.name, company=row.company)
    except AddressError:
        return None


async def number(conn: AsyncConnection, name: str) -> int:
    """Give a number of `state`; 0 before it was ever set."""
    return await conn.scalar(select(state.c.generation).where(state.c.name == name)) or 0


async def set_number(conn: AsyncConnection, name: str, value: int) -> None:
    """Set a number of `state`."""
    await upsert(conn, state, [{"name": name, "generation": value}])


async def next_generation(conn: AsyncConnection) -> int:
    """Begin a write: raise the generation, which also makes other writers wait for this one."""
    await upsert(conn, state, [{"name": WRITES, "generation": 1}], sums=("generation",))
    return await number(conn, WRITES)
