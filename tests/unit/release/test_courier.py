"""Jobs of the outbox: what goes out, what is put back, how each end is kept and told."""

import asyncio
import email
import email.policy
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email.message import EmailMessage
from typing import NoReturn

import pytest
from factories import COLLEAGUE, HELD_AT, SENDER, TYPED, hold
from learner import Learner
from memory_store import MemoryStore
from one_hold_desk import Says
from prometheus_client import REGISTRY

from guard.compose.letterhead import Letterhead
from guard.holding import first_audit, first_jobs
from guard.model.address import Address
from guard.model.calendar import Wait
from guard.model.envelope import Recipient
from guard.model.errors import DamagedError, NoSuchHoldError, StoreError, UpstreamError
from guard.model.hold import Choice, End, Fate, HoldState
from guard.model.job import Job, JobKind
from guard.model.pair_answer import Said
from guard.model.reply import Reply
from guard.model.verdict import Match
from guard.ports import GoOn, Kept, Outcome
from guard.release import Answer, Courier, Desk, Links
from guard.release.learning import learn
from guard.release.links import fingerprint
from guard.release.releasing import TRIES

OCTETS = b"Subject: a\r\n\r\nb\r\n"
OK = Reply(250, "2.0.0", "queued")
LATER = Reply(450, "4.2.1", "busy")
NEVER = Reply(550, "5.1.1", "no such user")
TICKED = frozenset({TYPED})
RETENTION_S = 7 * 86400.0
ADMIN = "postmaster@example.co.jp"


@dataclass
class FakeUpstream:
    """Takes everything, unless told otherwise."""

    away: bool = False
    on_mail: Reply = OK
    on_rcpt: dict[str, Reply] = field(default_factory=dict)
    on_dot: Reply | None = OK
    """`None`: all octets went out, and no reply came."""

    sent: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    alarms: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    """Mails to the administrators, which are not among `sent`."""

    resets: int = 0

    async def transaction(self) -> "FakeTransaction":
        if self.away:
            raise UpstreamError
        return FakeTransaction(self)


class FakeTransaction:
    """One transaction at `FakeUpstream`."""

    def __init__(self, upstream: FakeUpstream) -> None:
        self.upstream = upstream
        self.taken: list[Address] = []
        self.sender = ""

    async def mail(self, sender: Address | None, params: Sequence[str]) -> Reply:
        self.sender = str(sender or "")
        return self.upstream.on_mail

    async def rcpt(self, recipient: Recipient) -> Reply:
        reply = self.upstream.on_rcpt.get(recipient.address.text, OK)
        if reply.is_positive:
            self.taken.append(recipient.address)
        return reply

    async def data(self, *chunks: bytes, go_on: GoOn | None = None) -> Outcome:
        if go_on is not None and not await go_on():
            said = Reply(451, "4.4.1", "away")
            return Outcome(
                reply=said, recipients=tuple((a, Fate.REFUSED, said) for a in self.taken)
            )
        reply = self.upstream.on_dot
        fate = Fate.UNKNOWN if reply is None else Fate.TAKEN if reply.is_positive else Fate.REFUSED
        said = reply or Reply(451, "4.4.2", "no reply")
        mail = (self.sender, [a.text for a in self.taken], b"".join(chunks))
        (self.upstream.alarms if mail[1] == [ADMIN] else self.upstream.sent).append(mail)
        return Outcome(reply=said, recipients=tuple((a, fate, said) for a in self.taken))

    async def reset(self) -> None:
        self.upstream.resets += 1


class Office:
    """A desk, an outbox and a courier around one held message."""

    def __init__(self, *matches: Match, **more: object) -> None:
        self.now = HELD_AT
        self.store = MemoryStore(lambda: self.now)
        self.upstream = FakeUpstream()
        self.contacts = Learner()
        links = Links(("k1", b"k" * 32), lambda _: b"k" * 32)
        sha256 = hashlib.sha256(OCTETS).hexdigest()
        self.held = hold(*matches, **{"octets_sha256": sha256, "retention_s": RETENTION_S} | more)
        self.token = links.token(self.held)
        self.desk = Desk(self.store, lambda: self.now, Says())
        self.courier = Courier(
            holds=self.store,
            outbox=self.store,
            upstream=self.upstream,
            contacts=self.contacts,
            clock=lambda: self.now,
            links=links,
            letterhead=Letterhead(
                from_="Mail check <guard@example.co.jp>",
                public_url="https://guard.example.co.jp",
                time_zone="Asia/Tokyo",
            ),
            name="guard.example.co.jp",
            administrators=(Address.parse(ADMIN),),
        )

    async def hold(self) -> "Office":
        await self.store.put(
            Kept(
                hold=self.held,
                octets=OCTETS,
                tokens={fingerprint(self.token): self.held.owner},
                jobs=first_jobs(self.held),
                audit=first_audit(self.held),
            )
        )
        return self

    async def work(self) -> list[JobKind]:
        """Do every job that is due, and give all but the alarms, and what is only learned."""
        done = []
        while (job := await self.store.claim(lease_s=60)) is not None:
            await self.courier.perform(job)
            done.append(job.kind)
        return [kind for kind in done if kind not in {JobKind.ALARM, JobKind.LEARN}]

    async def send(self, choice: Choice = Choice.SEND) -> None:
        """Answer, and let the undo window pass."""
        await self.work()
        self.upstream.sent.clear()
        await self.desk.answer(self.token, Answer(choice=choice, ticked=TICKED))
        self.now += timedelta(seconds=11)

    async def state(self) -> HoldState:
        return (await self.store.get(self.held.id)).state


async def office(*matches: Match, **more: object) -> Office:
    return await Office(*matches, **more).hold()


async def test_notice_goes_to_the_owner_with_the_link() -> None:
    """R-G1: null reverse-path, to the identity only, and the link that opens the page."""
    at = await office()

    assert await at.work() == [JobKind.NOTICE]

    ((sender, recipients, octets),) = at.upstream.sent
    assert (sender, recipients) == ("", [SENDER])
    assert (await at.desk.view(at.token, peer="")).hold.id == at.held.id
    assert b"Auto-Submitted: auto-generated" in octets
    assert (await at.store.by_token(fingerprint(at.token))).hold.id == at.held.id


@pytest.mark.parametrize(("after_s", "late"), [(29, 0), (31, 1)])
async def test_notices_that_are_late_are_counted(after_s: int, late: int) -> None:
    """By what the policy says (`notify_within`)."""
    before = REGISTRY.get_sample_value("guard_notices_late_total") or 0
    at = await office()
    at.now += timedelta(seconds=after_s)

    await at.work()

    assert (REGISTRY.get_sample_value("guard_notices_late_total") or 0) - before == late


async def test_a_refused_notice_is_tried_again_and_the_hold_stays() -> None:
    """R-G2."""
    at = await office()
    at.upstream.on_rcpt[SENDER] = NEVER
    await at.work()

    assert await at.state() is HoldState.WAITING
    at.upstream.on_rcpt.clear()
    at.now += timedelta(minutes=1)
    assert await at.work() == [JobKind.NOTICE]
    assert len(at.upstream.sent) == 1


async def test_a_notice_whose_end_is_unknown_is_sent_again() -> None:
    """The dot went out and no reply came: a second notice does no harm, none at all would."""
    at = await office()
    at.upstream.on_dot = None
    await at.work()
    assert [each.event for each in at.store.log] == ["hold.created"]

    at.upstream.on_dot = OK
    at.now += timedelta(minutes=1)
    assert await at.work() == [JobKind.NOTICE]
    assert len(at.upstream.sent) == 2
    assert [each.event for each in at.store.log] == ["hold.created", "notice.sent"]


async def test_no_notice_for_what_is_decided_already() -> None:
    """A late notice would ask about mail that is gone."""
    at = await office()
    await at.desk.answer(at.token, Answer(choice=Choice.SEND, ticked=TICKED))
    await at.work()

    assert at.upstream.sent == []


async def test_reminders_end_with_the_answer() -> None:
    """They come while nobody has answered, with the time left, and never after."""
    at = Office()
    jobs = first_jobs(
        at.held, [Wait(length=timedelta(minutes=minutes)) for minutes in (15, 120, 1800)]
    )
    await at.store.put(
        Kept(
            hold=at.held,
            octets=OCTETS,
            tokens={b"": at.held.owner},
            jobs=jobs,
            audit=first_audit(at.held),
        )
    )
    assert await at.work() == [JobKind.NOTICE]
    at.now += timedelta(minutes=15)
    assert await at.work() == [JobKind.REMINDER]
    reminder = email.message_from_bytes(at.upstream.sent[1][2], policy=email.policy.default)
    assert "あと24時間" in reminder["Subject"]
    assert len(jobs) == 4

    at.store.holds[at.held.id] = replace(at.held, state=HoldState.RETURNED)
    at.now += timedelta(hours=2)
    assert await at.work() == [JobKind.REMINDER]
    assert len(at.upstream.sent) == 2


async def test_release_sends_the_octets_below_one_trace_line() -> None:
    """R-C1 for released mail: nothing altered, the envelope as it was."""
    at = await office()
    await at.send()

    assert await at.work() == [JobKind.RELEASE]
    ((sender, recipients, octets),) = at.upstream.sent
    assert (sender, recipients) == (SENDER, [TYPED, COLLEAGUE])
    assert octets.endswith(OCTETS)
    trace = octets.removesuffix(OCTETS)
    assert trace.startswith(b"Received: ")
    assert trace.count(b"\r\n") == trace.count(b"\r\n\t") + 1
    assert await at.state() is HoldState.DELIVERED


async def test_a_look_alike_counts_from_the_second_release() -> None:
    """Whom the owner confirmed for the first time is not known by that mail; the others are."""
    at = await office()
    at.contacts.new = frozenset({Address.parse(TYPED)})
    await at.send()
    await at.work()

    assert [answer.said for answer in at.contacts.answers] == [Said.SENT]
    (learned,) = at.contacts.learned
    assert [one.address.text for one in learned.recipients] == [COLLEAGUE]
    assert learned.sender.address.text == SENDER

    again = await office()
    await again.send()
    await again.work()
    (learned,) = again.contacts.learned
    assert [one.address.text for one in learned.recipients] == [TYPED, COLLEAGUE]


async def test_whom_the_upstream_refused_is_not_learned() -> None:
    """An address that does not exist never becomes known."""
    at = await office()
    at.upstream.on_rcpt[TYPED] = NEVER
    await at.send()
    await at.work()

    (learned,) = at.contacts.learned
    assert [one.address.text for one in learned.recipients] == [COLLEAGUE]
    assert at.contacts.answers == []


async def test_files_that_went_out_are_learned() -> None:
    """Those that the owner left out are not, nor is anything once the octets are gone."""
    octets = with_files(("図面.txt", b"x" * 300), ("名簿.txt", b"y" * 300))
    parts = {"attachments": (("図面.txt", 300), ("名簿.txt", 300)), "parts": ("2", "3")}
    held = {**parts, "octets_sha256": hashlib.sha256(octets).hexdigest(), "without": ("3",)}
    over = hold(state=HoldState.DELIVERED, decided_by=SENDER, choice=Choice.SEND, **held)
    ends = tuple(End(recipient=one, fate=Fate.TAKEN, reply=OK) for one in over.recipients)
    over = replace(over, ends=ends)
    at = await office()
    job = Job(kind=JobKind.LEARN, hold_id=over.id, due_at=HELD_AT)
    at.store.raw[over.id] = octets
    await learn(at.courier, job, over)
    del at.store.raw[over.id]
    await learn(at.courier, job, over)

    one, two = at.contacts.learned
    assert [file.name for file in one.files] == ["図面.txt"]
    assert two.files == ()


def with_files(*files: tuple[str, bytes]) -> bytes:
    """Give a mail with files."""
    message = EmailMessage()
    message.set_content("hi")
    for name, octets in files:
        message.add_attachment(octets, maintype="text", subtype="x-note", filename=name)
    return message.as_bytes()


async def test_cancelled_mail_teaches_no_address() -> None:
    """That it was a slip is learned, and nothing else."""
    at = await office()
    await at.send(Choice.CANCEL)
    await at.work()

    assert [answer.said for answer in at.contacts.answers] == [Said.CANCELLED]
    assert at.contacts.learned == []


async def test_never_again() -> None:
    """The wish is kept once the mail is gone, and not where the answer was taken back."""
    at = await office()
    await at.work()
    answer = Answer(choice=Choice.SEND, ticked=TICKED, never_again=True)
    await at.desk.answer(at.token, answer)
    await at.desk.answer(at.token, Answer(choice=Choice.UNDO))
    assert not [job for job in at.store.jobs.values() if job.kind is JobKind.LEARN]
    at.now += timedelta(seconds=11)
    await at.work()
    assert at.contacts.answers == []

    await at.desk.answer(at.token, answer)
    at.now += timedelta(minutes=1)
    await at.work()
    assert sorted(one.never_again for one in at.contacts.answers) == [False, True]
    assert len(at.contacts.learned) == 1


async def test_nothing_is_learned_where_the_policy_says_so() -> None:
    """Answers are kept nevertheless: they say what to ask, not whom one writes to."""
    at = await office()
    at.courier = replace(at.courier, learns=lambda: False)
    await at.send()
    await at.work()

    assert at.contacts.learned == []
    assert len(at.contacts.answers) == 1


async def test_a_release_within_the_undo_window_waits() -> None:
    """Undone and sent again: the first answer's job finds that it is not its turn."""
    at = await office()
    await at.work()
    at.upstream.sent.clear()
    await at.desk.answer(at.token, Answer(choice=Choice.SEND, ticked=TICKED))
    at.now += timedelta(seconds=5)
    await at.desk.answer(at.token, Answer(choice=Choice.UNDO))
    await at.desk.answer(at.token, Answer(choice=Choice.SEND, ticked=TICKED))
    at.now += timedelta(seconds=6)  # the first window is over, the second is not

    assert await at.work() == []
    assert at.upstream.sent == []
    at.now += timedelta(seconds=6)
    assert await at.work() == [JobKind.RELEASE]
    assert len(at.upstream.sent) == 1


async def test_an_undone_release_sends_nothing() -> None:
    """Taken back is taken back."""
    at = await office()
    await at.work()
    at.upstream.sent.clear()
    await at.desk.answer(at.token, Answer(choice=Choice.SEND, ticked=TICKED))
    await at.desk.answer(at.token, Answer(choice=Choice.UNDO))
    at.now += timedelta(minutes=1)
    await at.work()

    assert at.upstream.sent == []
    assert await at.state() is HoldState.WAITING


@pytest.mark.parametrize("trouble", ["away", "mail", "rcpt", "dot"])
async def test_trouble_for_now_is_tried_again(trouble: str) -> None:
    """R-E6: the message stays, and goes out once when the upstream is back."""
    at = await office()
    await at.send()
    match trouble:
        case "away":
            at.upstream.away = True
        case "mail":
            at.upstream.on_mail = LATER
        case "rcpt":
            at.upstream.on_rcpt[TYPED] = LATER
        case "dot":
            at.upstream.on_dot = LATER
    await at.work()
    assert await at.state() is HoldState.RELEASING

    at.upstream.away, at.upstream.on_mail, at.upstream.on_dot = False, OK, OK
    at.upstream.on_rcpt.clear()
    at.upstream.sent.clear()
    at.now += timedelta(minutes=1)
    await at.work()
    assert await at.state() is HoldState.DELIVERED
    assert [recipients for _, recipients, _ in at.upstream.sent] == [[TYPED, COLLEAGUE]]


async def test_tries_end_and_the_owner_is_told() -> None:
    """After many tries the state is `FAILED`; the octets stay."""
    at = await office()
    await at.send()
    at.upstream.away = True
    for _ in range(TRIES):
        await at.work()
        at.now += timedelta(hours=1)
    assert await at.state() is HoldState.FAILED

    at.upstream.away = False
    await at.work()
    ((sender, recipients, _),) = at.upstream.sent
    assert (sender, recipients) == ("", [SENDER])
    assert await at.store.octets(at.held.id) == OCTETS


async def test_refused_for_good_is_told_at_once() -> None:
    """5yz: the same again would not help."""
    at = await office()
    await at.send()
    at.upstream.on_dot = NEVER

    assert await at.work() == [JobKind.RELEASE, JobKind.RESULT]
    assert await at.state() is HoldState.FAILED
    assert (await at.store.get(at.held.id)).reply.startswith("550 5.1.1 no such user")


async def test_one_refused_recipient_does_not_stop_the_others() -> None:
    """Delivered to those who are taken; the owner hears of the one who is not."""
    at = await office()
    await at.send()
    at.upstream.on_rcpt[COLLEAGUE] = NEVER

    assert await at.work() == [JobKind.RELEASE, JobKind.RESULT]
    assert await at.state() is HoldState.DELIVERED
    assert at.upstream.sent[0][1] == [TYPED]
    assert COLLEAGUE in (await at.store.get(at.held.id)).reply


async def test_for_now_and_for_good_together_is_for_now() -> None:
    """One refused for good must not fail the whole while the other may still be taken."""
    at = await office()
    await at.send()
    at.upstream.on_rcpt |= {TYPED: LATER, COLLEAGUE: NEVER}
    await at.work()

    assert await at.state() is HoldState.RELEASING
    assert at.upstream.sent == []


async def test_an_unknown_end_is_tried_once_more() -> None:
    """R-E7: the same octets, one more time, and not for ever."""
    at = await office()
    await at.send()
    at.upstream.on_dot = None
    await at.work()
    assert await at.state() is HoldState.UNKNOWN

    at.now += timedelta(minutes=2)
    assert await at.work() == [JobKind.RELEASE_AGAIN, JobKind.RESULT]
    assert await at.state() is HoldState.UNKNOWN
    first, second, (told, _, _) = at.upstream.sent
    assert first == second
    assert told == ""

    at.upstream.on_dot = OK
    at.now += timedelta(days=3)
    assert await at.work() == [JobKind.RESULT, JobKind.EXPIRE]
    assert await at.state() is HoldState.UNKNOWN


@pytest.mark.parametrize("refused_at", ["dot", "rcpt", "mail"])
async def test_a_second_try_that_is_refused_leaves_it_unknown(refused_at: str) -> None:
    """R-E7: the upstream may refuse it as a copy of what it has: “not delivered” is a guess."""
    at = await office()
    at.upstream.on_rcpt[COLLEAGUE] = NEVER
    await at.send()
    at.upstream.on_dot = None
    await at.work()
    duplicate = Reply(554, "5.7.1", "I have this Message-ID")
    at.upstream.on_dot = duplicate
    if refused_at == "rcpt":
        at.upstream.on_rcpt[TYPED] = duplicate
    if refused_at == "mail":
        at.upstream.on_mail = duplicate
    at.now += timedelta(minutes=2)
    assert JobKind.RELEASE_AGAIN in await at.work()

    assert await at.state() is HoldState.UNKNOWN
    ends = {str(end.recipient): end.fate for end in (await at.store.get(at.held.id)).ends}
    assert ends == {TYPED: Fate.UNKNOWN, COLLEAGUE: Fate.REFUSED}
    at.upstream.on_mail = at.upstream.on_dot = OK
    at.now += timedelta(minutes=5)
    await at.work()
    told = email.message_from_bytes(at.upstream.sent[-1][2], policy=email.policy.default)
    assert told["Subject"].startswith("[届いていないかもしれません]")


async def test_a_lost_lease_sends_nothing() -> None:
    """R-K2: a worker that slept past its lease asks before the one thing that can't be undone."""
    at = await office()
    await at.send()
    job = await at.store.claim(lease_s=60)
    assert job is not None
    at.now += timedelta(seconds=61)
    again = await at.store.claim(lease_s=60)
    assert again is not None

    await at.courier.perform(job)
    assert at.upstream.sent == []
    await at.courier.perform(again)
    assert len(at.upstream.sent) == 1
    assert await at.state() is HoldState.DELIVERED


async def test_octets_that_changed_are_not_sent() -> None:
    """What was judged is what goes out, or nothing."""
    at = await office()
    await at.send()
    at.store.raw[at.held.id] = OCTETS + b"x\r\n"

    assert await at.work() == [JobKind.RELEASE, JobKind.RESULT]
    ((sender, recipients, _),) = at.upstream.sent
    assert (sender, recipients) == ("", [SENDER])
    assert await at.state() is HoldState.FAILED
    assert (await at.store.get(at.held.id)).reply.startswith("554 5.3.0")
    assert [each.event for each in at.store.log][-2:] == ["hold.failed", "result.sent"]


@pytest.mark.parametrize("error", [DamagedError, NoSuchHoldError])
async def test_a_release_whose_octets_do_not_open_ends(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    """It is no outage that passes: the hold does not stay `RELEASING`, and its owner is told."""
    at = await office()
    await at.send()
    monkeypatch.setattr(at.store, "octets", _raising(error))

    assert await at.work() == [JobKind.RELEASE, JobKind.RESULT]
    assert await at.state() is HoldState.FAILED
    assert [(sender, to) for sender, to, _ in at.upstream.sent] == [("", [SENDER])]


async def test_a_second_try_without_octets_leaves_the_end_unknown() -> None:
    """The first try may have gone well: its owner must not hear that it surely did not."""
    at = await office()
    await at.send()
    at.upstream.on_dot = None
    await at.work()
    at.upstream.on_dot = OK
    at.store.raw[at.held.id] = b""
    at.now += timedelta(minutes=2)

    assert await at.work() == [JobKind.RELEASE_AGAIN, JobKind.RESULT]
    assert await at.state() is HoldState.UNKNOWN
    assert at.upstream.sent[-1][1] == [SENDER]


async def test_a_release_that_is_cut_off_gives_its_connection_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """At a stop, or when the lease is lost: the pool does not bleed, and the job comes again."""
    at = await office()
    await at.send()
    asked = asyncio.Event()

    async def hang(_self: FakeTransaction, _recipient: Recipient) -> NoReturn:
        asked.set()
        await asyncio.Event().wait()
        raise AssertionError

    with monkeypatch.context() as patch:
        patch.setattr(FakeTransaction, "rcpt", hang)
        working = asyncio.create_task(at.work())
        await asked.wait()
        working.cancel()
        await asyncio.wait([working])
    assert working.cancelled()
    assert at.upstream.resets == 1
    assert await at.state() is HoldState.RELEASING

    at.now += timedelta(minutes=1)
    assert await at.work() == [JobKind.RELEASE]
    assert await at.state() is HoldState.DELIVERED


async def test_an_outage_does_not_end_a_release(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database away is not the octets damaged: the job comes again."""
    at = await office()
    await at.send()
    with monkeypatch.context() as patch:
        patch.setattr(at.store, "octets", _raising(StoreError))
        with pytest.raises(StoreError):
            await at.work()
    assert await at.state() is HoldState.RELEASING

    at.now += timedelta(minutes=1)
    await at.work()
    assert await at.state() is HoldState.DELIVERED


async def test_a_return_whose_octets_are_damaged_tells_without_them() -> None:
    """The owner hears that it was not sent, rather than nothing for ever."""
    at = await office()
    await at.send(Choice.CANCEL)
    at.store.raw[at.held.id] = OCTETS + b"x\r\n"

    assert await at.work() == [JobKind.RESULT]
    ((sender, recipients, octets),) = at.upstream.sent
    assert (sender, recipients) == ("", [SENDER])
    text = email.message_from_bytes(octets, policy=email.policy.default)
    assert "壊れている" in text.get_body(("plain",)).get_content()
    assert OCTETS not in octets
    assert JobKind.RESULT not in {job.kind for job in at.store.jobs.values()}


async def test_a_hold_that_does_not_open_is_put_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody can be told; a backup may bring it back, so it is tried again, ever less often."""
    at = await office()
    with monkeypatch.context() as patch:
        patch.setattr(at.store, "get", _raising(DamagedError))
        assert await at.work() == [JobKind.NOTICE]
    assert "DamagedError" in at.store.errors.values()

    at.now += timedelta(minutes=1)
    assert await at.work() == [JobKind.NOTICE]
    assert len(at.upstream.sent) == 1


def _raising(error: type[Exception]) -> Callable[[str], Awaitable[NoReturn]]:
    async def raising(_: str) -> NoReturn:
        raise error

    return raising


async def test_cancelled_mail_comes_back_with_its_octets() -> None:
    """To its owner only, as a file that opens for editing."""
    at = await office()
    await at.send(Choice.CANCEL)
    await at.work()

    ((sender, recipients, octets),) = at.upstream.sent
    assert (sender, recipients) == ("", [SENDER])
    files = [part for part in email.message_from_bytes(octets).walk() if part.get_filename()]
    assert [part.get_payload(decode=True) for part in files] == [b"X-Unsent: 1\r\n" + OCTETS]


@pytest.mark.parametrize("give_back", [True, False])
async def test_no_answer_expires(give_back: bool) -> None:
    """Time never releases; it gives back, or keeps, as the policy says."""
    at = await office(give_back=give_back)
    await at.work()
    at.upstream.sent.clear()
    at.now = at.held.expires_at

    await at.work()
    assert await at.state() is HoldState.EXPIRED
    assert len(at.upstream.sent) == int(give_back)


async def test_expiry_after_a_decision_changes_nothing() -> None:
    """R-F7: one winner."""
    at = await office()
    await at.send()
    await at.work()
    at.now = at.held.expires_at + timedelta(days=10)
    await at.work()

    assert await at.state() is HoldState.DELIVERED
    assert at.store.jobs == {}


async def test_an_end_that_cannot_be_written_down_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """R-K3: the database is away for longer than a lease right after the dot: no second copy."""
    at = await office()
    await at.send()
    job = await at.store.claim(lease_s=60)
    assert job is not None
    real = at.store.advance

    async def away(hold_id: str, **more: object) -> object:
        if more["new"] is HoldState.DELIVERED:
            raise StoreError("away")
        return await real(hold_id, **more)

    async def back_after_a_while(_: float) -> None:
        """Another worker claims the job as soon as the database is back."""
        monkeypatch.setattr(at.store, "advance", real)
        at.now += timedelta(seconds=61)
        assert await at.work() == [JobKind.RELEASE]
        assert await at.state() is HoldState.UNKNOWN

    monkeypatch.setattr(at.store, "advance", away)
    monkeypatch.setattr("guard.release.releasing.asyncio.sleep", back_after_a_while)
    await at.courier.perform(job)

    assert await at.state() is HoldState.DELIVERED
    at.now += timedelta(hours=1)
    await at.work()
    assert len(at.upstream.sent) == 1
    assert [e.event for e in at.store.log][-2:] == ["hold.unknown", "hold.delivered"]


async def test_a_worker_that_died_at_the_dot() -> None:
    """R-E7: nobody knows how it ended: once more after a while, audited, and not for ever."""
    at = await office()
    await at.send()
    for state in (HoldState.UNKNOWN, HoldState.UNKNOWN):
        job = await at.store.claim(lease_s=60)
        assert job is not None
        at.store.holds[at.held.id] = replace(at.store.holds[at.held.id], state=HoldState.RELEASING)
        assert await at.store.begin_sending(job)
        at.now += timedelta(seconds=61)
        taken_over = await at.store.claim(lease_s=60)
        assert taken_over is not None
        await at.courier.perform(taken_over)
        assert await at.state() is state
        at.now += timedelta(seconds=10)

    await at.work()
    assert at.upstream.sent[-1][1] == [SENDER]  # its owner is told that nobody knows
    assert JobKind.RELEASE_AGAIN not in {job.kind for job in at.store.jobs.values()}


async def test_an_undo_window_that_is_over_by_another_clock() -> None:
    """R-K4: the job comes again; the hold does not stay where it is for ever."""
    at = await office()
    await at.work()
    at.upstream.sent.clear()
    await at.desk.answer(at.token, Answer(choice=Choice.SEND, ticked=TICKED))
    at.now += timedelta(seconds=10)
    job = await at.store.claim(lease_s=60)
    assert job is not None
    at.now -= timedelta(seconds=3)  # our clock is behind the one that gave us the job

    await at.courier.perform(job)
    assert await at.state() is HoldState.UNDO
    at.now += timedelta(seconds=4)
    await at.work()

    assert await at.state() is HoldState.DELIVERED
    assert len(at.upstream.sent) == 1


async def test_an_expiry_in_the_undo_window_comes_again() -> None:
    """Taken back after its time, it waits again, and then it expires: nothing waits for ever."""
    at = await office(undo_s=7200.0)
    await at.work()
    at.now = at.held.expires_at - timedelta(minutes=1)
    await at.desk.answer(at.token, Answer(choice=Choice.SEND, ticked=TICKED))
    at.now += timedelta(minutes=2)
    assert await at.work() == [JobKind.EXPIRE]
    await at.desk.answer(at.token, Answer(choice=Choice.UNDO))
    at.now += timedelta(hours=1)
    await at.work()

    assert await at.state() is HoldState.EXPIRED


async def test_a_lost_lease_concludes_nothing() -> None:
    """R-K2: on its last try, and refused: another worker has the job, so this one has no say."""
    at = await office()
    await at.send()
    job = await at.store.claim(lease_s=60)
    assert job is not None
    at.now += timedelta(seconds=61)
    again = await at.store.claim(lease_s=60)
    assert again is not None
    at.upstream.on_rcpt |= {TYPED: NEVER, COLLEAGUE: NEVER}
    await at.courier.perform(job)
    assert await at.state() is HoldState.RELEASING

    at.upstream.on_rcpt.clear()
    await at.courier.perform(again)
    assert await at.state() is HoldState.DELIVERED


async def test_each_refusal_is_its_own() -> None:
    """Refused for two reasons: report and page say of each the right one."""
    at = await office()
    await at.send()
    full = Reply(552, "5.2.2", "mailbox full")
    at.upstream.on_rcpt |= {TYPED: NEVER, COLLEAGUE: full}
    await at.work()

    ends = {end.recipient.text: end.reply for end in (await at.store.get(at.held.id)).ends}
    assert ends == {TYPED: NEVER, COLLEAGUE: full}


@pytest.mark.parametrize("reply", [None, OK], ids=["unknown", "delivered in part"])
async def test_damage_is_no_reason_to_send_again_what_left(reply: Reply | None) -> None:
    """The octets are damaged after they left: their owner does not hear that they did not."""
    at = await office()
    await at.send()
    at.upstream.on_dot = reply
    at.upstream.on_rcpt[COLLEAGUE] = NEVER
    while (job := await at.store.claim(lease_s=60)) is not None and job.kind is not JobKind.RESULT:
        await at.courier.perform(job)
        at.now += timedelta(minutes=2)
    at.upstream.on_dot = OK
    at.store.raw[at.held.id] = b"damaged"
    at.now += timedelta(minutes=5)
    at.upstream.sent.clear()
    await at.work()

    ((_, recipients, mail),) = at.upstream.sent
    assert recipients == [SENDER]
    body = email.message_from_bytes(mail, policy=email.policy.default).get_body(("plain",))
    assert body is not None
    assert "もう一度お送りください" not in "".join(body.get_content().split())
