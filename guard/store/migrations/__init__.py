"""
How the tables of older versions become today's: Alembic, forward only.

A revision is a picture of its time: it imports nothing that may change later. `env` is what
Alembic itself runs. Imported for an upgrade only: Alembic takes a quarter of a second.
"""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, update

from guard.store.schema import SCHEMA_VERSION, revision_of, schema_version

FIRST: Final = 1
"""The schema of the release that knew no Alembic yet: such a database has no note of its own."""


def make(connection: Connection, version: int) -> None:
    """Make the tables of *version* where there are none, in the transaction of *connection*."""
    command.upgrade(_config(connection), revision_of(version))


def upgrade(connection: Connection, *, found: int) -> None:
    """Bring tables of version *found* up to today's, in the transaction of *connection*."""
    config = _config(connection)
    if found == FIRST:
        command.stamp(config, revision_of(FIRST))
    command.upgrade(config, revision_of(SCHEMA_VERSION))
    connection.execute(update(schema_version).values(version=SCHEMA_VERSION))


def _config(connection: Connection) -> Config:
    config = Config()
    # No path is interpolated: a percent sign stays one.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
