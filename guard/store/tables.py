"""The metadata with every table attached: to create the schema, import this."""

from guard.store import audit, contact_rows, outbox, records
from guard.store.schema import metadata

__all__ = ["audit", "contact_rows", "metadata", "outbox", "records"]
