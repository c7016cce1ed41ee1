"""R-E6, R-E7: mail that was confirmed, and an upstream that does not take it. The clock is ours."""

import hashlib
import itertools
import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from factories import COLLEAGUE, HELD_AT, SENDER, TYPED, hold
from front import QUICK, pool_to
from learner import Learner
from memory_store import MemoryStore
from one_hold_desk import Says
from smarthost import TAKE_AND_CLOSE, Mail, Smarthost
from whole import LINKS, below_trace

from guard.compose.letterhead import Letterhead
from guard.holding import first_audit, first_jobs
from guard.model.hold import Choice, HoldState
from guard.model.job import JobKind
from guard.ports import Kept
from guard.release import Answer, Courier, Desk
from guard.release.links import fingerprint
from guard.release.releasing import RELEASES, TRIES
from guard.upstream import UpstreamPool
from guard.upstream.transaction import UNKNOWN_ENDS

OCTETS = b"Message-ID: <1@example.co.jp>\r\nSubject: a\r\n\r\n.b\r\n"
RELEASING = (JobKind.RELEASE, JobKind.RELEASE_AGAIN, JobKind.RESULT)


class Office:
    """A mail that was held and confirmed, and a courier with a real way out."""

    def __init__(self, upstream: UpstreamPool) -> None:
        self.now = HELD_AT
        self.store = MemoryStore(lambda: self.now)
        self.held = hold(octets_sha256=hashlib.sha256(OCTETS).hexdigest())
        self.courier = Courier(
            holds=self.store,
            outbox=self.store,
            upstream=upstream,
            contacts=Learner(),
            clock=lambda: self.now,
            links=LINKS,
            letterhead=Letterhead(
                from_="Mail check <guard@example.co.jp>",
                public_url="https://guard.example.co.jp",
                time_zone="Asia/Tokyo",
            ),
            name="guard.example.co.jp",
        )

    async def confirm(self) -> None:
        """Hold it, confirm it, and let the time to undo it pass."""
        token = LINKS.token(self.held)
        await self.store.put(
            Kept(
                hold=self.held,
                octets=OCTETS,
                tokens={fingerprint(token): self.held.owner},
                jobs=first_jobs(self.held),
                audit=first_audit(self.held),
            )
        )
        desk = Desk(self.store, lambda: self.now, Says())
        await desk.answer(token, Answer(choice=Choice.SEND, ticked=frozenset({TYPED})))
        self.now += timedelta(seconds=self.held.undo_s)

    async def work(self) -> list[datetime]:
        """Do each job when it is due, until none is left; give when those of the release were."""
        times: list[datetime] = []
        while (due := await self.store.next_due(kinds=RELEASING)) is not None:
            self.now = max(self.now, due)
            job = await self.store.claim(lease_s=60, kinds=RELEASING)
            assert job is not None
            times.append(self.now)
            await self.courier.perform(job)
        return times

    async def state(self) -> HoldState:
        return (await self.store.get(self.held.id)).state

    @property
    def events(self) -> list[str]:
        """What the audit log says of the release."""
        events = [each.event for each in self.store.log]
        return events[events.index("hold.releasing") :]


@pytest.fixture
async def office(smarthost: Smarthost) -> AsyncIterator[Office]:
    async with pool_to(smarthost.address, budgets=QUICK) as upstream:
        office = Office(upstream)
        await office.confirm()
        yield office


def count(result: str) -> float:
    """How many releases ended like that, as an administrator's alarm sees it."""
    return RELEASES.labels(result)._value.get()


def to_owner(mail: Mail) -> bool:
    """Whether it is a mail of ours to who sent the held one."""
    return (mail.mail_from, mail.rcpts) == ("", (SENDER,))


@pytest.mark.parametrize(
    ("command", "match", "times"),
    [("MAIL", SENDER, 1), ("RCPT", "", 2), ("DATA", "", 1), ("DOT", TYPED, 1)],
)
async def test_put_off_until_given_up(
    office: Office, smarthost: Smarthost, command: str, match: str, times: int
) -> None:
    """R-E6: longer each time, for hours; then `FAILED`, owner and alarm; the message stays."""
    smarthost.on(command, "451 4.7.1 Later", match=match, times=times * TRIES)
    before = count("failed")
    *tries, result = await office.work()

    waits = [later - sooner for sooner, later in itertools.pairwise(tries)]
    assert result == tries[-1]
    assert len(tries) == TRIES
    assert timedelta(hours=7) < tries[-1] - tries[0] < timedelta(hours=13)
    assert timedelta(seconds=10) < waits[0] < timedelta(seconds=20)
    assert all(longer > wait for wait, longer in itertools.pairwise(waits[:7]))
    assert max(waits) <= timedelta(minutes=36)
    assert await office.state() is HoldState.FAILED
    assert office.events == ["hold.releasing", "hold.failed", "result.sent"]
    assert count("failed") == before + 1
    (told,) = smarthost.messages
    assert to_owner(told)
    assert await office.store.octets(office.held.id) == OCTETS
    assert "451 4.7.1 Later" in (await office.store.get(office.held.id)).reply


async def test_down_for_a_while(office: Office, smarthost: Smarthost) -> None:
    """R-E6: taken once when the upstream is back, to all, and nobody is written to about it."""
    await smarthost.stop()
    job = await office.store.claim(lease_s=60, kinds=RELEASING)
    assert job is not None
    await office.courier.perform(job)
    assert await office.state() is HoldState.RELEASING

    await smarthost.start()
    await office.work()
    (mail,) = smarthost.messages
    assert (mail.mail_from, mail.rcpts) == (SENDER, (TYPED, COLLEAGUE))
    assert below_trace(mail.octets) == OCTETS
    assert await office.state() is HoldState.DELIVERED


async def test_refused_for_good(office: Office, smarthost: Smarthost) -> None:
    """R-E6: not tried again; `FAILED`, and the owner is told the upstream's own words."""
    smarthost.on("DOT", "550 5.7.1 Not from here", match=TYPED)
    times = await office.work()
    assert len(times) == 2
    assert await office.state() is HoldState.FAILED
    (told,) = smarthost.messages
    assert to_owner(told)
    reply = (await office.store.get(office.held.id)).reply
    assert reply.startswith("550 5.7.1 Not from here\n")


async def test_one_who_is_never_taken(office: Office, smarthost: Smarthost) -> None:
    """R-E6: the last try goes to those who are taken; of the other the owner is told."""
    smarthost.on("RCPT", "450 4.2.2 Mailbox full", match=TYPED)
    await office.work()
    released, told = smarthost.messages
    assert released.rcpts == (COLLEAGUE,)
    assert below_trace(released.octets) == OCTETS
    assert to_owner(told)
    assert f"{TYPED}: 450 4.2.2 Mailbox full" in (await office.store.get(office.held.id)).reply


async def test_an_end_that_nobody_knows(office: Office, smarthost: Smarthost) -> None:
    """R-E7: `UNKNOWN`, once more with the same Message-ID, marked in the audit log and counted."""
    smarthost.on("DOT", TAKE_AND_CLOSE, match=TYPED, times=1)
    unknown, ends = count("unknown"), UNKNOWN_ENDS._value.get()
    first, second = await office.work()

    assert second - first == timedelta(minutes=1)
    assert [below_trace(mail.octets) for mail in smarthost.messages] == [OCTETS, OCTETS]
    ids = [re.findall(rb"(?m)^Message-ID: (.*)\r$", mail.octets) for mail in smarthost.messages]
    assert ids == [[b"<1@example.co.jp>"]] * 2
    assert office.events == [
        "hold.releasing",
        "hold.unknown",
        "hold.releasing_again",
        "hold.delivered",
    ]
    assert await office.state() is HoldState.DELIVERED
    assert (count("unknown"), UNKNOWN_ENDS._value.get()) == (unknown + 1, ends + 1)


async def test_an_end_that_stays_unknown(office: Office, smarthost: Smarthost) -> None:
    """R-E7: two tries and no more; it stays `UNKNOWN`, and the owner is told so."""
    smarthost.on("DOT", TAKE_AND_CLOSE, match=TYPED)
    assert len(await office.work()) == 3
    *copies, told = smarthost.messages
    assert [below_trace(mail.octets) for mail in copies] == [OCTETS, OCTETS]
    assert to_owner(told)
    assert await office.state() is HoldState.UNKNOWN
    assert office.events == [
        "hold.releasing",
        "hold.unknown",
        "hold.releasing_again",
        "hold.unknown",
        "result.sent",
    ]
