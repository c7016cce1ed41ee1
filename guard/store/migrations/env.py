"""What Alembic runs for each command: in the transaction that it was given, and no other."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
