"""What every hold store and outbox promises: in memory, in SQLite, in PostgreSQL."""

import asyncio
import random
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from factories import HELD_AT, address, content, customer_rows, hold, lookalike, match, verdict
from memory_store import MemoryStore

from guard.model.errors import NoSuchHoldError, StaleHoldError, StoreError
from guard.model.extract import ReadState, Reason
from guard.model.finding import DetectorFailed, Greeting, Unread
from guard.model.hold import Choice, Hold, HoldState
from guard.model.job import AGREED, SENDING, Job, JobKind
from guard.model.unlocked import Unlocked
from guard.model.verdict import Confirm
from guard.ports import AuditEntry, HoldStore, Kept, Linked, Outbox
from guard.store.audit import AuditLog
from guard.store.database import Database
from guard.store.holds import SqlHoldStore
from guard.store.keys import KeyRing
from guard.store.outbox import SqlOutbox

KINDS = ["memory", "sqlite", "postgres"]

RAW = b"Subject: =?utf-8?q?=E8=A6=8B=E7=A9=8D?=\r\n\r\n\x00\xff" + b"body\r\n" * 40_000


@dataclass
class FakeClock:
    """A clock that stands until it is moved."""

    time: datetime = HELD_AT

    def __call__(self) -> datetime:
        return self.time

    def move(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@dataclass(kw_only=True)
class Node:
    """Store and outbox as one process sees them."""

    holds: HoldStore
    outbox: Outbox


@dataclass(kw_only=True)
class Site:
    """Two nodes on the same data."""

    clock: FakeClock
    one: Node
    two: Node
    audit: Callable[[str | None], AsyncIterator[AuditEntry]]
    """The log, oldest first: of one hold, or (`None`) all."""

    counter: list[int] = field(default_factory=lambda: [0])

    async def put(self, jobs: tuple[Job, ...] = (), octets: bytes = b"hi\r\n", **fields) -> Hold:
        """Hold one more message, a second later than the one before."""
        self.counter[0] += 1
        held = hold(
            id=secrets.token_hex(16),
            number=f"H-{self.counter[0]:04}-XX",
            **{"held_at": HELD_AT + timedelta(seconds=self.counter[0])} | fields,
        )
        jobs = tuple(replace(job, hold_id=held.id) for job in jobs)
        await self.one.holds.put(
            Kept(
                hold=held,
                octets=octets,
                tokens={token(held): held.owner},
                jobs=jobs,
                audit=entry(held, "hold.created"),
            )
        )
        return held

    async def events(self, held: Hold) -> list[str]:
        """What the audit log says of one hold."""
        return [each.event async for each in self.audit(held.id)]


def token(held: Hold) -> bytes:
    """Stands for the hash of a link token."""
    return bytes.fromhex(held.id * 2)


def entry(held: Hold, event: str, **more) -> AuditEntry:
    """An audit entry about a hold."""
    return AuditEntry(event=event, hold_id=held.id, at=HELD_AT, actor="guard", **more)


def job(kind: JobKind = JobKind.NOTICE, after_s: float = 0) -> Job:
    """A job that is due *after_s* seconds after the clock's start."""
    return Job(kind=kind, hold_id="", due_at=HELD_AT + timedelta(seconds=after_s))


@pytest.fixture(params=KINDS)
async def site(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Site]:
    """One site of each kind."""
    clock = FakeClock()
    if request.param == "memory":
        memory = MemoryStore(clock)
        node = Node(holds=memory, outbox=memory)

        async def log(hold_id: str | None) -> AsyncIterator[AuditEntry]:
            for each in memory.log:
                if hold_id in {None, each.hold_id}:
                    yield each

        yield Site(clock=clock, one=node, two=node, audit=log)
        return
    async with AsyncExitStack() as stack:
        if request.param == "sqlite":
            url = f"sqlite:///{tmp_path / 'guard.db'}"
        else:
            url = request.getfixturevalue("postgres_server").database()
        keys = KeyRing.open(tmp_path / "guard.key", create=True)
        nodes = []
        for _ in range(2):
            database = await Database.open(url)
            stack.push_async_callback(database.close)
            outbox = SqlOutbox(database, clock=clock)
            nodes.append(Node(holds=SqlHoldStore(database, keys, outbox), outbox=outbox))
        yield Site(clock=clock, one=nodes[0], two=nodes[1], audit=AuditLog(database).entries)


async def test_what_is_put_comes_back(site: Site) -> None:
    """A hold and its octets come back as they were, on the other node too, by id and by token."""
    held = await site.put(
        octets=RAW, release_at=HELD_AT + timedelta(seconds=10), cc=("鈴木@例え.test",)
    )

    assert await site.two.holds.get(held.id) == held
    assert (await site.two.holds.by_token(token(held))).hold == held
    assert await site.two.holds.octets(held.id) == RAW
    assert await site.events(held) == ["hold.created"]


async def test_every_kind_of_finding_comes_back(site: Site) -> None:
    """The evidence on the page after a restart is the evidence of before."""
    found = match(
        lookalike(parts=(("domain", 0.9),)),
        customer_rows(own_rows=((address("sato@kita-syoji.example").key, 2),)),
        Unread(file="a.zip", state=ReadState.PARTIAL, reasons=(Reason.ENCRYPTED, Reason.LIMIT)),
        Greeting(score=0.7, greeting="北商事 佐藤様", intended=lookalike().intended),
        *content(),
        DetectorFailed(detector="greeting", error="ValueError"),
        confirm=Confirm.GIVE_REASON,
        watched=True,
    )

    held = await site.put(verdict=verdict(found, match()))

    assert (await site.two.holds.get(held.id)).verdict == held.verdict


async def test_addresses_keep_their_spelling(site: Site) -> None:
    """Equality of addresses folds case; what goes upstream must not."""
    held = await site.put(recipients=('"O\'Hara"@Example.COM', "佐藤@例え.test"))

    back = await site.one.holds.get(held.id)

    assert [each.text for each in back.recipients] == ['"O\'Hara"@Example.COM', "佐藤@例え.test"]
    assert [each.text for each in back.envelope.addresses] == [
        '"O\'Hara"@Example.COM',
        "佐藤@例え.test",
    ]


async def test_times_are_aware_and_utc(site: Site) -> None:
    """A time from any zone comes back as the same moment in UTC."""
    tokyo = HELD_AT.astimezone().replace(microsecond=123456)
    held = await site.put(release_at=tokyo)

    back = await site.one.holds.get(held.id)

    assert back.release_at == tokyo
    assert back.release_at.utcoffset() == timedelta(0)
    assert back.held_at.utcoffset() == timedelta(0)


async def test_unknown_ids_and_tokens(site: Site) -> None:
    """What is not there is said by one error, whatever was asked for."""
    await site.put()

    with pytest.raises(NoSuchHoldError):
        await site.one.holds.get("0" * 32)
    with pytest.raises(NoSuchHoldError):
        await site.one.holds.octets("0" * 32)
    with pytest.raises(NoSuchHoldError):
        await site.one.holds.by_token(b"\0" * 32)


async def test_find_gives_the_oldest_first(site: Site) -> None:
    """All holds, or those of some states; holds of the same moment are not lost between batches."""
    held = [await site.put(held_at=HELD_AT + timedelta(seconds=n // 105)) for n in range(120)]
    for each in held[::10]:
        await site.one.holds.advance(
            each.id,
            old=HoldState.WAITING,
            new=HoldState.EXPIRED,
            audit=entry(each, "hold.expired"),
        )

    every = [each.id async for each in site.two.holds.find()]
    expired = [each.id async for each in site.two.holds.find(states=[HoldState.EXPIRED])]

    ordered = [each.id for each in sorted(held, key=lambda each: (each.held_at, each.id))]
    assert every == ordered
    assert expired == [each for each in ordered if each in {other.id for other in held[::10]}]


async def test_advance_keeps_what_is_given(site: Site) -> None:
    """State, recipients, window and decision change together; the rest stays."""
    held = await site.put()
    window = HELD_AT + timedelta(seconds=10)
    decided = replace(entry(held, "hold.decided"), actor="yamada@example.co.jp")

    moved = await site.one.holds.advance(
        held.id,
        old=HoldState.WAITING,
        new=HoldState.UNDO,
        audit=decided,
        recipients=held.recipients[1:],
        release_at=window,
        choice=Choice.DROP,
    )
    ended = await site.two.holds.advance(
        held.id,
        old=HoldState.UNDO,
        new=HoldState.RETURNED,
        audit=entry(held, "hold.returned"),
        reply="250 2.0.0 queued",
    )

    assert moved == replace(
        held,
        state=HoldState.UNDO,
        recipients=held.recipients[1:],
        release_at=window,
        choice=Choice.DROP,
        decided_at=HELD_AT,
        decided_by="yamada@example.co.jp",
    )
    assert ended == replace(moved, state=HoldState.RETURNED, reply="250 2.0.0 queued")
    assert await site.one.holds.get(held.id) == ended
    assert await site.events(held) == ["hold.created", "hold.decided", "hold.returned"]


async def test_a_stale_advance_changes_nothing(site: Site) -> None:
    """Neither state nor jobs nor audit log, whether the state or the job was lost to another."""
    held = await site.put(jobs=(job(),))
    claimed = await site.one.outbox.claim(lease_s=10)
    assert claimed is not None
    site.clock.move(11)
    taken_over = await site.two.outbox.claim(lease_s=10)

    for old, done in ((HoldState.UNDO, None), (HoldState.WAITING, claimed)):
        with pytest.raises(StaleHoldError):
            await site.one.holds.advance(
                held.id,
                old=old,
                new=HoldState.RELEASING,
                audit=entry(held, "hold.releasing"),
                jobs=(Job(kind=JobKind.RELEASE, hold_id=held.id, due_at=HELD_AT),),
                done=done,
                reply="never",
            )

    assert await site.one.holds.get(held.id) == held
    assert await site.events(held) == ["hold.created"]
    assert taken_over is not None
    assert await site.two.outbox.begin_sending(taken_over)
    assert await site.one.outbox.claim(lease_s=10) is None


async def test_advance_ends_its_job_and_begins_others(site: Site) -> None:
    """The job that was done is gone, and the next one is there, with the change of state."""
    held = await site.put(jobs=(job(JobKind.RELEASE),))
    claimed = await site.one.outbox.claim(lease_s=10)

    await site.one.holds.advance(
        held.id,
        old=HoldState.WAITING,
        new=HoldState.RETURNED,
        audit=entry(held, "hold.returned"),
        jobs=(Job(kind=JobKind.RESULT, hold_id=held.id, due_at=HELD_AT),),
        done=claimed,
    )

    following = await site.two.outbox.claim(lease_s=10)
    assert following is not None
    assert (following.kind, following.hold_id) == (JobKind.RESULT, held.id)
    assert await site.two.outbox.claim(lease_s=10) is None


async def test_of_several_changes_one_wins(site: Site) -> None:
    """Send, cancel and expiry at once on two nodes, in 200 schedules: one wins, one audit row."""
    schedule = random.Random(20261123)  # noqa: S311 -- no secret

    async def change(node: Node, held: Hold, new: HoldState) -> bool:
        for _ in range(schedule.randrange(4)):
            await asyncio.sleep(0)
        try:
            await node.holds.advance(
                held.id, old=HoldState.WAITING, new=new, audit=entry(held, f"hold.{new}")
            )
        except StaleHoldError:
            return False
        return True

    for _ in range(200):
        held = await site.put()
        wishes = [HoldState.UNDO, HoldState.RETURNED, HoldState.EXPIRED]
        schedule.shuffle(wishes)
        nodes = [schedule.choice((site.one, site.two)) for _ in wishes]

        won = await asyncio.gather(
            *(change(node, held, new) for node, new in zip(nodes, wishes, strict=True))
        )

        assert won.count(True) == 1
        winner = wishes[won.index(True)]
        assert (await site.one.holds.get(held.id)).state is winner
        assert await site.events(held) == ["hold.created", f"hold.{winner}"]


async def test_record_only_adds_to_the_log(site: Site) -> None:
    """A view is told, with its details, and changes nothing."""
    held = await site.put()
    seen = entry(
        held,
        "hold.viewed",
        peer="2001:db8::1",
        details={"rules": ["a", "b"], "took_s": 0.25, "n": 3, "name": "佐藤"},
    )

    await site.one.holds.record(seen)

    assert [each async for each in site.audit(None)][-1] == seen
    assert await site.one.holds.get(held.id) == held


async def test_the_job_due_longest_comes_first(site: Site) -> None:
    """Jobs come in the order of their time, and none before it."""
    await site.put(jobs=(job(JobKind.EXPIRE, 60), job(JobKind.NOTICE), job(JobKind.REMINDER, 30)))

    assert await site.one.outbox.next_due() == HELD_AT
    first = await site.one.outbox.claim(lease_s=300)
    assert first is not None
    assert (first.kind, first.attempts) == (JobKind.NOTICE, 0)
    assert await site.one.outbox.claim(lease_s=300) is None

    site.clock.move(60)
    kinds = [(await site.one.outbox.claim(lease_s=300)).kind for _ in range(2)]
    assert kinds == [JobKind.REMINDER, JobKind.EXPIRE]


async def test_two_workers_never_share_a_job(site: Site) -> None:
    """Twenty jobs, two nodes with four workers each: every job is claimed once."""
    for _ in range(4):
        await site.put(jobs=tuple(job() for _ in range(5)))

    async def work(node: Node) -> list[int]:
        mine = []
        while (claimed := await node.outbox.claim(lease_s=60)) is not None:
            mine.append(claimed.id)
        return mine

    shares = await asyncio.gather(*(work(node) for node in (site.one, site.two) * 4))

    claimed = [number for share in shares for number in share]
    assert len(claimed) == 20
    assert len(set(claimed)) == 20


async def test_a_lost_lease_is_lost(site: Site) -> None:
    """After its lease another worker has the job; the first can neither end nor delay it."""
    await site.put(jobs=(job(),))
    slept = await site.one.outbox.claim(lease_s=30)
    assert slept is not None
    assert await site.one.outbox.begin_sending(slept)
    assert await site.one.outbox.next_due() == HELD_AT + timedelta(seconds=30)
    site.clock.move(30)
    assert not await site.one.outbox.begin_sending(slept)

    woke = await site.two.outbox.claim(lease_s=30)
    assert woke is not None
    await site.one.outbox.finish(slept)
    await site.one.outbox.retry(slept, due_at=HELD_AT + timedelta(days=1), error="late")

    assert (woke.id, woke.attempts) == (slept.id, 1)
    assert woke.fence > slept.fence
    assert not await site.one.outbox.begin_sending(slept)
    assert await site.two.outbox.begin_sending(woke)
    await site.two.outbox.finish(woke)
    assert await site.two.outbox.next_due() is None


async def test_a_lease_is_renewed(site: Site) -> None:
    """As often as its worker likes, while it is the worker's; the time counts from then."""
    await site.put(jobs=(job(),))
    claimed = await site.one.outbox.claim(lease_s=30)
    assert claimed is not None
    for _ in range(3):
        site.clock.move(20)
        assert await site.one.outbox.extend(claimed, lease_s=30)
        assert await site.one.outbox.begin_sending(claimed)
        assert await site.two.outbox.claim(lease_s=30) is None
    assert await site.two.outbox.next_due() == site.clock() + timedelta(seconds=30)

    site.clock.move(30)
    woke = await site.two.outbox.claim(lease_s=30)
    assert woke is not None
    due = await site.two.outbox.next_due()
    assert not await site.one.outbox.extend(claimed, lease_s=300)
    assert await site.two.outbox.next_due() == due
    await site.two.outbox.finish(woke)
    assert not await site.two.outbox.extend(woke, lease_s=30)


async def test_only_jobs_of_the_kinds_asked_for(site: Site) -> None:
    """A worker of some kinds neither takes nor waits for others, however long they are due."""
    await site.put(jobs=(job(JobKind.RELEASE), job(JobKind.NOTICE, 10), job(JobKind.EXPIRE, 20)))
    site.clock.move(60)
    mails, none = (JobKind.EXPIRE, JobKind.NOTICE), (JobKind.RESULT,)

    assert await site.one.outbox.next_due(kinds=mails) == HELD_AT + timedelta(seconds=10)
    assert await site.one.outbox.next_due(kinds=none) is None
    assert await site.one.outbox.claim(lease_s=300, kinds=none) is None
    claimed = [await site.one.outbox.claim(lease_s=300, kinds=mails) for _ in range(3)]
    assert [each and each.kind for each in claimed] == [JobKind.NOTICE, JobKind.EXPIRE, None]
    assert (await site.two.outbox.claim(lease_s=300)).kind is JobKind.RELEASE


async def test_a_retry_waits_and_counts(site: Site) -> None:
    """A job put back is due when said, knows its tries, and is no longer the worker's."""
    await site.put(jobs=(job(),))
    due = HELD_AT
    for tries in range(3):
        claimed = await site.one.outbox.claim(lease_s=30)
        assert claimed is not None
        assert claimed.attempts == tries
        due += timedelta(seconds=60)
        await site.one.outbox.retry(claimed, due_at=due, error="UpstreamError")
        assert not await site.one.outbox.begin_sending(claimed)
        await site.one.outbox.finish(claimed)
        assert await site.one.outbox.next_due() == due
        assert await site.two.outbox.claim(lease_s=30) is None
        site.clock.move(60)


async def test_new_jobs_wake_the_worker(site: Site) -> None:
    """After a change that brought jobs, and only then; each worker has a bell of its own."""
    bell, other = site.one.outbox.bell(), site.one.outbox.bell()
    held = await site.put(jobs=(job(),))
    assert bell.is_set()

    bell.clear()
    assert other.is_set()
    release = Job(kind=JobKind.RELEASE, hold_id=held.id, due_at=HELD_AT)
    with pytest.raises(StaleHoldError):
        await site.one.holds.advance(
            held.id,
            old=HoldState.UNDO,
            new=HoldState.RELEASING,
            audit=entry(held, "hold.releasing"),
            jobs=(release,),
        )
    await site.one.holds.advance(
        held.id,
        old=HoldState.WAITING,
        new=HoldState.RETURNED,
        audit=entry(held, "hold.returned"),
    )
    assert not bell.is_set()


async def test_an_old_link_opens_only_its_own_hold(site: Site) -> None:
    """Each token leads to its hold, in whatever state that is."""
    first, second = await site.put(), await site.put()
    await site.one.holds.advance(
        first.id,
        old=HoldState.WAITING,
        new=HoldState.RETURNED,
        audit=entry(first, "hold.returned"),
    )

    assert (await site.two.holds.by_token(token(first))).hold.state is HoldState.RETURNED
    assert (await site.two.holds.by_token(token(second))).hold.id == second.id


async def test_replacing_a_recipient(site: Site) -> None:
    """A hold may end with recipients that its envelope never had."""
    held = await site.put()
    meant = (address("sato@kita-shoji.example"), *held.recipients[1:])

    moved = await site.one.holds.advance(
        held.id,
        old=HoldState.WAITING,
        new=HoldState.UNDO,
        audit=entry(held, "hold.decided"),
        recipients=meant,
        choice=Choice.REPLACE,
    )

    assert moved.recipients == meant
    assert moved.envelope == held.envelope


def test_the_clock_of_these_tests_is_aware() -> None:
    """A naive clock would compare with nothing."""
    assert FakeClock()().tzinfo is UTC


async def test_two_are_kept_together_or_not_at_all(site: Site) -> None:
    """What was split from one message stands or falls with the other half."""
    first = await site.put()
    one = hold(id=secrets.token_hex(16), number="H-1111-XX")
    other = hold(id=secrets.token_hex(16), number="H-2222-XX", part_of=one.number)

    def kept(each: Hold) -> Kept:
        return Kept(hold=each, octets=RAW, tokens={}, jobs=(), audit=entry(each, "hold.created"))

    await site.one.holds.put(kept(one), kept(other))

    assert (await site.two.holds.get(other.id)).part_of == one.number
    assert await site.two.holds.octets(one.id) == RAW
    if isinstance(site.one.holds, MemoryStore):
        return
    third = hold(id=secrets.token_hex(16), number="H-3333-XX")
    again = hold(id=secrets.token_hex(16), number=first.number)
    with pytest.raises(StoreError):
        await site.one.holds.put(kept(third), kept(again))
    with pytest.raises(NoSuchHoldError):
        await site.two.holds.get(third.id)


async def test_a_link_says_whose_it_is(site: Site) -> None:
    """The owner's link and a second person's open the same hold, for another person each."""
    boss = address("boss@example.co.jp")
    held = hold(id=secrets.token_hex(16), second_persons=(boss,))
    tokens = {b"o" * 32: held.owner, b"b" * 32: boss}
    await site.one.holds.put(
        Kept(hold=held, octets=b"x", tokens=tokens, jobs=(), audit=entry(held, "hold.created"))
    )

    for token_sha256, person in tokens.items():
        assert await site.two.holds.by_token(token_sha256) == Linked(hold=held, person=person)


async def test_members_have_a_link_each(site: Site) -> None:
    """Where a shared mailbox owns it: the box has none, and who may agree has another."""
    members = (address("yamada@example.co.jp"), address("suzuki@example.co.jp"))
    boss = address("boss@example.co.jp")
    held = hold(
        id=secrets.token_hex(16),
        owner=address("sales@example.co.jp"),
        members=members,
        second_persons=(boss,),
    )
    tokens = {secrets.token_bytes(32): person for person in (*members, boss)}
    await site.one.holds.put(
        Kept(hold=held, octets=b"x", tokens=tokens, jobs=(), audit=entry(held, "hold.created"))
    )

    assert held.people == (*members, boss)
    for token_sha256, person in tokens.items():
        assert await site.two.holds.by_token(token_sha256) == Linked(hold=held, person=person)


async def test_a_new_verdict_is_kept(site: Site) -> None:
    """A hold that was judged anew has the new verdict and recipients, and else is as before."""
    held = await site.put()
    judged = verdict(match(customer_rows(), recipients=("meant@kita-shoji.example",)))
    recipients = (address("meant@kita-shoji.example"),)

    moved = await site.one.holds.advance(
        held.id,
        old=HoldState.WAITING,
        new=HoldState.WAITING,
        audit=entry(held, "hold.asked_again"),
        recipients=recipients,
        without=("2",),
        verdict=judged,
    )

    assert moved == replace(held, verdict=judged, recipients=recipients, without=("2",))
    assert await site.two.holds.get(held.id) == moved


@pytest.mark.parametrize("old", HoldState)
@pytest.mark.parametrize("new", HoldState)
async def test_only_the_moves_of_a_life(site: Site, old: HoldState, new: HoldState) -> None:
    """The store makes every move that there is, and no other."""
    held = await site.put(state=old)
    move = site.one.holds.advance(held.id, old=old, new=new, audit=entry(held, f"hold.{new.value}"))

    if old.may_become(new):
        assert (await move).state is new
    else:
        with pytest.raises(ValueError, match="does not go from"):
            await move
        assert await site.two.holds.get(held.id) == held
        assert await site.events(held) == ["hold.created"]


async def test_octets_are_destroyed_once_all_is_over(site: Site) -> None:
    """With the job for it, and never while something can still become of the message."""
    held = await site.put(jobs=(job(JobKind.DESTROY),))
    claimed = await site.one.outbox.claim(lease_s=10)
    with pytest.raises(StaleHoldError):
        await site.one.holds.destroy(held.id, audit=entry(held, "hold.destroyed"), done=claimed)
    assert await site.two.holds.octets(held.id)
    await site.one.holds.advance(
        held.id,
        old=HoldState.WAITING,
        new=HoldState.RETURNED,
        audit=entry(held, "hold.returned"),
    )
    site.clock.move(11)
    taken_over = await site.two.outbox.claim(lease_s=10)
    with pytest.raises(StaleHoldError):
        await site.one.holds.destroy(held.id, audit=entry(held, "hold.destroyed"), done=claimed)

    for _ in range(2):  # a second time there is nothing to destroy, and nothing to note
        await site.two.holds.destroy(held.id, audit=entry(held, "hold.destroyed"), done=taken_over)
        taken_over = None

    with pytest.raises(NoSuchHoldError):
        await site.one.holds.octets(held.id)
    assert (await site.one.holds.get(held.id)).subject == held.subject
    assert await site.events(held) == ["hold.created", "hold.returned", "hold.destroyed"]
    site.clock.move(60)
    assert await site.one.outbox.claim(lease_s=10) is None


async def test_what_waits_for_one_person_goes_together(site: Site) -> None:
    """Other jobs that are due for the same kind and person are claimed along, each by its fence."""
    mine = replace(job(), person="a" * 16)
    await site.put(jobs=(mine, replace(mine, due_at=HELD_AT + timedelta(seconds=60))))
    await site.put(jobs=(mine, replace(mine, person="b" * 16), replace(job(), person="")))
    await site.put(jobs=(mine, replace(mine, kind=JobKind.RESULT), mine))
    first = await site.one.outbox.claim(lease_s=10)
    assert first is not None
    assert first.person == "a" * 16

    along = await site.one.outbox.claim_with(first, lease_s=10, limit=2)
    rest = await site.two.outbox.claim_with(first, lease_s=10, limit=9)

    assert (len(along), len(rest)) == (2, 1)
    assert len({each.id for each in (first, *along, *rest)}) == 4
    assert {each.person for each in (*along, *rest)} == {"a" * 16}
    assert await site.one.outbox.extend(first, *along, lease_s=20)
    site.clock.move(11)
    while (each := await site.two.outbox.claim(lease_s=100)) is not None:
        assert each.id not in {first.id, *(other.id for other in along)}
    assert not await site.one.outbox.extend(first, *rest, lease_s=20)  # one has another worker
    await site.one.outbox.finish(first, *along)
    site.clock.move(100)
    left = []
    while (each := await site.two.outbox.claim(lease_s=1000)) is not None:
        left.append(each.id)
    assert not {first.id, *(each.id for each in along)} & set(left)


async def test_what_is_due_soon_can_go_along(site: Site) -> None:
    """Where the caller looks ahead, and no further than that."""
    mine = replace(job(), person="a" * 16)
    soon, late = (replace(mine, due_at=HELD_AT + timedelta(seconds=s)) for s in (2, 3))
    await site.put(jobs=(mine, soon, late))
    first = await site.one.outbox.claim(lease_s=10)
    assert first is not None

    assert await site.one.outbox.claim_with(first, lease_s=10, limit=9) == ()
    (along,) = await site.one.outbox.claim_with(first, lease_s=10, limit=9, ahead_s=2)
    assert along.due_at == soon.due_at
    assert await site.two.outbox.claim_with(first, lease_s=10, limit=9, ahead_s=2) == ()


async def test_nothing_goes_along_without_a_person(site: Site) -> None:
    """Jobs for nobody in particular are done one by one."""
    await site.put(jobs=(job(), job()))
    first = await site.one.outbox.claim(lease_s=10)
    assert first is not None

    assert await site.one.outbox.claim_with(first, lease_s=10, limit=9) == ()


async def test_several_are_put_back_together(site: Site) -> None:
    """Each with a new fence, so that who had them before has them no more."""
    mine = replace(job(), person="a" * 16)
    await site.put(jobs=(mine, mine))
    first = await site.one.outbox.claim(lease_s=10)
    assert first is not None
    (other,) = await site.one.outbox.claim_with(first, lease_s=10, limit=9)

    await site.one.outbox.retry(first, other, due_at=HELD_AT + timedelta(seconds=30), error="450")

    assert not await site.one.outbox.begin_sending(first)
    assert await site.two.outbox.claim(lease_s=10) is None
    site.clock.move(31)
    assert await site.two.outbox.claim(lease_s=10) is not None
    assert await site.two.outbox.claim(lease_s=10) is not None


async def test_what_is_put_off_was_not_tried(site: Site) -> None:
    """It comes again as if nobody had claimed it, and what the last real try said stands."""
    await site.put(jobs=(job(), job()))
    first = await site.one.outbox.claim(lease_s=10)
    assert first is not None
    assert (first.attempts, first.error) == (0, "")
    await site.one.outbox.retry(first, due_at=HELD_AT, error="450")
    both = [await site.one.outbox.claim(lease_s=10) for _ in range(2)]
    assert None not in both
    due_at = HELD_AT + timedelta(seconds=5)

    for _ in range(3):
        await site.one.outbox.put_off(*(each for each in both if each), due_at=due_at)
    await site.one.outbox.put_off(first, due_at=HELD_AT)  # its lease is an old one

    assert await site.two.outbox.claim(lease_s=10) is None
    site.clock.move(5)
    again = [await site.two.outbox.claim(lease_s=10) for _ in range(2)]
    assert {(each.id == first.id, each.attempts, each.error) for each in again if each} == {
        (True, 1, "450"),
        (False, 0, ""),
    }


async def test_many_are_put_off_together(site: Site) -> None:
    """Two hundred for one person in one step, as when somebody's program sends them."""
    mine = replace(job(), person="a" * 16)
    await site.put(jobs=(mine,) * 230)
    first = await site.one.outbox.claim(lease_s=10)
    assert first is not None
    along = await site.one.outbox.claim_with(first, lease_s=10, limit=200)
    assert len(along) == 200

    await site.one.outbox.put_off(first, *along, due_at=HELD_AT + timedelta(seconds=100))

    left = [await site.two.outbox.claim(lease_s=1000) for _ in range(30)]
    assert sum(each is not None for each in left) == 29
    assert await site.two.outbox.next_due() == HELD_AT + timedelta(seconds=100)


async def test_octets_stay_while_the_result_is_to_be_told(site: Site) -> None:
    """The mail with the original may need them; told, or laid aside, it keeps them no more."""
    told, parked = [
        await site.put(state=HoldState.RETURNED, jobs=(job(JobKind.RESULT),)) for _ in range(2)
    ]
    agreed = replace(job(JobKind.RESULT), note=AGREED, due_at=HELD_AT + timedelta(hours=1))
    only_agreed = await site.put(state=HoldState.DELIVERED, jobs=(agreed,))
    results = {}
    for held in (told, parked):
        with pytest.raises(StaleHoldError):
            await site.one.holds.destroy(held.id, audit=entry(held, "hold.destroyed"))
        result = await site.one.outbox.claim(lease_s=10)
        assert result is not None
        results[result.hold_id] = result
    await site.one.outbox.finish(results[told.id])
    alarm = Job(kind=JobKind.ALARM, hold_id=parked.id, due_at=HELD_AT, note="job_parked")
    await site.one.outbox.park(results[parked.id], error="550", jobs=(alarm,))

    for held in (told, parked, only_agreed):
        await site.two.holds.destroy(held.id, audit=entry(held, "hold.destroyed"))
        with pytest.raises(NoSuchHoldError):
            await site.one.holds.octets(held.id)


async def test_a_parked_job_waits_for_a_person(site: Site) -> None:
    """It is no longer claimed, and an alarm stands in its place; a lost lease parks nothing."""
    held = await site.put(jobs=(job(),))
    claimed = await site.one.outbox.claim(lease_s=10)
    assert claimed is not None
    alarm = Job(kind=JobKind.ALARM, hold_id=held.id, due_at=HELD_AT, note="job_parked")

    await site.one.outbox.park(claimed, error="ValueError", jobs=(alarm,))
    await site.one.outbox.park(claimed, error="ValueError", jobs=(alarm,))

    told = await site.two.outbox.claim(lease_s=1000)
    assert told is not None
    assert (told.kind, told.note) == (JobKind.ALARM, "job_parked")
    site.clock.move(100)
    assert await site.two.outbox.claim(lease_s=10) is None


async def test_jobs_without_a_change(site: Site) -> None:
    """A job can be added by itself; the workers hear of it."""
    held = await site.put()
    bell = site.one.outbox.bell()

    await site.one.outbox.add(Job(kind=JobKind.NOTICE, hold_id=held.id, due_at=HELD_AT))

    assert bell.is_set()
    found = await site.two.outbox.claim(lease_s=10)
    assert found is not None
    assert found.hold_id == held.id


async def test_many_are_kept_at_once(site: Site) -> None:
    """Each by itself: one whose number is taken hurts none of the others."""
    first = await site.put()
    many = [hold(id=secrets.token_hex(16), number=f"H-{n:04}-YY") for n in range(40)]
    if not isinstance(site.one.holds, MemoryStore):
        many[7] = replace(many[7], number=first.number)

    async def put(node: Node, each: Hold) -> bool:
        audit = entry(each, "hold.created")
        kept = Kept(hold=each, octets=RAW, tokens={token(each): each.owner}, jobs=(), audit=audit)
        try:
            await node.holds.put(kept)
        except StoreError:
            return False
        return True

    nodes = (site.one, site.two)
    kept = await asyncio.gather(*(put(nodes[n % 2], each) for n, each in enumerate(many)))

    failed = [n for n, good in enumerate(kept) if not good]
    assert failed == ([] if isinstance(site.one.holds, MemoryStore) else [7])
    for each, good in zip(many, kept, strict=True):
        if good:
            assert await site.two.holds.octets(each.id) == RAW
            assert await site.events(each) == ["hold.created"]


async def test_there_is_one_release_at_a_time(site: Site) -> None:
    """Who takes “send” back, or says it again, takes the older job along, even a leased one."""
    held = await site.put()

    async def move(old: HoldState, new: HoldState, *jobs: Job) -> None:
        audit = entry(held, f"hold.{new.value}")
        await site.one.holds.advance(held.id, old=old, new=new, audit=audit, jobs=jobs)

    release = Job(kind=JobKind.RELEASE, hold_id=held.id, due_at=HELD_AT)
    await move(HoldState.WAITING, HoldState.UNDO, release)
    leased = await site.two.outbox.claim(lease_s=1000)
    assert leased is not None
    await move(HoldState.UNDO, HoldState.WAITING)
    assert not await site.two.outbox.begin_sending(leased)
    await move(HoldState.WAITING, HoldState.UNDO, release)
    await move(HoldState.UNDO, HoldState.RELEASING)  # a worker begins: its job stays

    again = await site.two.outbox.claim(lease_s=1000)
    assert again is not None
    assert again.id != leased.id
    assert await site.two.outbox.claim(lease_s=1000) is None
    await move(HoldState.RELEASING, HoldState.UNKNOWN)
    assert not await site.two.outbox.begin_sending(again)


async def test_an_answer_to_an_older_question_is_stale(site: Site) -> None:
    """Asked again about other recipients, it still waits; who answers what stood before is late."""
    held = await site.put()

    async def answer(asked: Hold, new: HoldState, **more) -> Hold:
        audit = entry(held, f"hold.{new.value}")
        return await site.one.holds.advance(
            held.id, old=HoldState.WAITING, new=new, audit=audit, asked=asked, **more
        )

    again = await answer(held, HoldState.WAITING, recipients=held.recipients[1:], without=("2",))
    for more in ({"recipients": held.recipients}, {}):
        with pytest.raises(StaleHoldError):
            await answer(held, HoldState.UNDO, **more)
    with pytest.raises(StaleHoldError):
        await answer(replace(again, without=()), HoldState.UNDO)

    assert (await answer(again, HoldState.UNDO)).state is HoldState.UNDO


async def test_what_ended_once_leaves_nothing_for_the_next_end(site: Site) -> None:
    """Sent again after an end: neither an old result nor an old retention counts any more."""
    left = (job(JobKind.RESULT), job(JobKind.DESTROY), job(JobKind.RELEASE_AGAIN))
    for state in (HoldState.FAILED, HoldState.EXPIRED, HoldState.UNKNOWN):
        held = await site.put(state=state, jobs=left)
        await site.one.holds.advance(
            held.id,
            old=state,
            new=HoldState.RELEASING,
            audit=entry(held, "hold.decided"),
            jobs=(Job(kind=JobKind.RELEASE, hold_id=held.id, due_at=HELD_AT),),
        )
        claimed = await site.two.outbox.claim(lease_s=1000)
        assert claimed is not None
        assert (claimed.kind, claimed.hold_id) == (JobKind.RELEASE, held.id)
        assert await site.two.outbox.claim(lease_s=1000) is None


async def test_a_release_notes_that_its_end_goes_out(site: Site) -> None:
    """Only whoever has it may; the next one sees the note, until it was put back."""
    await site.put(jobs=(job(JobKind.RELEASE),))
    first = await site.one.outbox.claim(lease_s=10)
    assert first is not None
    assert first.note == ""
    assert await site.one.outbox.begin_sending(first)
    site.clock.move(11)
    assert not await site.one.outbox.begin_sending(first)  # its lease is over
    second = await site.two.outbox.claim(lease_s=10)
    assert second is not None
    assert second.note == SENDING

    await site.two.outbox.retry(second, due_at=HELD_AT, error="450")
    third = await site.one.outbox.claim(lease_s=10)
    assert third is not None
    assert third.note == ""
    assert not await site.two.outbox.begin_sending(second)


async def test_a_row_is_added_only_if_it_is_allowed(site: Site) -> None:
    """What stood there is told oldest first, of that hold and those events alone."""
    held, other = await site.put(), await site.put()
    seen: list[list[str]] = []

    def allows(before: Sequence[AuditEntry]) -> None:
        seen.append([each.event for each in before])
        if len(before) > 1:
            raise RuntimeError

    events = {"hold.opening", "hold.opened"}
    await site.two.holds.record(entry(other, "hold.opening"))
    for event in ("hold.opening", "hold.opened"):
        await site.one.holds.record_if(entry(held, event), events=events, allows=allows)
    with pytest.raises(RuntimeError):
        await site.two.holds.record_if(entry(held, "hold.opening"), events=events, allows=allows)

    assert seen == [[], ["hold.opening"], ["hold.opening", "hold.opened"]]
    assert await site.events(held) == ["hold.created", "hold.opening", "hold.opened"]


async def test_of_many_at_once_as_many_are_added_as_allowed(site: Site) -> None:
    held = await site.put()

    def three(before: Sequence[AuditEntry]) -> None:
        if len(before) >= 3:
            raise RuntimeError

    async def add(node: Node) -> None:
        row = entry(held, "hold.opening")
        await node.holds.record_if(row, events={"hold.opening"}, allows=three)

    nodes = (site.one, site.two) * 6
    told = await asyncio.gather(*map(add, nodes), return_exceptions=True)

    assert sorted(map(str, map(type, told))) == sorted(
        [str(type(None))] * 3 + [str(RuntimeError)] * 9
    )
    assert (await site.events(held)).count("hold.opening") == 3


async def test_what_was_opened_stands_and_makes_another_question(site: Site) -> None:
    """All of it comes back; an answer to the question before is stale, on the other node too."""
    held = await site.put()
    opened = Unlocked(
        file="名簿.zip",
        sha256="5" * 64,
        policy="7f3a1c0d9e2b",
        state=ReadState.PARTIAL,
        reasons=(Reason.LIMIT,),
        findings=(customer_rows(), DetectorFailed(detector="lists", error="SearchLimitError")),
    )
    moved = await site.one.holds.advance(
        held.id,
        old=HoldState.WAITING,
        new=HoldState.WAITING,
        asked=held,
        audit=entry(held, "hold.opened"),
        verdict=replace(held.verdict, opened=1, unlocked=(opened,)),
    )
    found = await site.two.holds.get(held.id)

    assert found == moved
    assert found.verdict.unlocked == (opened,)
    with pytest.raises(StaleHoldError):
        await site.two.holds.advance(
            held.id,
            old=HoldState.WAITING,
            new=HoldState.RELEASING,
            asked=held,
            audit=entry(held, "hold.decided"),
        )
    assert await site.two.holds.get(held.id) == found
