"""Mail that an older release holds is delivered by this one."""

import asyncio
import subprocess
import sys
from pathlib import Path

import first_release
from running import Running
from smarthost import Smarthost

TRUSTED = 'trusted = ["127.0.0.0/8"]'


async def test_mail_held_by_the_first_release_is_delivered(tmp_path: Path) -> None:
    """The way of an administrator: refused with the remedy, upgraded, started; same octets."""
    async with Smarthost() as smarthost:
        guard = Running(tmp_path, smarthost, TRUSTED)
        first_release.put_in(tmp_path)
        guard.spawn()
        assert await guard.ended() == 78
        assert "run: guard db upgrade" in guard.log

        upgrade = [sys.executable, "-m", "guard", "db", "upgrade"]
        await asyncio.to_thread(
            subprocess.run, upgrade, cwd=tmp_path, check=True, capture_output=True
        )
        await guard.start()
        try:
            await guard.states("expired", "delivered")  # the other one's time was long over
        finally:
            await guard.stop()

    released = [
        mail for mail in await smarthost.wait_for(1) if "sato@kita-syoji.example" in mail.rcpts
    ]
    assert [mail.octets.endswith(first_release.OCTETS) for mail in released] == [True]
