"""What the tests of requirements share."""

from collections.abc import AsyncIterator

import pytest
from smarthost import Smarthost


@pytest.fixture
async def smarthost() -> AsyncIterator[Smarthost]:
    """A recording mail server of this test alone, which nobody spoke badly to."""
    async with Smarthost() as smarthost:
        yield smarthost
        assert smarthost.violations == []
