"""
How long a server keeps a client waiting who asks for nothing.

``python -m tests.bench.ping PORT`` says NOOP again and again, and prints a line when it has begun.
When its standard input ends, it prints how long the answers took. It is a process of its own, for
who sends big mail is busy itself.
"""

import asyncio
import sys
import time
from statistics import quantiles
from typing import Final

from tests.bench.children import print_figures
from tests.bench.loop import run
from tests.bench.source import Client

PAUSE_S: Final = 0.003
CONNECTION: Final = 90
"""NOOPs on one connection: after a hundred Postfix takes its time, and it is right."""


async def asked_ms(client: Client) -> float:
    """Ask once and give the milliseconds until the answer."""
    began = time.perf_counter()
    await client.ask(b"NOOP\r\n")
    return (time.perf_counter() - began) * 1000


async def ping(port: int) -> None:
    """Ask until nobody wants to know any more."""
    ended = asyncio.ensure_future(asyncio.to_thread(sys.stdin.read))
    waited_ms = [await asked_ms(await Client.connect(port)) for _ in range(2)]
    print("asking", flush=True)  # noqa: T201
    while not ended.done():
        client = await Client.connect(port)
        for _ in range(CONNECTION):
            waited_ms.append(await asked_ms(client))
            if ended.done():
                break
            await asyncio.sleep(PAUSE_S)
        await client.quit()
    cuts = quantiles(waited_ms, n=100, method="inclusive")
    print_figures({"NOOP p50 ms": cuts[49], "NOOP p99 ms": cuts[98], "longest ms": max(waited_ms)})


if __name__ == "__main__":
    run(ping(int(sys.argv[1])))
