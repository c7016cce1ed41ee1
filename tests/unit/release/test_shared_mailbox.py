"""A shared mailbox: each member is asked, the first answer counts, and it is known whose it was."""

import email
import email.policy
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from factories import TYPED, address, hold, match
from pydantic import TypeAdapter
from test_courier import OCTETS, Office, office

from guard.holding import first_audit, first_jobs
from guard.model.address import Address
from guard.model.errors import StaleHoldError
from guard.model.hold import Choice, Hold, HoldState
from guard.model.job import JobKind, mark_of
from guard.model.verdict import Confirm, Match
from guard.ports import Kept
from guard.release import Answer
from guard.release.administrator import Administrator
from guard.release.learning import answers_of
from guard.web.standing import is_asked, status

BOX, BOSS = address("sales@example.co.jp"), address("boss@example.co.jp")
YAMADA, SUZUKI = address("yamada@example.co.jp"), address("suzuki@example.co.jp")
SHARED = {"owner": BOX, "owner_name": "", "members": (YAMADA, SUZUKI)}
TICKED = frozenset({TYPED})


async def shared(*matches: Match, **more: object) -> Office:
    """A hold of a shared mailbox, with a link for each person."""
    at = await office(*matches, **SHARED, **more)
    tokens = at.courier.links.tokens(at.held)
    at.store.links = {token: (at.held.id, person) for token, person in tokens.items()}
    return at


async def say(at: Office, person: Address, choice: Choice, ticked: frozenset[str] = TICKED) -> Hold:
    token = at.courier.links.token(at.held, person)
    return await at.desk.answer(token, Answer(choice=choice, ticked=ticked))


def mailed(at: Office) -> list[str]:
    """To whom our mails went, each alone."""
    return [to for _, (to,), _ in at.upstream.sent]


def said(octets: bytes) -> str:
    message = email.message_from_bytes(octets, policy=email.policy.default)
    body = message.get_body(("plain",))
    return str(body.get_content())


async def test_each_member_is_asked_by_a_link_of_their_own() -> None:
    """The box itself is not: whoever reads it would answer for nobody."""
    at = await shared()
    await at.work()

    assert mailed(at) == [YAMADA.text, SUZUKI.text]
    tokens = [at.courier.links.token(at.held, person) for person in (YAMADA, SUZUKI)]
    for (_, _, octets), mine, other in zip(at.upstream.sent, tokens, tokens[::-1], strict=True):
        text = said(octets)
        assert mine in text
        assert other not in text
        assert BOX.text in text
    ids = {email.message_from_bytes(octets)["Message-ID"] for _, _, octets in at.upstream.sent}
    assert len(ids) == 2


async def test_a_bundle_is_of_one_person() -> None:
    """What waits for Yamada himself, and as a member, comes in one mail."""
    at = await shared()
    own = replace(at.held, id="1" * 32, number="H-1111-11", owner=YAMADA, members=())
    tokens = at.courier.links.tokens(own)
    kept = Kept(
        hold=own, octets=OCTETS, tokens=tokens, jobs=first_jobs(own), audit=first_audit(own)
    )
    await at.store.put(kept)

    await at.work()

    assert mailed(at) == [YAMADA.text, SUZUKI.text]
    first, second = (said(octets) for _, _, octets in at.upstream.sent)
    assert "H-1111-11" in first
    assert at.held.number in first
    assert "H-1111-11" not in second


@pytest.mark.parametrize("choice", [Choice.SEND, Choice.CANCEL])
async def test_the_first_answer_counts(choice: Choice) -> None:
    """And the audit log says whose it was; the others' links show that, and take no other."""
    at = await shared()
    answered = await say(at, SUZUKI, choice)

    assert answered.decided_by == SUZUKI.text
    assert at.store.log[-1].actor == SUZUKI.text
    with pytest.raises(StaleHoldError):
        await say(at, YAMADA, Choice.SEND)
    head = at.courier.letterhead
    assert not is_asked(answered, YAMADA, at.now)
    assert status(answered, "en", head, now=at.now, person=YAMADA).by == SUZUKI.text
    assert status(answered, "en", head, now=at.now, person=SUZUKI).by == ""


async def test_who_decided_is_told_how_it_ended() -> None:
    """Not the others, who decided nothing."""
    at = await shared()
    await at.work()
    at.upstream.sent.clear()
    await say(at, SUZUKI, Choice.CANCEL)
    await at.work()

    assert mailed(at) == [SUZUKI.text]


async def test_all_are_told_where_nobody_decided() -> None:
    """Each in a mail of their own, with the original; it is destroyed once, for all."""
    at = await shared()
    await at.work()
    at.upstream.sent.clear()
    at.now = at.held.expires_at + timedelta(seconds=1)
    await at.work()

    assert at.store.holds[at.held.id].state is HoldState.EXPIRED
    assert sorted(mailed(at)) == sorted([YAMADA.text, SUZUKI.text])
    kinds = [job.kind for job in at.store.jobs.values()]
    assert kinds.count(JobKind.DESTROY) == 1
    assert JobKind.RESULT not in kinds


async def test_all_are_told_what_an_administrator_decided() -> None:
    """For nobody of them did."""
    at = await shared()
    await at.work()
    at.upstream.sent.clear()
    admin = Administrator(at.store, at.store, lambda: at.now, who="root")
    await admin.give_back(at.store.holds[at.held.id], "by telephone")
    await at.work()

    assert sorted(mailed(at)) == sorted([YAMADA.text, SUZUKI.text])


async def test_asked_again_are_all() -> None:
    """By an administrator."""
    at = await shared()
    await at.work()
    at.upstream.sent.clear()
    at.now += timedelta(minutes=10)
    await Administrator(at.store, at.store, lambda: at.now, who="root").ask_again(at.held)
    await at.work()

    assert mailed(at) == [YAMADA.text, SUZUKI.text]


async def test_a_member_is_no_second_person() -> None:
    """It takes somebody else; any member may still take it back."""
    at = await shared(match(confirm=Confirm.SECOND_PERSON), second_persons=(SUZUKI, BOSS))
    await at.work()
    at.upstream.sent.clear()
    await say(at, YAMADA, Choice.SEND)
    await at.work()

    assert mailed(at) == [BOSS.text]
    with pytest.raises(StaleHoldError):
        await say(at, SUZUKI, Choice.AGREE)
    assert (await say(at, SUZUKI, Choice.CANCEL)).state is HoldState.RETURNED


async def test_what_is_noticed_in_sent_mail_is_told_to_all() -> None:
    """``then: tell``: nobody decided anything."""
    at = await shared()
    await at.courier.tell(at.held)

    assert mailed(at) == [YAMADA.text, SUZUKI.text]


def test_the_answer_of_a_member_is_learned() -> None:
    """Contacts learn it as the owner's."""
    ended = hold(**SHARED, state=HoldState.RETURNED, choice=Choice.CANCEL, decided_by=SUZUKI.text)
    stranger = replace(ended, decided_by="root")

    assert len(list(answers_of(ended))) == len(
        list(answers_of(replace(ended, members=(), owner=SUZUKI)))
    )
    assert list(answers_of(stranger)) == []


def test_holds_from_before_members_load() -> None:
    """And have the same people in the same order, for links are kept by their place in it."""
    before = hold(second_persons=(BOSS,))
    stored = TypeAdapter(Hold).dump_python(before, mode="json")
    del stored["members"]

    assert TypeAdapter(Hold).validate_json(json.dumps(stored)) == before
    assert before.people == (before.owner, BOSS)


def test_reminders_go_to_each_member() -> None:
    """Those who answered none."""
    jobs = first_jobs(hold(**SHARED))

    assert [(j.kind, j.person) for j in jobs if j.person] == [
        (JobKind.NOTICE, mark_of(YAMADA)),
        (JobKind.NOTICE, mark_of(SUZUKI)),
    ]
