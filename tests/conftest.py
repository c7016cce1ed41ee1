"""
What every test gets.

That this file stands here puts its folder on the path: tests import `factories` from it.
"""

import os
from collections.abc import Iterator

import postgres
import pytest
from hypothesis import settings

# How long an example takes says more about the machine than about the code.
settings.register_profile("guard", deadline=None)
settings.register_profile(
    "fuzz",
    deadline=None,
    max_examples=int(os.environ.get("GUARD_FUZZ_EXAMPLES", "10000")),
    print_blob=True,
)
settings.load_profile("guard")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """A PostgreSQL that all tests of this process share; each takes a database of its own."""
    with postgres.postgres() as server:
        yield server
