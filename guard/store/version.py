"""Which version the tables of a database have, what that means, and how new ones are made."""

from sqlalchemy import Connection, insert, inspect, select, text

from guard.model.errors import SchemaError
from guard.store.schema import MOVED, SCHEMA_VERSION, alembic_version, revision_of, schema_version
from guard.store.tables import metadata


def version_of(connection: Connection) -> int | None:
    """Give the version of the tables; `None` where none were made yet."""
    if not inspect(connection).has_table(schema_version.name):
        return None
    return connection.scalar(select(schema_version.c.version))


def require_current(found: int) -> None:
    """
    See that *found* is the version that this Guard works with.

    Raises:
        SchemaError: It is not; the message says what to do.
    """
    if found == MOVED:
        raise SchemaError(
            "all that this database had was moved to another by “guard db move”; set [store] url to"
            " that one"
        )
    if found > SCHEMA_VERSION:
        raise SchemaError(
            f"the database has schema {found}, made by a newer Guard; this one knows up to"
            f" {SCHEMA_VERSION}"
        )
    if found < SCHEMA_VERSION:
        raise SchemaError(
            f"the database has schema {found}, made by an older Guard; this one needs"
            f" {SCHEMA_VERSION}; stop every guard on it, then run: guard db upgrade"
        )


def lock_schema(connection: Connection) -> None:
    """Let nobody else make or change tables before this transaction is over."""
    # SQLite has one writer anyway; of PostgreSQL's nodes, two that start at once would both create.
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('guard.schema'))"))


def make_tables(connection: Connection) -> None:
    """Make today's tables where there are none, as all revisions one after the other would."""
    metadata.create_all(connection)
    connection.execute(insert(schema_version).values(id=1, version=SCHEMA_VERSION))
    connection.execute(insert(alembic_version).values(version_num=revision_of(SCHEMA_VERSION)))
