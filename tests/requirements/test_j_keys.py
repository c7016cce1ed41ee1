"""A running guard takes a rotated key ring: what is new uses it, what is old still opens."""

import asyncio
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from front import Client
from running import HELD_DOMAIN, Running, link_in, post
from smarthost import Mail, Smarthost

TRUSTED = 'trusted = ["127.0.0.0/8"]'
WORKERS = 2
HELD = f"eve@{HELD_DOMAIN}"

pytestmark = pytest.mark.timeout(180)


def rotate(guard: Running, purpose: str) -> None:
    """Rotate as an operator does."""
    words = [sys.executable, "-m", "guard", "keys", "rotate", purpose]
    subprocess.run(words, cwd=guard.folder, check=True, capture_output=True)


def active(guard: Running, purpose: str) -> str:
    ring = json.loads((guard.folder / "guard.key").read_text())
    (key_id,) = [key["id"] for key in ring["keys"][purpose] if key["state"] == "active"]
    return key_id


async def hold(guard: Running, smarthost: Smarthost, subject: str) -> str:
    """Hand in a mail that is held, and give the link of its notice."""
    before = len(smarthost.messages)
    async with await Client.greeted(guard) as client:
        octets = f"From: ann@example.com\r\nSubject: {subject}\r\n\r\nb\r\n".encode()
        reply = await client.mail(octets, recipients=(f"<{HELD}>",))
    assert "Held" in reply

    def notices() -> list[Mail]:
        return [mail for mail in smarthost.messages[before:] if mail.mail_from == ""]

    await smarthost.wait_until(notices, 40)
    return link_in(notices()[0])


async def test_a_running_guard_takes_a_rotated_ring(tmp_path: Path) -> None:
    """R-F11: every worker seals with the new subkeys; mail and links of before are as good."""
    async with Smarthost() as smarthost:
        guard = Running(tmp_path, smarthost, TRUSTED)
        await guard.start({"GUARD_WORKERS": str(WORKERS)})
        try:
            first, old = await hold(guard, smarthost, "first"), active(guard, "holds")
            for purpose in ("holds", "links", "lists", "logs"):
                await asyncio.to_thread(rotate, guard, purpose)
            guard.send(signal.SIGHUP)
            await guard.until(lambda: guard.log.count("keys.loaded") == WORKERS)
            second = await hold(guard, smarthost, "second")
            for link in (first, second):
                assert await post(link, action="send", confirm=HELD) == 200
            await guard.states("delivered", "delivered")
            keys = [row[0] for row in guard.ask("SELECT key_id FROM holds ORDER BY held_at")]
            assert keys == [old, active(guard, "holds")]
            assert await guard.stop() == 0
        finally:
            await guard.kill()
        sent = [mail.octets for mail in smarthost.messages if mail.mail_from]
    assert [octets.partition(b"Subject: ")[2].partition(b"\r")[0] for octets in sent] == [
        b"first",
        b"second",
    ]


async def test_a_bad_key_file_is_passed_over(tmp_path: Path) -> None:
    """The ring before stays in force, log and gauge ring the alarm; once mended all is well."""
    gauge = "guard_keys_last_reload_successful"
    async with Smarthost() as smarthost:
        guard = Running(tmp_path, smarthost, TRUSTED)
        await guard.start()
        try:
            await hold(guard, smarthost, "first")
            path = tmp_path / "guard.key"
            ring = path.read_bytes()
            path.write_bytes(ring[:-10])
            guard.send(signal.SIGHUP)
            await guard.until(lambda: "keys.refused" in guard.log)
            assert f"{gauge} 0.0" in await asyncio.to_thread(guard.metrics)

            link = await hold(guard, smarthost, "second")
            assert await post(link, action="send", confirm=HELD) == 200
            await guard.states("waiting", "delivered")
            path.write_bytes(ring)
            guard.send(signal.SIGHUP)
            await guard.until(lambda: "keys.loaded" in guard.log)
            assert f"{gauge} 1.0" in await asyncio.to_thread(guard.metrics)
            assert await guard.stop() == 0
        finally:
            await guard.kill()
