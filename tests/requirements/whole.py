"""The whole of Guard between real sockets: front, judgement, pool; only the store is in memory."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from factories import HELD_AT
from front import Client, front
from in_process_readers import InProcessReaders
from memory_store import MemoryStore
from smarthost import Smarthost

from guard.contacts.acquaintance import Acquaintance
from guard.examine import Knowledge
from guard.pipeline import Pipeline
from guard.policy import Policy
from guard.release import Links
from guard.submission import SubmissionServer

ENVELOPE = ("MAIL FROM:<ann@example.com>", "RCPT TO:<bob@example.net>")
TRACE = re.compile(rb"Received: [^\r]*\r\n(?:[ \t][^\r]*\r\n)*")
LINKS = Links(("k1", b"k" * 32), lambda _: b"k" * 32)
POLICY = Policy.model_validate({"guard": 1, "us": {"domains": "example.com"}})


class Nobody:
    """Contacts and lists that know nothing."""

    async def acquaintance(self, _: object) -> Acquaintance:
        return Acquaintance()

    async def learn(self, _: object) -> None:
        pass

    async def has(self, _: str) -> bool:
        return False


def pipeline(*, policy: Policy = POLICY, key: bytes = b"k" * 32) -> Pipeline:
    """A Guard with its key; as a rule it lets everything pass."""
    nobody: Any = Nobody()
    return Pipeline(
        knowledge=Knowledge(readers=InProcessReaders(), contacts=nobody, lists=nobody),
        holds=MemoryStore(lambda: HELD_AT),
        links=LINKS,
        clock=lambda: HELD_AT,
        policy=lambda: policy,
        name="guard.example.com",
        address_for_log=str,
        afterwards=lambda work: work.close(),
        tell=lambda _: Nobody().learn(_),
        mark_key=key,
    )


@asynccontextmanager
async def guarding(
    smarthost: Smarthost, *, key: bytes = b"k" * 32, **more: Any
) -> AsyncIterator[SubmissionServer]:
    """A Guard before *smarthost*; *more* is for its front."""
    async with front(smarthost.address, accept=pipeline(key=key).accept, **more) as server:
        yield server


@asynccontextmanager
async def guarded(smarthost: Smarthost, **more: Any) -> AsyncIterator[Client]:
    """A client of a Guard before *smarthost*, which has said hello."""
    async with guarding(smarthost, **more) as server, await Client.greeted(server) as client:
        yield client


def below_trace(octets: bytes) -> bytes:
    """The message without the one trace line that Guard puts on top."""
    trace = TRACE.match(octets)
    assert trace is not None
    return octets[trace.end() :]


def stuffed(octets: bytes) -> bytes:
    """A message as it is sent after DATA, with its end."""
    return (b"\r\n" + octets).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n"
