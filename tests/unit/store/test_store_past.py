"""Features of judged mail: written together, sealed, read back, and gone after their time."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from guard.model.errors import StoreError
from guard.policy.past.features import Features
from guard.ports import AuditEntry
from guard.store import past as kept
from guard.store.key_use import forget_sealed
from guard.store.keys import RingFile
from guard.store.opening import Ground, opened
from guard.store.past import BATCH, MOST_WAITING, Missing, SqlPast
from guard.store.past_rows import features_table
from guard.store.rotation import rotate, with_keys, write

NOW = datetime.now(UTC)
MONTH = timedelta(days=30)


@pytest.fixture(params=["sqlite", "postgres"])
async def ground(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Ground]:
    """An empty store."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/guard.db"
    else:
        url = request.getfixturevalue("postgres_server").database()
    async with opened(url, tmp_path / "guard.key") as ground:
        yield ground


def mail(
    number: int = 0, *, at: datetime = NOW, policy: str = "7f3a1c", key: str = "k1"
) -> Features:
    """One mail with a number."""
    return Features(
        at=at,
        record=b'{"canary":%d}' % number,
        policy=policy,
        asked={"lists": ["customers"], "tags": []},
        key_id=key,
    )


async def records(ground: Ground, since: datetime = NOW - MONTH) -> list[bytes]:
    """All that is kept."""
    return [line async for batch in kept.read(ground, since, Missing()) for line in batch.records]


async def rows(ground: Ground) -> int:
    """How many rows there are."""
    async with ground.database.read() as conn:
        return await conn.scalar(select(func.count()).select_from(features_table)) or 0


async def test_what_was_kept_is_read_back(ground: Ground) -> None:
    """Many mails are one row, each stands there once, with what its policy asked for."""
    past = SqlPast(ground, MONTH)
    for number in range(BATCH + 1):
        past.keep(mail(number))
    past.keep(mail(9999, key="k2", policy="other"))
    await past.write()

    batches = [batch async for batch in kept.read(ground, NOW - MONTH, Missing())]

    assert await rows(ground) == 3
    assert sorted(len(batch.records) for batch in batches) == [1, 1, BATCH]
    assert len(await records(ground)) == len(set(await records(ground))) == BATCH + 2
    assert {batch.key_id for batch in batches} == {"k1", "k2"}
    asked = {"lists": ["customers"], "tags": []}
    assert [batch.policies for batch in batches if batch.key_id == "k2"] == [{"other": asked}]
    assert await kept.count(ground, NOW - MONTH) == BATCH + 2
    assert await kept.count(ground, NOW + MONTH) == 0


async def test_nothing_of_it_can_be_read_without_the_key(ground: Ground) -> None:
    """What stands in the rows is sealed; a row that was changed does not open, and is counted."""
    past = SqlPast(ground, MONTH)
    past.keep(mail())
    await past.write()
    async with ground.database.write() as conn:
        (sealed,) = (await conn.scalars(select(features_table.c.sealed))).all()
        assert b"canary" not in sealed
        await conn.execute(update(features_table).values(sealed=sealed[:-1] + b"x"))

    missing = Missing()
    assert [batch async for batch in kept.read(ground, NOW - MONTH, missing)] == []
    assert (missing.mails, missing.keys) == (1, set())


async def test_after_its_time_it_is_gone(ground: Ground) -> None:
    """Thirty days, and no more; with none, all that there was goes."""
    past = SqlPast(ground, MONTH)
    past.keep(mail(1, at=NOW - timedelta(days=31)))
    await past.write()
    past.keep(mail(2, at=NOW - timedelta(days=29)))
    await past.write()
    assert await rows(ground) == 1  # the second look is in an hour: the first saw the old one

    nothing = SqlPast(ground, timedelta())
    nothing.keep(mail(3))
    await nothing.write()
    assert await rows(ground) == 0


async def test_the_end_writes_what_waits(ground: Ground) -> None:
    """A process that ends well forgets nothing."""
    past = SqlPast(ground, MONTH)
    past.start()
    past.keep(mail())
    await past.close()

    assert await records(ground) == [b'{"canary":0}']


async def test_while_the_database_is_away_mails_wait(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are kept in memory, up to a number, and written once it is back; nobody waits."""
    past = SqlPast(ground, MONTH)
    past.keep(mail(1))
    with monkeypatch.context() as patch:
        patch.setattr(ground.database, "give_up", None)
        ground.database._lost = "away"
        with pytest.raises(StoreError):
            await past.write()
        ground.database._lost = ""
    lost = kept.LOST._value.get()
    for number in range(MOST_WAITING):
        past.keep(mail(number))
    assert kept.LOST._value.get() - lost == 1
    await past.write()

    assert len(await records(ground)) == MOST_WAITING


async def test_with_its_key_it_is_destroyed(ground: Ground, tmp_path: Path) -> None:
    """Whoever retires a subkey for holds takes what it sealed of past mail, too."""
    past = SqlPast(ground, MONTH)
    past.keep(mail())
    await past.write()
    before, _ = rotate(tmp_path / "guard.key", "holds")

    def entry(hold_id: str, event: str) -> AuditEntry:
        return AuditEntry(event=event, hold_id=hold_id, at=NOW)

    await forget_sealed(ground, before.id, entry)

    assert await rows(ground) == 0


async def test_without_its_key_it_is_counted_as_missing(ground: Ground, tmp_path: Path) -> None:
    """A row of a subkey that is gone is passed over, and which key that was is told."""
    past = SqlPast(ground, MONTH)
    past.keep(mail())
    await past.write()
    before, after = rotate(tmp_path / "guard.key", "holds")
    ring = RingFile.read(tmp_path / "guard.key")
    write(tmp_path / "guard.key", with_keys(ring, "holds", (after,)))
    ground.keys.reload()

    missing = Missing()
    assert [batch async for batch in kept.read(ground, NOW - MONTH, missing)] == []
    assert (missing.mails, missing.keys) == (1, {before.id})
