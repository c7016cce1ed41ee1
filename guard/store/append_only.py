"""
The database itself refuses to change or drop a row of the audit log.

That stops a slip, ours or an administrator's, and a stolen login that may not define tables. Who
may drop the triggers is found by the chain of hashes (`audit`).
"""

from collections.abc import Mapping
from typing import Final

TRIGGERS: Final[Mapping[str, Mapping[str, str]]] = {
    "sqlite": {
        "audit_no_update": """
            CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
            BEGIN SELECT RAISE(ABORT, 'rows of the audit log are only ever added'); END
        """,
        "audit_no_delete": """
            CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
            BEGIN SELECT RAISE(ABORT, 'rows of the audit log are only ever added'); END
        """,
        # INSERT OR REPLACE deletes without a word to the trigger above.
        "audit_no_replace": """
            CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit
            WHEN EXISTS (SELECT 1 FROM audit WHERE seq = NEW.seq)
            BEGIN SELECT RAISE(ABORT, 'rows of the audit log are only ever added'); END
        """,
    },
    "postgresql": {
        "audit_no_change": """
            CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit
            FOR EACH ROW EXECUTE FUNCTION guard_audit_only_grows()
        """,
        "audit_no_truncate": """
            CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit
            FOR EACH STATEMENT EXECUTE FUNCTION guard_audit_only_grows()
        """,
    },
}
"""By the name of the database, then of the trigger; all on the table ``audit``."""

FUNCTION: Final = """
    CREATE OR REPLACE FUNCTION guard_audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'rows of the audit log are only ever added'; END $$
"""
"""What the triggers of PostgreSQL call."""


def statements(dialect: str) -> tuple[str, ...]:
    """Give what makes the triggers, in order."""
    function = (FUNCTION,) if dialect == "postgresql" else ()
    return (*function, *TRIGGERS[dialect].values())
