"""Our own mails about holds: what goes together, what is laid aside, who hears of it."""

import email
import email.policy
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from typing import NoReturn

import pytest
from factories import COLLEAGUE, HELD_AT, SENDER, TYPED, envelope
from test_courier import ADMIN, LATER, NEVER, OCTETS, OK, Office, office

from guard.holding import first_audit, first_jobs
from guard.model.address import Address
from guard.model.envelope import Recipient
from guard.model.errors import DamagedError, KeyFileError
from guard.model.hold import Choice, Hold, HoldState
from guard.model.job import Job, JobKind, mark_of
from guard.model.reply import Reply
from guard.ports import Kept
from guard.release import Answer

BOSS = Address.parse("boss@example.co.jp")


def parsed(octets: bytes) -> EmailMessage:
    """A mail as a program reads it."""
    message = email.message_from_bytes(octets, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def text(octets: bytes) -> str:
    """The plain text of a mail."""
    body = parsed(octets).get_body(("plain",))
    assert body is not None
    return str(body.get_content())


async def hold_more(at: Office, count: int, **more: object) -> list[Hold]:
    """Hold more mails of the same sender."""
    holds = [
        replace(at.held, id=f"{n}" * 32, number=f"H-{n}{n}{n}{n}-{n}{n}", **more)
        for n in range(1, count + 1)
    ]
    for each in holds:
        await at.store.put(
            Kept(
                hold=each,
                octets=OCTETS,
                tokens=at.courier.links.tokens(each),
                jobs=first_jobs(each),
                audit=first_audit(each),
            )
        )
    return holds


async def test_what_waits_together_goes_in_one_mail() -> None:
    """Each with its number and its own link; one line of the log for each."""
    at = await office()
    others = await hold_more(at, 2)

    assert await at.work() == [JobKind.NOTICE]

    ((sender, recipients, octets),) = at.upstream.sent
    assert (sender, recipients) == ("", [SENDER])
    said = text(octets)
    for each in (at.held, *others):
        assert each.number in said
        assert at.courier.links.token(each) in said
    assert "3 通" in said
    assert [entry.event for entry in at.store.log].count("notice.sent") == 3
    assert {job.kind for job in at.store.jobs.values()} == {JobKind.EXPIRE}


async def test_what_comes_right_behind_a_notice_waits_for_more() -> None:
    """At most five seconds, and then all of it goes in one mail."""
    at = await office()
    assert await at.work() == [JobKind.NOTICE]
    await hold_more(at, 2)
    at.now += timedelta(seconds=1)
    await at.work()
    assert len(at.upstream.sent) == 1

    at.now += timedelta(seconds=4)
    assert await at.work() == [JobKind.NOTICE]

    assert len(at.upstream.sent) == 2
    assert "2 通" in text(at.upstream.sent[1][2])


async def test_two_senders_are_two_mails() -> None:
    """Nobody hears of somebody else's mail."""
    at = await office()
    await hold_more(at, 1, owner=Address.parse(COLLEAGUE))

    await at.work()

    assert [recipients for _, recipients, _ in at.upstream.sent] == [[SENDER], [COLLEAGUE]]


async def test_decided_mail_is_left_out_of_the_bundle() -> None:
    """A late notice would ask about mail that is gone."""
    at = await office()
    others = await hold_more(at, 2)
    at.store.holds[others[0].id] = replace(others[0], state=HoldState.RETURNED)

    await at.work()

    said = text(at.upstream.sent[0][2])
    assert others[1].number in said
    assert others[0].number not in said
    assert {job.kind for job in at.store.jobs.values()} == {JobKind.EXPIRE}


async def test_a_bundle_that_fails_is_tried_again_whole() -> None:
    """Refused for now: all of it comes again, and nothing is lost."""
    at = await office()
    await hold_more(at, 2)
    at.upstream.on_dot = LATER
    await at.work()
    assert [entry.event for entry in at.store.log].count("notice.sent") == 0

    at.upstream.on_dot = OK
    at.upstream.sent.clear()
    at.now += timedelta(minutes=1)
    await at.work()

    assert [entry.event for entry in at.store.log].count("notice.sent") == 3


def raising(error: type[Exception]) -> Callable[..., Awaitable[NoReturn]]:
    """A method that fails."""

    async def fail(*_: object, **__: object) -> NoReturn:
        raise error("on purpose")

    return fail


@pytest.mark.parametrize("error", [DamagedError, KeyFileError, ZeroDivisionError])
async def test_a_job_that_keeps_failing_is_laid_aside(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    """A hold that does not open, a lost key, a bug: tried a few times, then told, not for ever."""
    at = await office()
    with monkeypatch.context() as patched:
        patched.setattr(at.store, "get", raising(error))
        for _ in range(12):
            await at.work()
            at.now += timedelta(hours=1)

    assert [job.kind for job in at.store.parked.values()] == [JobKind.NOTICE]
    assert set(at.store.errors.values()) == {error.__name__}
    ((_, recipients, mail),) = at.upstream.alarms
    assert recipients == [ADMIN]
    assert at.held.id in text(mail)  # the hold does not open, so its number is not known
    assert "guard db check" in text(mail)


async def test_laid_aside_work_is_taken_up_by_a_person() -> None:
    """From there on it is done as if it were new."""
    at = await office()
    job = await at.store.claim(lease_s=60)
    assert job is not None
    await at.store.park(job, error="x", alarm=at.courier.alarm(at.held.id, "job_parked"))

    assert await at.store.take_up(at.held.id) == 1

    assert await at.work() == [JobKind.NOTICE]
    assert await at.store.take_up(at.held.id) == 0


async def test_a_refused_notice_alarms_and_the_hold_stays() -> None:
    """R-G2: told at the first refusal, laid aside after many; the mail goes on waiting."""
    at = await office()
    at.upstream.on_rcpt[SENDER] = NEVER
    for _ in range(12):
        await at.work()
        at.now += timedelta(hours=1)

    assert await at.state() is HoldState.WAITING
    assert [job.kind for job in at.store.parked.values()] == [JobKind.NOTICE]
    notes = [parsed(mail)["Subject"] for _, _, mail in at.upstream.alarms]
    assert "refuses our mail" in notes[0]
    assert "laid aside" in notes[-1]


async def test_alarms_go_together() -> None:
    """One mail a minute at most, with all that happened; numbers only."""
    at = await office()
    others = await hold_more(at, 3)
    for each in (at.held, *others):
        await at.store.add(at.courier.alarm(each.id, "release_failed"))
    await at.work()
    await at.store.add(at.courier.alarm(at.held.id, "release_unknown"))
    await at.work()

    ((_, recipients, mail),) = at.upstream.alarms
    assert recipients == [ADMIN]
    said = text(mail)
    assert all(each.number in said for each in (at.held, *others))
    assert at.held.subject not in said
    assert TYPED not in said
    at.now += timedelta(minutes=1)
    await at.work()
    assert len(at.upstream.alarms) == 2


async def test_without_administrators_alarms_stand_in_the_log() -> None:
    """They are counted, and no mail is written to nobody."""
    at = await office()
    at.courier = replace(at.courier, administrators=())
    await at.store.add(at.courier.alarm(at.held.id, "release_failed"))

    await at.work()

    assert at.upstream.alarms == []
    assert JobKind.ALARM not in {job.kind for job in at.store.jobs.values()}


async def test_a_failed_release_is_a_delivery_status_notification() -> None:
    """RFC 3464: a program can read who was refused, why, and which mail it was."""
    sent_to = envelope()
    recipients = (
        Recipient(address=Address.parse(TYPED), params=("ORCPT=rfc822;sato+2Bx@old.example",)),
        *sent_to.recipients[1:],
    )
    at = await office(
        envelope=replace(sent_to, recipients=recipients, params=("ENVID=QQ+3D1", "BODY=8BITMIME"))
    )
    await at.send()
    at.upstream.on_rcpt[TYPED] = NEVER
    await at.work()

    report = parsed(at.upstream.sent[-1][2])
    assert report.get_content_type() == "multipart/report"
    assert report["Content-Type"].params["report-type"] == "delivery-status"
    human, status, header = report.iter_parts()
    assert human.get_content_type() == "multipart/alternative"
    about, *ends = status.get_payload()
    assert about["Original-Envelope-Id"] == "QQ=1"
    assert about["Reporting-MTA"] == "dns; guard.example.co.jp"
    assert about["Arrival-Date"] == "Mon, 23 Nov 2026 06:04:00 +0000"
    (end,) = ends
    assert end["Original-Recipient"] == "rfc822; sato+x@old.example"
    assert end["Final-Recipient"] == f"rfc822; {TYPED}"
    assert (end["Action"], end["Status"]) == ("failed", "5.1.1")
    assert end["Diagnostic-Code"] == "smtp; 550 5.1.1 no such user"
    assert header.get_content_type() == "text/rfc822-headers"
    assert header.get_content().split() == ["Subject:", "a"]


@pytest.mark.parametrize(
    ("text_", "field"),
    [
        ("佐藤@例え.test", r"utf-8; \x{4F50}\x{85E4}@\x{4F8B}\x{3048}.test"),
        ('"a b"@example.com', 'rfc822; "a b"@example.com'),
    ],
)
async def test_any_address_fits_a_report(text_: str, field: str) -> None:
    """RFC 6533: an address that is not ASCII is written so that any mail system takes it."""
    at = await office(envelope=envelope(recipients=(text_,)), recipients=(Address.parse(text_),))
    await at.send()
    at.upstream.on_dot = Reply(554, "", "ダメ\nsecond line")
    await at.work()

    _, status, _ = parsed(at.upstream.sent[-1][2]).iter_parts()
    end = status.get_payload()[1]
    assert end["Final-Recipient"] == field
    assert end["Status"] == "5.0.0"
    assert end["Diagnostic-Code"].startswith("smtp; 554-")


async def test_every_mail_of_ours_is_marked() -> None:
    """R-G1: null reverse-path and the marks of a machine on each kind, so that nothing answers."""
    at = await office(second_persons=(BOSS,))
    others = await hold_more(at, 1)
    await at.work()  # a bundle
    at.now += timedelta(minutes=1)
    await at.store.add(
        Job(kind=JobKind.NOTICE, hold_id=at.held.id, due_at=at.now),
        at.courier.alarm(at.held.id, "release_failed"),
    )
    await at.work()
    at.store.holds[others[0].id] = replace(others[0], state=HoldState.SECOND_PERSON)
    await at.store.add(
        Job(kind=JobKind.SECOND, hold_id=others[0].id, due_at=at.now, person=mark_of(BOSS))
    )
    at.store.holds[at.held.id] = replace(at.held, state=HoldState.RETURNED)
    await at.store.add(Job(kind=JobKind.RESULT, hold_id=at.held.id, due_at=at.now))
    await at.work()

    mails = [*at.upstream.sent, *at.upstream.alarms]
    assert len(mails) == 5
    for sender, _, octets in mails:
        message = parsed(octets)
        assert sender == ""
        assert message["Auto-Submitted"] == "auto-generated"
        assert message["X-Auto-Response-Suppress"] == "All"
        assert "X-Guard-Loop" in message


async def test_a_second_person_is_asked_with_a_link_of_their_own() -> None:
    """Who, why, to whom; their link is another than the owner's, and nothing of the text is in."""
    at = await office(second_persons=(BOSS,))
    at.store.holds[at.held.id] = replace(at.store.holds[at.held.id], state=HoldState.SECOND_PERSON)
    await at.store.add(
        Job(kind=JobKind.SECOND, hold_id=at.held.id, due_at=HELD_AT, person=mark_of(BOSS))
    )

    await at.work()

    ((_, recipients, octets),) = at.upstream.sent
    assert recipients == [BOSS.text]
    said = text(octets)
    assert at.courier.links.token(at.held, BOSS) in said
    assert at.token not in said


async def test_octets_are_destroyed_when_retention_is_over() -> None:
    """After a delivery; the hold and its log stay."""
    at = await office()
    await at.send()
    await at.work()
    at.now += timedelta(days=6, hours=23)
    await at.work()
    assert at.store.raw

    at.now += timedelta(hours=2)
    await at.work()

    assert at.store.raw == {}
    assert await at.state() is HoldState.DELIVERED
    assert at.store.log[-1].event == "hold.destroyed"


@pytest.mark.parametrize("retention_s", [0.0, 60.0])
async def test_the_original_goes_back_before_it_is_destroyed(retention_s: float) -> None:
    """However short retention is: the last mail that needs the octets has them."""
    at = await office(retention_s=retention_s)
    await at.work()
    await at.desk.answer(at.token, Answer(choice=Choice.CANCEL))
    at.upstream.away = True
    await at.work()
    at.now += timedelta(hours=2)
    assert at.store.raw
    at.upstream.away = False
    at.upstream.sent.clear()
    await at.work()
    at.now += timedelta(hours=1)
    await at.work()

    assert b"eml" in at.upstream.sent[0][2]
    assert at.store.raw == {}


async def test_a_result_that_nobody_takes_does_not_keep_the_octets() -> None:
    """Its owner's mailbox is gone: retention goes its way all the same."""
    at = await office()
    await at.work()
    await at.desk.answer(at.token, Answer(choice=Choice.CANCEL))
    at.upstream.on_rcpt[SENDER] = NEVER
    for _ in range(12):
        await at.work()
        at.now += timedelta(hours=1)
    assert [job.kind for job in at.store.parked.values()] == [JobKind.RESULT]
    at.now += timedelta(days=8)
    await at.work()

    assert at.store.raw == {}


async def test_a_mail_that_is_being_sent_again_keeps_its_octets() -> None:
    """An administrator has it sent once more: an older job to destroy them may not."""
    at = await office()
    await at.send()
    at.upstream.on_dot = NEVER
    await at.work()
    at.store.holds[at.held.id] = replace(
        at.store.holds[at.held.id], state=HoldState.RELEASING, release_at=at.now
    )
    at.now += timedelta(days=8)

    await at.work()

    assert at.store.raw
