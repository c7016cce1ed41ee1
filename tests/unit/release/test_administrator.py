"""What an administrator can do with a held mail, from each state, and what the log says of it."""

from dataclasses import replace

import pytest
from factories import HELD_AT, hold
from memory_store import MemoryStore

from guard.holding import first_audit
from guard.model.errors import NoSuchHoldError, StaleHoldError
from guard.model.hold import Choice, Hold, HoldState
from guard.model.job import JobKind, mark_of
from guard.ports import Kept
from guard.release.administrator import RETURNABLE, SENDABLE, Administrator

OCTETS = b"Subject: a\r\n\r\nb\r\n"
BOSS = "boss@example.co.jp"


class Place:
    """An administrator, and one held mail in some state."""

    def __init__(self) -> None:
        self.store = MemoryStore(lambda: HELD_AT)
        self.administrator = Administrator(
            self.store, self.store, lambda: HELD_AT, who="admin:kimura@mx1"
        )

    async def hold(self, state: HoldState = HoldState.WAITING, **more: object) -> Hold:
        kept = hold(state=state, **more)
        await self.store.put(
            Kept(hold=kept, octets=OCTETS, tokens={}, jobs=(), audit=first_audit(kept))
        )
        return kept

    def jobs(self) -> list[JobKind]:
        return [job.kind for job in self.store.jobs.values()]


@pytest.fixture
def place() -> Place:
    return Place()


@pytest.mark.parametrize("state", HoldState)
async def test_send(place: Place, state: HoldState) -> None:
    """Sent from where nothing is on its way; anywhere else nothing changes."""
    kept = await place.hold(state)

    if state in SENDABLE:
        sent = await place.administrator.send(kept, "by telephone")
        assert (sent.state, sent.choice) == (HoldState.RELEASING, Choice.SEND)
        assert sent.decided_by == "admin:kimura@mx1"
        assert place.jobs() == [JobKind.RELEASE]
        details = place.store.log[-1].details
        assert (details["because"], details["how"]) == ("by telephone", "command")
    else:
        with pytest.raises(StaleHoldError):
            await place.administrator.send(kept, "by telephone")
        assert place.store.holds[kept.id] == kept
        assert place.jobs() == []


@pytest.mark.parametrize("state", HoldState)
async def test_give_back(place: Place, state: HoldState) -> None:
    """Given back as long as it was not sent; its owner gets the original."""
    kept = await place.hold(state)

    if state in RETURNABLE:
        back = await place.administrator.give_back(kept, "gone stale")
        assert back.state is HoldState.RETURNED
        assert place.jobs() == [JobKind.RESULT]
    else:
        with pytest.raises(StaleHoldError):
            await place.administrator.give_back(kept, "gone stale")
        assert place.jobs() == []


async def test_two_decisions(place: Place) -> None:
    """Of an administrator and the sender the first counts: who looked before finds it moved."""
    kept = await place.hold()
    await place.administrator.give_back(kept, "first")

    with pytest.raises(StaleHoldError):
        await place.administrator.send(kept, "second")

    assert [entry.event for entry in place.store.log] == ["hold.created", "hold.decided"]


async def test_destroyed_octets_can_neither_leave_nor_go_back(place: Place) -> None:
    """Where retention is over there is nothing to send: said before anything is promised."""
    kept = await place.hold(HoldState.FAILED)
    place.store.raw.clear()

    for act in (place.administrator.send, place.administrator.give_back):
        with pytest.raises(NoSuchHoldError):
            await act(kept, "too late")
    assert place.store.holds[kept.id] == kept


async def test_ask_again(place: Place) -> None:
    """The notice goes once more to whoever has to answer now; nobody is asked about the rest."""
    waiting = await place.hold()
    await place.administrator.ask_again(waiting)
    (job,) = place.store.jobs.values()
    assert (job.kind, job.person) == (JobKind.NOTICE, mark_of(waiting.owner))

    boss = replace(waiting.owner, text=BOSS, local="boss")
    second = await place.hold(
        HoldState.SECOND_PERSON, id="2" * 32, number="H-2222-22", second_persons=(boss,)
    )
    await place.administrator.ask_again(second)
    *_, job = place.store.jobs.values()
    assert (job.kind, job.person) == (JobKind.SECOND, mark_of(boss))

    over = await place.hold(HoldState.EXPIRED, id="3" * 32, number="H-3333-33")
    with pytest.raises(StaleHoldError):
        await place.administrator.ask_again(over)


async def test_the_original_is_only_given_with_a_note(place: Place) -> None:
    """Who takes the octets stands in the log, and why."""
    kept = await place.hold(HoldState.DELIVERED)

    assert await place.administrator.original(kept, "a request of the police") == OCTETS

    entry = place.store.log[-1]
    assert (entry.event, entry.actor) == ("hold.exported", "admin:kimura@mx1")
    assert entry.details == {"because": "a request of the police"}
