"""Database and key ring are opened together, or it is said what is wrong."""

import secrets
from pathlib import Path

import pytest
from factories import HELD_AT, hold

from guard.app.knowledge import knowledge_of
from guard.config import Settings
from guard.model.errors import KeyFileError, StoreError
from guard.ports import AuditEntry, Kept
from guard.store.holds import SqlHoldStore
from guard.store.opening import opened
from guard.store.outbox import SqlOutbox
from guard.store.private import require_private_folder

URL = "sqlite:///data/guard.db"
KEY = Path("keys/guard.key")


async def test_the_first_start_makes_both(tmp_path: Path) -> None:
    """Where there is nothing, files and folders are made, for the owner alone; later they stay."""
    async with opened(URL, KEY, folder=tmp_path) as first:
        pass
    async with opened(URL, KEY, folder=tmp_path) as second:
        assert second.keys == first.keys

    for path, mode in (("data", 0o700), ("keys", 0o700), (KEY, 0o600), ("data/guard.db", 0o600)):
        assert (tmp_path / path).stat().st_mode & 0o777 == mode


async def held_mail(folder: Path) -> str:
    """Make a store with one hold in it; give its id."""
    async with opened(URL, KEY, folder=folder) as ground:
        held = hold()
        store = SqlHoldStore(ground.database, ground.keys, SqlOutbox(ground.database))
        await store.put(
            Kept(
                hold=held,
                octets=b"octets",
                tokens={secrets.token_bytes(32): held.owner},
                jobs=(),
                audit=AuditEntry(event="hold.created", hold_id=held.id, at=HELD_AT),
            )
        )
    return held.id


async def test_no_new_ring_where_mail_waits(tmp_path: Path) -> None:
    """A lost key file is told; a new one would only hide that the mail cannot be opened."""
    hold_id = await held_mail(tmp_path)
    path = tmp_path / KEY
    ring = path.read_bytes()
    path.unlink()

    with pytest.raises(KeyFileError, match="restore it from its backup"):
        async with opened(URL, KEY, folder=tmp_path):
            pytest.fail("opened without its ring")
    assert not path.exists()

    path.write_bytes(ring)
    path.chmod(0o600)
    async with opened(URL, KEY, folder=tmp_path) as ground:
        store = SqlHoldStore(ground.database, ground.keys, SqlOutbox(ground.database))
        assert await store.octets(hold_id) == b"octets"


async def test_another_ring_is_refused_at_the_start(tmp_path: Path) -> None:
    """Not only when somebody confirms."""
    await held_mail(tmp_path)
    async with opened("sqlite:///other.db", Path("other.key"), folder=tmp_path):
        pass

    with pytest.raises(KeyFileError, match="lacks the key"):
        async with opened(URL, Path("other.key"), folder=tmp_path):
            pytest.fail("opened with another ring")


async def test_two_guards_on_one_database_are_refused(tmp_path: Path) -> None:
    """R-K5: each would count by itself. A command beside the guard is no guard."""
    async with opened(URL, KEY, folder=tmp_path, alone=True):
        with pytest.raises(StoreError, match="another guard"):
            async with opened(URL, KEY, folder=tmp_path, alone=True):
                pass
        async with opened(URL, KEY, folder=tmp_path):
            pass
    async with opened(URL, KEY, folder=tmp_path, alone=True):
        pass


@pytest.mark.parametrize("what", ["folder", "file"])
def test_lists_are_private(tmp_path: Path, what: str) -> None:
    """R-J2: whoever could change a list could have a leak pass unseen."""
    folder = tmp_path / "lists"
    require_private_folder(folder)  # none yet
    folder.mkdir(mode=0o700)
    index = folder / "customers.idx"
    index.touch(0o600)
    require_private_folder(folder)

    changed, mode = (folder, 0o770) if what == "folder" else (index, 0o640)
    changed.chmod(mode)
    with pytest.raises(StoreError, match=f"run: chmod [67]00 {changed}"):
        require_private_folder(folder)


async def test_a_guard_does_not_start_beside_open_lists(tmp_path: Path) -> None:
    """R-J2: refused with the remedy before any mail is taken."""
    folder = tmp_path / "lists"
    folder.mkdir(mode=0o700)
    folder.chmod(0o777)
    settings = Settings(lists={"folder": folder})
    async with opened(URL, KEY, folder=tmp_path) as ground:
        with pytest.raises(StoreError, match=f"chmod 700 {folder}"):
            async with knowledge_of(settings, ground):
                pytest.fail("started")
