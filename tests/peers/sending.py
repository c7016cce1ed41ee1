"""What sending a letter takes, whoever does it, and what comes of it."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from daemons import PATH

Tls = Literal["none", "starttls", "implicit"]

PATIENCE_S: Final = 60
"""Seconds that a client may wait for a reply."""

MODULES: Final = Path("/usr/share/nodejs")
"""Where Debian keeps libraries for Node."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How to get in."""

    port: int
    tls: Tls = "none"
    ca: Path | None = None
    user: str = ""
    """Empty: without a login."""

    password: str = ""
    mechanism: str = "PLAIN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail and its envelope."""

    sender: str
    recipient: str
    octets: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the server said that decided: its first refusal, else its reply to the message."""

    code: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a program ended."""

    printed: str
    succeeded: bool
    """Exit code 0."""


Client = Callable[[Way, Letter, Path], Awaitable[Told]]
"""Sends a letter; files that it needs go to the folder."""


def told(replies: list[tuple[str, str]], ran: Ran) -> Told:
    """Give what decided; the client must have taken it as it was meant."""
    refusals = [each for each in replies if each[0] >= "400"]
    taken = [each for each in replies if each[0] != "221"]
    assert taken, ran.printed
    code, text = refusals[0] if refusals else taken[-1]
    assert ran.succeeded != bool(refusals), ran.printed
    return Told(code=int(code), text=text)


async def run(*words: str, given: bytes = b"") -> Ran:
    """Run a program to its end."""
    process = await asyncio.create_subprocess_exec(
        *words,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=os.environ
        | {"PATH": PATH, "LC_ALL": "C.UTF-8", "NODE_PATH": str(MODULES), "HOME": "/"},
    )
    try:
        async with asyncio.timeout(2 * PATIENCE_S):
            said, _ = await process.communicate(given)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return Ran(printed=said.decode("utf-8", "replace"), succeeded=process.returncode == 0)
