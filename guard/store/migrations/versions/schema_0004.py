"""
Contacts that are asked in SQL: sums, threads and keys stand in rows, and no process loads them all.

What is made of folded names, keys and texts for searching, is filled by the Guard that folds them
(`guard.store.contact_indexing`), here and whenever it folds them otherwise.
"""

from typing import Final, Literal

from alembic import op
from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
)

revision: Final = "0004"
down_revision: Final = "0003"

_metadata: Final = MetaData(naming_convention={"pk": "pk_%(table_name)s"})
_ID: Final = BigInteger().with_variant(Integer(), "sqlite")

Table(
    "contact_keys",
    _metadata,
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("busy", SmallInteger, primary_key=True, autoincrement=False),
    Column("contact", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

Table(
    "contact_domains",
    _metadata,
    Column("id", _ID, primary_key=True, autoincrement=False),
    Column("domain", Text, nullable=False),
    Column("weight", Float, nullable=False),
    Column("keyed", Integer, nullable=False),
)

_OF_CONTACTS: Final = (
    ("keyed", Integer, "0"),
    ("home", BigInteger, "0"),
    ("folded", Text, ""),
    ("called", Text, ""),
    ("received", Integer, "0"),
    ("received_weight", Float, "0"),
    ("received_last", Float, "0"),
    ("sent_weight", Float, "0"),
)
_OF_THREADS: Final = (("thread", BigInteger, "0"), ("answers", BigInteger, "0"))

# A thread is called after the first message that its mails refer to.
_FIRST: Final = "substr(parents, 1, length(parents) - length(ltrim(parents, '0123456789')))"
_LAST: Final = "substr(parents, length(rtrim(parents, '0123456789')) + 1)"

_SUMS: Final = (
    """
        UPDATE contacts SET received = t.count, received_weight = t.weight, received_last = t.last
        FROM (SELECT recipient, sum(count) AS count, sum(weight) AS weight, max(last) AS last
              FROM relations GROUP BY recipient) AS t WHERE t.recipient = contacts.id
    """,
    """
        UPDATE contacts SET sent_weight = t.weight
        FROM (SELECT sender, sum(weight) AS weight FROM relations GROUP BY sender) AS t
        WHERE t.sender = contacts.id
    """,
    f"""
        UPDATE thread_messages
        SET thread = CASE WHEN parents = '' THEN message ELSE CAST({_FIRST} AS BIGINT) END,
            answers = CASE WHEN parents = '' THEN 0 ELSE CAST({_LAST} AS BIGINT) END
    """,  # noqa: S608 -- no value comes from outside
)


def upgrade() -> None:
    """Arrange rows as questions read them, and sum up what is there."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table in ("contacts", "relations", "companions", "thread_messages"):
        op.drop_index(f"ix_{table}_changed", table)  # nobody follows the changes any more
    # SQLite makes these anew: ids become the numbers of rows, and pairs stand in their order.
    again: Literal["always", "never"] = "always" if sqlite else "never"
    by_pair = {"sqlite_with_rowid": False}
    with op.batch_alter_table("contacts", recreate=again) as contacts:
        if sqlite:
            contacts.alter_column("id", type_=Integer())
        for name, kind, default in _OF_CONTACTS:
            contacts.add_column(Column(name, kind, nullable=False, server_default=default))
    for table in ("relations", "companions"):
        with op.batch_alter_table(table, recreate=again, table_kwargs=by_pair):
            pass
    with op.batch_alter_table("thread_messages", recreate=again) as threads:
        if sqlite:
            threads.alter_column("message", type_=Integer())
        for name, kind, default in _OF_THREADS:
            threads.add_column(Column(name, kind, nullable=False, server_default=default))
    op.create_index("ix_companions_other", "companions", ["other"])
    op.create_index("ix_thread_messages_thread", "thread_messages", ["thread"])
    op.create_index("ix_thread_messages_answers", "thread_messages", ["answers"])
    connection = op.get_bind()
    _metadata.create_all(connection)
    for statement in _SUMS:
        connection.exec_driver_sql(statement)
