"""R-K5: one SQLite database has one guard, on one machine, whatever the disk is shared by."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from guard.model.errors import StoreError
from guard.store import occupant, presence
from guard.store.database import Database
from guard.store.occupant import LOOK_S, SILENT_S, Occupant, lock_file, still_ours
from guard.store.opening import only_guard, opened

HERE, THERE = "a" * 36, "b" * 36


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A file in the place of a database."""
    path = tmp_path / "guard.db"
    path.touch(0o600)
    return path


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Go on on another machine, or on the same after a boot."""

    def go(boot: str) -> None:
        monkeypatch.setattr(occupant, "boot_id", lambda: boot)

    go(HERE)
    return go


def take(path: Path) -> tuple[Occupant, float]:
    """Be the guard on a database; tell how long one would have had to wait."""
    taken = Occupant.of(path)
    return taken, sum(taken.waits())


def lose_lock(taken: Occupant) -> None:
    """Let a kernel's lock go that does not reach the other machine, as when this one dies."""
    os.close(taken._handle)


def test_the_same_machine_waits_for_nobody(database: Path, on: Callable[[str], None]) -> None:
    """Neither at first, nor after a clean end, nor after a crash: there the kernel's lock tells."""
    first, waited = take(database)
    assert waited == 0
    with pytest.raises(StoreError, match="another guard is running"):
        Occupant.of(database)
    first.leave()
    assert lock_file(database).read_bytes() == b""

    second, waited = take(database)
    assert waited == 0
    lose_lock(second)
    third, waited = take(database)
    assert waited == 0
    third.leave()


def test_another_machine_waits_until_the_first_is_silent(
    database: Path, on: Callable[[str], None]
) -> None:
    """Its last word may be a word of the living; after half a minute without one it is none."""
    crashed, _ = take(database)
    lose_lock(crashed)

    on(THERE)
    taken, waited = take(database)

    assert waited == SILENT_S
    on(HERE)
    assert not still_ours(database)
    on(THERE)
    assert still_ours(database)
    taken.leave()


def test_another_machine_finds_the_first_alive(database: Path, on: Callable[[str], None]) -> None:
    """One word is enough, at whatever look."""
    first, _ = take(database)
    lose_lock(first)

    on(THERE)
    second = Occupant.of(database)
    looks = second.waits()
    assert next(looks) == next(looks) == LOOK_S
    on(HERE)
    assert still_ours(database)
    with pytest.raises(StoreError, match="on another machine"):
        next(looks)
    second.leave()
    assert still_ours(database), "whoever was refused has not taken its place"


def test_a_machine_that_left_in_order_is_not_waited_for(
    database: Path, on: Callable[[str], None]
) -> None:
    """A planned change of machine takes no time."""
    first, _ = take(database)
    first.leave()

    on(THERE)
    second, waited = take(database)
    assert waited == 0
    second.leave()


async def test_who_lost_its_place_writes_nothing(
    tmp_path: Path, on: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A guard that stood still for long finds another machine on its file: clients hear 451."""
    beats = asyncio.Semaphore(0)
    asked = asyncio.Event()

    async def beat(_: float) -> None:
        asked.set()
        await beats.acquire()

    monkeypatch.setattr(presence, "_pause", beat)
    async with opened(
        "sqlite:///guard.db", Path("guard.key"), folder=tmp_path, alone=True, running=True
    ) as ground:
        await asked.wait()
        word = lock_file(tmp_path / "guard.db")
        before = word.read_bytes()
        asked.clear()
        beats.release()
        await asked.wait()
        assert word.read_bytes() != before, "it said nothing"
        async with ground.database.write():
            pass

        word.write_bytes(THERE.encode() + b" 1234567812345678\n")
        given_up = asyncio.Event()
        real = Database.give_up

        def give_up(self: Database, why: str) -> None:
            real(self, why)
            given_up.set()

        monkeypatch.setattr(Database, "give_up", give_up)
        beats.release()
        await given_up.wait()
        with pytest.raises(StoreError, match="another machine took"):
            async with ground.database.write():
                pytest.fail("wrote beside another machine")
    assert word.read_bytes().startswith(THERE.encode()), "it took the place of the other again"


async def test_both_ways_to_start_wait(
    tmp_path: Path, on: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One process alone, and a supervisor of several."""
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr("guard.store.opening.asyncio.sleep", sleep)
    monkeypatch.setattr("guard.store.opening.time.sleep", waited.append)
    word = lock_file(tmp_path / "guard.db")
    for start in range(2):
        word.write_bytes(THERE.encode() + b" 1234567812345678\n")
        word.chmod(0o600)
        if start == 0:
            async with opened("sqlite:///guard.db", Path("k"), folder=tmp_path, alone=True):
                pass
        else:
            with only_guard("sqlite:///guard.db", folder=tmp_path):
                pass
        assert sum(waited) == SILENT_S
        waited.clear()
        assert word.read_bytes() == b""


def test_the_word_is_private(database: Path, on: Callable[[str], None]) -> None:
    """R-J2: who may write to it could stop the guard."""
    lock_file(database).touch()
    lock_file(database).chmod(0o644)
    with pytest.raises(StoreError, match="chmod 600"):
        Occupant.of(database)
    lock_file(database).unlink()
    taken, _ = take(database)
    assert lock_file(database).stat().st_mode & 0o777 == 0o600
    taken.leave()
