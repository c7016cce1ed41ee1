"""R-A10: a start with very much mail that waits."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from factories import hold
from front import Client
from running import HELD_DOMAIN, Running
from smarthost import Smarthost

from guard.holding import first_audit
from guard.model.hold import Hold
from guard.model.job import Job, JobKind
from guard.ports import Kept
from guard.store.holds import SqlHoldStore
from guard.store.opening import opened
from guard.store.outbox import SqlOutbox

COUNT = 10_000
BATCH = 500


def holds() -> Iterator[Hold]:
    """Give holds that came now, so that none of them is over."""
    now = datetime.now(UTC)
    for number in range(COUNT):
        yield hold(
            id=f"{number:032}",
            number=f"H-{number:06}",
            held_at=now,
            expires_at=now + timedelta(days=1),
        )


async def test_ten_thousand_wait(tmp_path: Path) -> None:
    """R-A10: it greets, takes mail and asks about it; how fast, the benchmark measures."""
    async with Smarthost() as smarthost:
        guard = Running(tmp_path, smarthost)
        async with opened("sqlite:///guard.db", Path("guard.key"), folder=tmp_path) as ground:
            store = SqlHoldStore(ground.database, ground.keys, SqlOutbox(ground.database))
            batch: list[Kept] = []
            for held in holds():
                expiry = Job(kind=JobKind.EXPIRE, hold_id=held.id, due_at=held.expires_at)
                batch.append(
                    Kept(
                        hold=held,
                        octets=b"Subject: a\r\n\r\nb\r\n",
                        tokens={held.id.encode(): held.owner},
                        jobs=(expiry,),
                        audit=first_audit(held),
                    )
                )
                if len(batch) == BATCH:
                    await store.put(*batch)
                    batch.clear()
        try:
            await guard.start()
            async with await Client.greeted(guard) as client:
                reply = await client.mail(
                    b"Subject: a\r\n\r\nb\r\n", recipients=(f"<eve@{HELD_DOMAIN}>",)
                )
            assert reply.startswith("250 ")
            assert guard.ask("SELECT count(*) FROM holds") == [(COUNT + 1,)]
            await smarthost.wait_for(1)
            assert await guard.stop() == 0
        finally:
            await guard.kill()
