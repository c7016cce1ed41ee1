"""Those beside whom Guard is measured. Who is not installed is left out, and a line says so."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from tests.bench import postfix
from tests.bench.children import child
from tests.bench.server import Server, listening
from tests.bench.waiting import until_there
from tests.loopback import free_ports

Start = Callable[[Path, int], AbstractAsyncContextManager[Server]]
"""Starts a peer, given a folder of its own and the port of the server behind it."""

PROXY: Final = """
smtpd_proxy_filter = 127.0.0.1:{upstream}
"""

MILTER: Final = """
smtpd_milters = unix:{milter}
milter_default_action = tempfail
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """One way to have mail relayed, without Guard."""

    name: str
    missing: Callable[[], str]
    """Says what it lacks here; nothing where it can be started."""

    start: Start
    opens_workbooks: bool = False
    """Its only difference: where there is no workbook, it need not be measured."""


@asynccontextmanager
async def proxy_filter(folder: Path, upstream: int) -> AsyncIterator[Server]:
    """Postfix that hands each message on while the client waits, and looks at nothing."""
    (port,) = free_ports(1)
    more = PROXY.format(upstream=upstream)
    async with postfix.postfix(folder, port=port, upstream=upstream, more=more) as pid:
        yield Server(port=port, pids=(pid,))


@asynccontextmanager
async def milter(
    folder: Path, upstream: int, *, words: tuple[str, ...] = ()
) -> AsyncIterator[Server]:
    """Postfix that asks a milter in Python before it queues a message, and then delivers it."""
    (port,) = free_ports(1)
    socket, log = folder.with_suffix(".milter"), folder.with_suffix(".log")
    where = ("-m", "tests.bench.milter", str(socket), *words)
    async with child(*where, stdin=asyncio.subprocess.PIPE, log=log) as process:
        await until_there(process, socket)
        more = MILTER.format(milter=socket)
        async with postfix.postfix(folder, port=port, upstream=upstream, more=more) as pid:
            yield Server(port=port, pids=(pid, process.pid))


@asynccontextmanager
async def aiosmtpd(
    folder: Path, upstream: int, *, words: tuple[str, ...] = ()
) -> AsyncIterator[Server]:
    """Its stock SMTP class and a handler that forwards."""
    async with listening("plain_relay", str(upstream), *words) as server:
        yield server


def _no_aiosmtplib() -> str:
    return "" if find_spec("aiosmtplib") else "aiosmtplib is not installed (the extra: bench)"


PEERS: Final = (
    Peer(name="Postfix proxy filter", missing=postfix.missing, start=proxy_filter),
    Peer(name="Postfix, milter parses", missing=postfix.missing, start=milter),
    Peer(
        name="Postfix, milter opens",
        missing=postfix.missing,
        start=partial(milter, words=("cells",)),
        opens_workbooks=True,
    ),
    Peer(
        name="aiosmtpd + aiosmtplib",
        missing=_no_aiosmtplib,
        start=partial(aiosmtpd, words=("aiosmtplib",)),
    ),
    Peer(name="aiosmtpd + our client", missing=str, start=aiosmtpd),
)
