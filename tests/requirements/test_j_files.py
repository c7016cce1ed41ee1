"""R-J2 on a whole guard: whatever it makes is for its own user alone."""

import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from running import Running
from smarthost import Smarthost

TRUSTED = 'trusted = ["127.0.0.0/8"]'
LOOSE = 'umask 0; exec "$@"'


async def test_what_a_guard_makes_is_private(tmp_path: Path) -> None:
    """R-J2: files 0600 and folders 0700 under the loosest umask, which it also changes."""
    async with Smarthost() as smarthost:
        guard = Running(tmp_path, smarthost, TRUSTED)
        there = {*tmp_path.rglob("*"), tmp_path / "log"}
        guard.spawn({"GUARD_STORE__URL": "sqlite:///data/guard.db"}, before=["sh", "-c", LOOSE, ""])
        try:
            await guard.ready()
            made = {path: path.stat() for path in tmp_path.rglob("*") if path not in there}
            status = Path(f"/proc/{guard._process.pid}/status").read_text("utf-8")
        finally:
            await guard.end(signal.SIGTERM)

    names = {path.relative_to(tmp_path).as_posix() for path in made}
    assert {f"data/guard.db{end}" for end in ("", "-wal", "-shm", ".lock")} < names
    assert "guard.key" in names
    for path, found in made.items():
        assert found.st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path
    assert "Umask:\t0077" in status


@pytest.mark.parametrize("name", ["guard.key", "guard.db", "guard.db-wal", "guard.db.lock"])
async def test_a_guard_refuses_what_others_can_open(tmp_path: Path, name: str) -> None:
    """R-J2: it does not start, and says which command mends it."""
    async with Smarthost() as smarthost:
        guard = Running(tmp_path, smarthost, TRUSTED)
        await guard.start()
        await guard.end(signal.SIGTERM)
        path = tmp_path / name
        path.touch()
        path.chmod(0o644)

        guard.spawn()
        code = await guard.ended()

    assert code in {69, 78}
    assert f"chmod 600 {path}" in guard.log


async def test_a_database_of_the_future_is_refused(tmp_path: Path) -> None:
    """An old binary on a new database ends with 78, so that systemd does not try again."""
    async with Smarthost() as smarthost:
        guard = Running(tmp_path, smarthost, TRUSTED)
        await guard.start()
        await guard.end(signal.SIGTERM)
        with closing(sqlite3.connect(tmp_path / "guard.db")) as database:
            database.execute("UPDATE schema_version SET version = 1000")
            database.commit()

        guard.spawn()
        code = await guard.ended()

    assert code == 78
    assert "made by a newer Guard" in guard.log
