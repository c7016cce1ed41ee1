"""The policy of a running guard changes: by its folder, by exceptions, by command."""

import asyncio
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from test_life import POLICY, SENDER, House, housed, mail

RULE = """\
rules:
  - id: nobody
    message: {en: "Nobody writes to it."}
    when: {recipient: {address: "*@kita-shoji.example"}}
    then: refuse
"""

HOLDS = POLICY.replace("mode: watch", "mode: hold") + RULE
WORKERS = 2


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with housed(tmp_path) as made:
        yield made


def change(house: House, text: str) -> None:
    """As an editor saves: beside it, then in its place."""
    main = house.folder / "policies" / "main.yaml"
    beside = main.with_name(".main.yaml.swp")
    beside.write_text(text)
    beside.replace(main)


def guard(house: House, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "guard", *words],
        cwd=house.folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def refused(house: House) -> bool:
    """Whether mail to the one whom nobody writes to is refused."""
    with house.client() as client:
        client.ehlo()
        client.mail(SENDER)
        client.rcpt("sato@kita-shoji.example")
        code, _ = client.data(mail())
    assert code in {250, 550}
    return code == 550


async def test_it_follows_folder_exceptions_and_commands(house: House) -> None:
    """All workers end with the same policy each time, without a signal; each hash is told."""
    await house.start("--workers", str(WORKERS))
    change(house, HOLDS)
    await house.until(lambda: house.log.count('"policy.loaded"') == WORKERS)
    assert await asyncio.to_thread(refused, house)

    done = await asyncio.to_thread(guard, house, "reload")
    assert done.returncode == 0, done.stderr
    first = re.search(r"policy ([0-9a-f]{12}) \(hold\) in 2 processes", done.stdout)[1]

    words = ("--to", "*@kita-shoji.example", "--because", "agreed (Kimura)")
    done = await asyncio.to_thread(guard, house, "policy", "exceptions", "add", "nobody", *words)
    assert done.returncode == 0, done.stderr
    id_ = done.stdout.split()[0]
    await house.until(lambda: house.log.count('"policy.exceptions"') == WORKERS)
    assert not await asyncio.to_thread(refused, house)
    hashes = re.findall(r'"submission.done".*"policy": "([0-9a-f]{12})"', house.log) or re.findall(
        r'"policy": "([0-9a-f]{12})".*"submission.done"', house.log
    )
    assert hashes[0] == first
    assert hashes[1] != first
    await house.until(
        lambda: "last matched 2" in guard(house, "policy", "exceptions", "list").stdout
    )

    done = await asyncio.to_thread(guard, house, "policy", "exceptions", "end", id_)
    assert done.returncode == 0, done.stderr
    await house.until(lambda: house.log.count('"policy.exceptions"') == 2 * WORKERS)
    assert await asyncio.to_thread(refused, house)

    change(house, "guard: 1\nmode: wach\n")
    done = await asyncio.to_thread(guard, house, "reload")
    assert done.returncode == 1
    assert "wach" in done.stderr
    assert first in done.stderr
    assert await asyncio.to_thread(house.metric, "guard_policy_last_reload_successful") == 0
    assert await asyncio.to_thread(refused, house)
    done = await asyncio.to_thread(guard, house, "policy", "show")
    assert done.stdout.count("the newer one is refused") >= WORKERS

    change(house, HOLDS)
    done = await asyncio.to_thread(guard, house, "reload")
    assert (done.returncode, first in done.stdout) == (0, True)
    assert await house.stop() == 0
    done = await asyncio.to_thread(guard, house, "reload")
    assert done.returncode == 69


async def test_a_killed_guard_is_no_answer(house: House) -> None:
    """Whoever waits for it is told after a while, and not for ever."""
    await house.start()
    house.process.kill()
    await house.ended()

    done = await asyncio.to_thread(guard, house, "reload", "--wait", "1")
    assert done.returncode == 75
    assert f"process {house.process.pid}: no answer" in done.stderr
