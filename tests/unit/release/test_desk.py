"""The sender's answer: what each rung asks for, and that only the first answer counts."""

from datetime import datetime, timedelta

import pytest
from factories import (
    COLLEAGUE,
    HELD_AT,
    MEANT,
    TYPED,
    address,
    envelope,
    hold,
    lookalike,
    match,
)
from memory_store import MemoryStore
from one_hold_desk import Says

from guard.holding import first_audit, first_jobs
from guard.model.errors import NoSuchHoldError, StaleHoldError
from guard.model.hold import Choice, Hold, HoldState
from guard.model.job import JobKind
from guard.model.verdict import Confirm
from guard.ports import Kept
from guard.release import Answer, Desk, Links, Unconfirmed
from guard.release.desk import UNCHANGED
from guard.release.links import fingerprint

SOON = HELD_AT + timedelta(minutes=2)
TICKED = frozenset({TYPED})


class Talk:
    """One held message with its desk, a clock that stands, and the token of its link."""

    def __init__(self, held: Hold) -> None:
        self.now = SOON
        self.store = MemoryStore(lambda: self.now)
        self.judge = Says()
        self.desk = Desk(self.store, lambda: self.now, self.judge)
        self.held = held
        self.token = Links(("k1", b"k" * 32), lambda _: b"k" * 32).token(held)

    async def __aenter__(self) -> "Talk":
        await self.store.put(
            Kept(
                hold=self.held,
                octets=b"octets",
                tokens={fingerprint(self.token): self.held.owner},
                jobs=first_jobs(self.held),
                audit=first_audit(self.held),
            )
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def say(self, choice: Choice, ticked: frozenset[str] = frozenset(), **more: str) -> Hold:
        return await self.desk.answer(self.token, Answer(choice=choice, ticked=ticked, **more))

    def jobs(self) -> list[tuple[JobKind, datetime]]:
        return [(job.kind, job.due_at) for job in self.store.jobs.values()][2:]


async def test_ticked_send_opens_the_undo_window() -> None:
    """The message is on its way, but can be taken back until the window closes."""
    async with Talk(hold()) as talk:
        sent = await talk.say(Choice.SEND, TICKED)

        assert sent.state is HoldState.UNDO
        assert sent.release_at == SOON + timedelta(seconds=10)
        assert talk.jobs() == [(JobKind.RELEASE, SOON + timedelta(seconds=10))]


async def test_send_without_undo_window_releases_at_once() -> None:
    """``undo_after_send: 0 seconds``."""
    async with Talk(hold(undo_s=0.0)) as talk:
        sent = await talk.say(Choice.SEND, TICKED)

        assert sent.state is HoldState.RELEASING
        assert talk.jobs() == [(JobKind.RELEASE, SOON)]


async def test_unticked_send_changes_nothing() -> None:
    """R-F2: an untouched form releases nothing, whoever posts it."""
    async with Talk(hold()) as talk:
        with pytest.raises(Unconfirmed) as caught:
            await talk.say(Choice.SEND)

        assert caught.value.missing == {TYPED}
        assert (await talk.store.get(talk.held.id)).state is HoldState.WAITING
        assert talk.jobs() == []


async def test_a_tick_for_somebody_else_is_no_tick() -> None:
    """Only the addresses in doubt can be ticked; others are read over."""
    async with Talk(hold()) as talk:
        with pytest.raises(Unconfirmed):
            await talk.say(Choice.SEND, frozenset({MEANT, COLLEAGUE, TYPED.upper()}))


async def test_one_click_needs_no_tick() -> None:
    """The lowest rung."""
    async with Talk(hold(match(confirm=Confirm.ONE_CLICK))) as talk:
        assert (await talk.say(Choice.SEND)).state is HoldState.UNDO


@pytest.mark.parametrize(
    ("domain", "missing"),
    [
        ("", {"domain"}),
        ("kita-shoji.example", {"domain"}),
        ("Kita-Syoji.example", set()),
        ("kita-syoji.example, example.co.jp", set()),
    ],
)
async def test_type_domain_wants_the_doubtful_domain(domain: str, missing: set[str]) -> None:
    """Typed, or pasted, in any case; the tick is wanted too."""
    async with Talk(hold(match(confirm=Confirm.TYPE_DOMAIN))) as talk:
        if missing:
            with pytest.raises(Unconfirmed) as caught:
                await talk.say(Choice.SEND, TICKED, domain=domain)
            assert caught.value.missing == missing
        else:
            assert (await talk.say(Choice.SEND, TICKED, domain=domain)).state is HoldState.UNDO


async def test_give_reason_wants_a_reason() -> None:
    """White space is none."""
    async with Talk(hold(match(confirm=Confirm.GIVE_REASON))) as talk:
        with pytest.raises(Unconfirmed) as caught:
            await talk.say(Choice.SEND, TICKED, reason=" \t")
        assert caught.value.missing == {"reason"}
        assert (await talk.say(Choice.SEND, TICKED, reason="年次監査")).state is HoldState.UNDO


async def test_drop_sends_to_the_others() -> None:
    """The doubtful recipient leaves the envelope; nothing else changes."""
    async with Talk(hold()) as talk:
        sent = await talk.say(Choice.DROP)

        assert [address.text for address in sent.recipients] == [COLLEAGUE]
        assert sent.choice is Choice.DROP


async def test_drop_needs_somebody_left() -> None:
    """Without recipients there is nothing to send: that is cancelling, and must be said so."""
    async with Talk(hold(recipients=[TYPED])) as talk:
        with pytest.raises(Unconfirmed) as caught:
            await talk.say(Choice.DROP)
        assert "recipients" in caught.value.missing


async def test_replace_sends_to_the_contact_who_was_meant() -> None:
    """The other answer to a look-alike."""
    async with Talk(hold()) as talk:
        sent = await talk.say(Choice.REPLACE)

        assert [address.text for address in sent.recipients] == [MEANT, COLLEAGUE]


async def test_replace_never_doubles_a_recipient() -> None:
    """The contact may be among the recipients already."""
    async with Talk(hold(recipients=[TYPED, MEANT])) as talk:
        sent = await talk.say(Choice.REPLACE)

        assert [address.text for address in sent.recipients] == [MEANT]


async def test_replace_keeps_whom_the_sender_ticked() -> None:
    """A ticked address was meant as it stands."""
    other = "tanaka@abc.example"
    held = hold(
        match(lookalike(), lookalike(other, "tanaka@abc.test"), recipients=[TYPED, other]),
        recipients=[TYPED, other],
    )
    async with Talk(held) as talk:
        sent = await talk.say(Choice.REPLACE, frozenset({other}))

        assert [address.text for address in sent.recipients] == [MEANT, other]


async def test_cancel_returns_the_original() -> None:
    """Needs no tick: not sending is always safe."""
    async with Talk(hold()) as talk:
        assert (await talk.say(Choice.CANCEL)).state is HoldState.RETURNED
        assert talk.jobs() == [(JobKind.RESULT, SOON), (JobKind.LEARN, SOON)]


async def test_undo_goes_back_to_waiting_with_all_recipients() -> None:
    """Within the window everything is as before."""
    async with Talk(hold()) as talk:
        await talk.say(Choice.DROP)
        talk.now += timedelta(seconds=9)
        back = await talk.say(Choice.UNDO)

        assert back.state is HoldState.WAITING
        assert [address.text for address in back.recipients] == [TYPED, COLLEAGUE]


async def test_undo_names_nobody_twice() -> None:
    """R-D3: somebody who stood twice in the envelope gets one copy, also after an undo."""
    held = hold(envelope=envelope(recipients=[address(TYPED), address(COLLEAGUE)] * 2))
    async with Talk(held) as talk:
        await talk.say(Choice.DROP)
        back = await talk.say(Choice.UNDO)

        assert [each.text for each in back.recipients] == [TYPED, COLLEAGUE]


async def test_cancel_in_the_undo_window_wins() -> None:
    """Who says “do not send” in a second tab means it; the first answer has sent nothing yet."""
    async with Talk(hold()) as talk:
        await talk.say(Choice.SEND, TICKED)
        talk.now += timedelta(seconds=9)
        assert (await talk.say(Choice.CANCEL)).state is HoldState.RETURNED
        assert [kind for kind, _ in talk.jobs()] == [JobKind.RESULT, JobKind.LEARN]


async def test_cancel_after_the_window_is_too_late() -> None:
    """Then it may be on its way."""
    async with Talk(hold()) as talk:
        await talk.say(Choice.SEND, TICKED)
        talk.now += timedelta(seconds=10)
        with pytest.raises(StaleHoldError):
            await talk.say(Choice.CANCEL)


async def test_undo_after_the_window_is_too_late() -> None:
    """The release may be under way: it can't be taken back."""
    async with Talk(hold()) as talk:
        await talk.say(Choice.SEND, TICKED)
        talk.now += timedelta(seconds=10)
        with pytest.raises(StaleHoldError):
            await talk.say(Choice.UNDO)


@pytest.mark.parametrize("first", [Choice.SEND, Choice.CANCEL, Choice.DROP, Choice.REPLACE])
@pytest.mark.parametrize("second", [Choice.SEND, Choice.CANCEL, Choice.DROP, Choice.REPLACE])
async def test_the_first_answer_counts(first: Choice, second: Choice) -> None:
    """R-F4: a replay has no effect, whatever it says."""
    async with Talk(hold()) as talk:
        decided = await talk.say(first, TICKED if first is Choice.SEND else frozenset())
        talk.now += timedelta(seconds=10)  # within the undo window “cancel” still counts
        with pytest.raises(StaleHoldError):
            await talk.say(second, TICKED)

        assert await talk.store.get(talk.held.id) == decided
        assert len([kind for kind, _ in talk.jobs() if kind is not JobKind.LEARN]) == 1


@pytest.mark.parametrize("late", [timedelta(0), timedelta(seconds=1), timedelta(days=400)])
async def test_after_its_time_nothing_is_sent(late: timedelta) -> None:
    """R-F6: exactly at the border too, even before the expiry job has run."""
    async with Talk(hold()) as talk:
        talk.now = talk.held.expires_at + late
        with pytest.raises(StaleHoldError):
            await talk.say(Choice.SEND, TICKED)


@pytest.mark.parametrize(
    "change", [lambda t: t[:-1], lambda t: t + "A", lambda t: t * 2, str.swapcase]
)
async def test_a_forged_token_opens_nothing(change: object) -> None:
    """R-F5: neither looking nor answering."""
    async with Talk(hold()) as talk:
        talk.token = change(talk.token)  # type: ignore[operator]
        with pytest.raises(NoSuchHoldError):
            await talk.desk.view(talk.token, peer="192.0.2.1")
        with pytest.raises(NoSuchHoldError):
            await talk.say(Choice.CANCEL)


async def test_looking_is_noted_and_changes_nothing() -> None:
    """R-F1: link scanners look at everything."""
    async with Talk(hold()) as talk:
        for _ in range(3):
            seen = await talk.desk.view(talk.token, peer="192.0.2.1")
            assert (seen.hold, seen.person) == (talk.held, talk.held.owner)

        assert [entry.event for entry in talk.store.log[1:]] == ["hold.viewed"] * 3
        assert talk.store.log[-1].peer == "192.0.2.1"


async def test_a_decision_is_audited_with_its_ticks_and_time() -> None:
    """After a leak somebody must be able to say who let it out, and how long they looked."""
    async with Talk(hold()) as talk:
        await talk.say(Choice.SEND, TICKED | {"x"}, peer="192.0.2.9")
        entry = talk.store.log[-1]

        assert (entry.event, entry.peer) == ("hold.decided", "192.0.2.9")
        assert entry.details["ticked"] == [TYPED]
        assert entry.details["seconds"] == 120.0


def test_links_differ_by_hold_person_and_serial() -> None:
    """Nobody's link opens another's hold, and a new serial is a new link."""
    links = Links(("k1", b"k" * 32), {"k1": b"k" * 32, "k2": b"j" * 32}.__getitem__)
    held = hold(link_key="k1")
    tokens = {
        links.token(held),
        links.token(hold(link_key="k2")),
        links.token(hold(link_key="k1", id="0" * 32)),
        links.token(hold(link_key="k1", token_serial=1)),
        links.token(hold(link_key="k1", owner=held.envelope.addresses[1])),
    }

    assert len(tokens) == 5
    assert all(len(token) == 43 for token in tokens)
    assert links.token(held) == links.token(held)


async def test_what_is_sent_as_it_was_is_counted_by_rule() -> None:
    """What was changed, or is only asked about, is no click too many."""
    before = UNCHANGED.labels("a")._value.get()
    rule = match(rule="a", confirm=Confirm.ONE_CLICK)
    for choice in (Choice.SEND, Choice.CANCEL, Choice.DROP):
        async with Talk(hold(rule)) as talk:
            await talk.say(choice)

    assert UNCHANGED.labels("a")._value.get() - before == 1
