"""A guard with its neighbours: the server behind it, and those who could stand in its place."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.bench import mails
from tests.bench.case import Case, Site, say
from tests.bench.load import SESSIONS, Load, Passage, passed
from tests.bench.office import SENDER, Office
from tests.bench.peers import PEERS
from tests.bench.server import Server, listening
from tests.bench.source import Client, Mail, UnexpectedReplyError, send_all
from tests.loopback import free_ports

GUARD: Final = "guard"
DIRECT: Final = "direct"
SMALL_BYTES: Final = 4_000
KNOWN: Final = 1_000
CUSTOMERS: Final = 100_000
TRIED: Final = 60
WRITTEN: Final = 20
"""Mails to a person before somebody who looks like them gets one."""

LOOKALIKE: Final = "sato@kita-syoji.example"
MEANT: Final = ("佐藤 一郎", "北商事", "sato@kita-shoji.example")


@dataclass(frozen=True, slots=True, kw_only=True)
class Street:
    """All that take mail, each with the same sink behind it."""

    servers: Mapping[str, Server]
    """By peer. Mail that goes ``direct`` goes to the sink."""

    recipients: Sequence[tuple[str, str]]
    """Name and address of those to whom mail goes out unasked."""

    def cases(self, loads: Mapping[str, Load]) -> list[Case]:
        """Give each load, through each of them."""
        sink = self.servers[DIRECT]
        return [
            Case(name=name, peer=peer, run=Passage(server, sink, load).run)
            for name, load in loads.items()
            for peer, server in self.servers.items()
        ]


@asynccontextmanager
async def street(site: Site, *, workbooks: bool = False) -> AsyncIterator[Street]:
    """Start them all; the guard knows some people and customers. *workbooks* will come."""
    async with AsyncExitStack() as parts:
        sink = await parts.enter_async_context(listening("sink"))
        people = [MEANT, *mails.contacts(1, KNOWN)]
        office = Office(site.folder / "guard", sink.port, like=await _known(site, people))
        started = await parts.enter_async_context(office.running())
        servers = {GUARD: Server(port=started.smtp, pids=(started.pid,)), DIRECT: sink}
        for peer in PEERS if site.peers else ():
            if peer.opens_workbooks and not workbooks:
                continue
            if lacks := peer.missing():
                say(f"left out, {peer.name}: {lacks}")
                continue
            folder = site.folder / f"peer{len(servers)}"
            servers[peer.name] = await parts.enter_async_context(peer.start(folder, sink.port))
        friend = small(MEANT[0], MEANT[2])
        await send_all(started.smtp, [friend] * WRITTEN, sessions=1, kept=True, expect=passed)
        yield Street(servers=servers, recipients=await _clean(people[1 : TRIED + 1], started.smtp))


async def _known(site: Site, people: Sequence[tuple[str, str, str]]) -> Path:
    """Give a guard's folder with everything imported; made once for all benchmarks of a run."""
    folder = site.shared / "office"
    if not folder.exists():
        say(f"importing {len(people):,} contacts and {CUSTOMERS:,} customers")
        office = Office(folder, *free_ports(1))
        await office.import_contacts(people)
        await office.import_customers(CUSTOMERS)
    return folder


def small(name: str, address: str) -> Mail:
    """Make a letter of 4 KB."""
    return Mail.of(SENDER, address, mails.letter(name, address, SENDER, SMALL_BYTES))


async def _clean(people: Sequence[tuple[str, str, str]], port: int) -> list[tuple[str, str]]:
    """
    Give those to whom mail goes out unasked.

    Among invented people some resemble each other; to them it is rightly held.
    """
    clean = []
    client = await Client.connect(port)
    for name, _, address in people:
        try:
            if passed(await client.send(small(name, address))):
                clean.append((name, address))
        except UnexpectedReplyError:  # also an answer, but not to what is measured
            await client.ask(b"RSET\r\n")
    await client.quit()
    if len(clean) < SESSIONS:
        raise RuntimeError(f"only {len(clean)} of {len(people)} recipients are beyond doubt")
    return clean
