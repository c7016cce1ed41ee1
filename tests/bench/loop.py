"""The event loop of everything here that is not Guard: uvloop where it is installed."""

import asyncio
from collections.abc import Coroutine
from importlib.util import find_spec
from typing import Any


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run *main* to its end."""
    if find_spec("uvloop"):
        import uvloop

        uvloop.run(main)
    else:
        asyncio.run(main)
