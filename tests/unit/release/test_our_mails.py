"""Our own mails about holds: what goes together, what is laid aside, who hears of it."""

import asyncio
import email
import email.policy
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from typing import NoReturn

import pytest
from factories import COLLEAGUE, HELD_AT, SENDER, TYPED, envelope, match
from test_courier import ADMIN, LATER, NEVER, OCTETS, OK, Office, office

from guard.compose.alarm import POLICY_REFUSED
from guard.holding import first_audit, first_jobs
from guard.model.address import Address
from guard.model.envelope import Recipient
from guard.model.errors import DamagedError, KeyFileError
from guard.model.hold import Choice, End, Fate, Hold, HoldState
from guard.model.job import AGREED, Job, JobKind, mark_of
from guard.model.reply import Reply
from guard.model.verdict import Confirm
from guard.ports import Kept
from guard.release import Answer, mailing
from guard.release.administrator import Administrator
from guard.release.links import fingerprint
from guard.release.means import ADMINISTRATORS

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
    """R-G1: each with its number and its own link; one line of the log for each."""
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


async def test_waiting_for_more_is_no_try() -> None:
    """However many mails come at once, each is asked about, and none is laid aside for waiting."""
    at = await office()
    await hold_more(at, 9)
    asked = [at.held]
    for batch in range(30):
        each = replace(at.held, id=f"{batch:032}", number=f"H-{batch:04}-AA")
        asked += [replace(each, id=f"{batch:02}{n:030}") for n in range(20)]
    for each in asked[1:]:
        await at.store.put(
            Kept(
                hold=each, octets=OCTETS, tokens={}, jobs=first_jobs(each), audit=first_audit(each)
            )
        )

    for _ in range(40):
        await at.work()
        assert not any(job.attempts for job in at.store.jobs.values())
        at.now += timedelta(seconds=5)

    assert {job.kind for job in at.store.jobs.values()} == {JobKind.EXPIRE}
    assert at.store.parked == {}
    assert len(at.upstream.sent) == 31  # of twenty each
    assert [entry.event for entry in at.store.log].count("notice.sent") == 610


async def test_several_workers_do_not_tear_a_bundle_apart() -> None:
    """Each with a job of the same sender in hand: all but one wait for the one that takes them."""
    at = await office()
    assert await at.work() == [JobKind.NOTICE]
    await hold_more(at, 8)
    for _ in range(4):  # while the others are put off, and when they come again
        claimed = [await at.store.claim(lease_s=60) for _ in range(4)]
        for job in claimed:
            if job is not None:
                await at.courier.perform(job)
        await at.work()
        at.now += timedelta(seconds=5)

    assert len(at.upstream.sent) == 2
    assert "8 通" in text(at.upstream.sent[1][2])


async def test_a_clock_that_was_set_back_delays_no_notice() -> None:
    """What seems to have been written in the future does not hold up the next for a day."""
    at = await office()
    at.courier.mailed[mark_of(at.held.owner)] = at.now + timedelta(days=1)

    assert await at.work() == [JobKind.NOTICE]
    assert len(at.upstream.sent) == 1


async def test_each_reminder_of_several_is_a_mail_of_its_own() -> None:
    """No mailbox takes the second one for a copy of the first; one tried again is the same."""
    at = await office()
    held = [at.held, *await hold_more(at, 1)]
    await at.work()
    ids = []
    for wait in (timedelta(hours=1), timedelta(minutes=1), timedelta(hours=2)):
        at.now += wait
        at.upstream.on_dot = LATER if not ids else OK  # the first one comes again
        if len(ids) != 1:
            await at.store.add(
                *(
                    Job(
                        kind=JobKind.REMINDER,
                        hold_id=each.id,
                        due_at=at.now,
                        person=mark_of(each.owner),
                    )
                    for each in held
                )
            )
        await at.work()
        ids.append(parsed(at.upstream.sent[-1][2])["Message-ID"])

    first, again, second = ids
    assert first == again != second
    assert all(each.number in text(at.upstream.sent[-1][2]) for each in held)


async def test_leases_are_kept_while_a_bundle_is_on_its_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An upstream that takes its time: no other worker asks the same once more."""
    monkeypatch.setattr(mailing, "ALONG_LEASE_S", 0.03)
    at = await office()
    await hold_more(at, 2)
    sending, renewed = at.upstream.transaction, asyncio.Event()
    extended: list[int] = []
    extend = at.store.extend

    async def seen(*jobs: Job, lease_s: float) -> bool:
        extended.append(len(jobs))
        if len(extended) == 2:
            renewed.set()
        return await extend(*jobs, lease_s=lease_s)

    async def slow() -> object:
        async with asyncio.timeout(10):
            await renewed.wait()
        return await sending()

    monkeypatch.setattr(at.store, "extend", seen)
    monkeypatch.setattr(at.upstream, "transaction", slow)

    await at.work()

    assert set(extended) == {2}  # the worker keeps that of the first
    assert [entry.event for entry in at.store.log].count("notice.sent") == 3


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
    alarm = at.courier.alarm(at.held.id, "job_parked")
    await at.store.park(job, error="x", jobs=(alarm,))

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


async def test_the_first_refusal_alarms_whenever_it_comes() -> None:
    """R-G2: put off three times and then refused: told once, not at every refusal after that."""
    at = await office()
    at.upstream.on_rcpt[SENDER] = LATER
    for wait in range(7):
        at.upstream.on_rcpt[SENDER] = LATER if wait < 3 else NEVER
        await at.work()
        at.now += timedelta(hours=1)

    assert [recipients for _, recipients, _ in at.upstream.alarms] == [[ADMIN]]
    assert at.store.parked == {}


async def test_what_goes_along_is_laid_aside_by_its_own_count() -> None:
    """A new mail that is asked about together with one refused for long has its own tries."""
    at = await office()
    at.upstream.on_rcpt[SENDER] = NEVER
    for _ in range(9):
        await at.work()
        at.now += timedelta(hours=1)
    (other,) = await hold_more(at, 1)
    await at.work()

    assert [job.hold_id for job in at.store.parked.values()] == [at.held.id]
    assert other.id in {job.hold_id for job in at.store.jobs.values() if job.kind is JobKind.NOTICE}


async def test_a_refused_result_does_not_say_that_a_mail_waits() -> None:
    """Its alarm names what it is, and no command that could not help."""
    at = await office()
    await at.work()
    await at.desk.answer(at.token, Answer(choice=Choice.CANCEL))
    at.upstream.on_rcpt[SENDER] = NEVER
    await at.work()

    ((_, _, mail),) = at.upstream.alarms
    assert "about how it ended" in parsed(mail)["Subject"]
    assert f"guard held show {at.held.number}" in text(mail)
    assert "notify" not in text(mail)


async def test_alarms_speak_the_language_of_the_house() -> None:
    """Japanese where the policy says so; numbers and commands are the same."""
    at = await office()
    at.courier = replace(at.courier, letterhead=replace(at.courier.letterhead, language="ja"))
    await at.store.add(at.courier.alarm(at.held.id, "notice_refused"))
    await at.work()

    ((_, _, mail),) = at.upstream.alarms
    assert "管理者による確認が必要なことが 1 件あります。" in text(mail)
    assert f"guard held notify {at.held.number}" in text(mail)
    assert parsed(mail)["Subject"].startswith("[Guard] 送信者への確認メール")


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


async def test_an_alarm_about_a_list_names_it_and_where_to_look() -> None:
    """No hold is asked for; beside what is told of holds, in one mail."""
    at = await office()
    for note in ("list_kept", "list_failed"):
        job = Job(
            kind=JobKind.ALARM,
            hold_id="",
            list_name="customers",
            due_at=HELD_AT,
            person=ADMINISTRATORS,
            note=note,
        )
        await at.store.add(job)
    await at.store.add(at.courier.alarm(at.held.id, "job_parked"))
    await at.work()

    ((_, _, mail),) = at.upstream.alarms
    said = text(mail)
    assert said.count("customers") == 2
    assert said.count("guard lists status") == 2
    assert f"guard held retry {at.held.number}" in said
    assert "guard db check" not in said
    assert "stays in use" in said


async def test_an_alarm_about_a_policy_says_where_to_look() -> None:
    """It is about no hold, and names none."""
    at = await office()
    job = Job(
        kind=JobKind.ALARM,
        hold_id="",
        due_at=HELD_AT,
        person=ADMINISTRATORS,
        note=POLICY_REFUSED,
    )
    await at.store.add(job)
    await at.work()

    ((_, _, mail),) = at.upstream.alarms
    said = text(mail)
    assert "guard policy show" in said
    assert "last good one stays in force" in said
    assert "guard db check" not in said


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
    at.courier = replace(at.courier, remote="mx.example.net")
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
    assert human.get_body(("plain",)) is not None
    assert human.get_body(("html",)) is not None
    (end,) = ends
    assert end["Original-Recipient"] == "rfc822; sato+x@old.example"
    assert end["Final-Recipient"] == f"rfc822; {TYPED}"
    assert (end["Action"], end["Status"]) == ("failed", "5.1.1")
    assert end["Remote-MTA"] == "dns; mx.example.net"
    assert end["Diagnostic-Code"] == "smtp; 550 5.1.1 no such user"
    assert end["Last-Attempt-Date"] == "Mon, 23 Nov 2026 06:04:11 +0000"
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
    result = Job(kind=JobKind.RESULT, hold_id=at.held.id, due_at=at.now)
    await at.store.add(result)
    await at.work()
    failed = (End(recipient=Address.parse(TYPED), fate=Fate.REFUSED, reply=NEVER),)
    at.store.holds[at.held.id] = replace(at.held, state=HoldState.FAILED, ends=failed)
    await at.store.add(result)
    await at.work()  # a delivery status notification
    at.store.holds[at.held.id] = replace(at.held, state=HoldState.UNDO, choice=Choice.AGREE)
    await at.store.add(replace(result, note=AGREED))
    await at.work()
    at.store.holds[at.held.id] = replace(at.held, state=HoldState.EXPIRED)
    at.store.raw[at.held.id] = b"damaged"
    await at.store.add(result)
    await at.work()
    at.store.holds[at.held.id] = at.held
    at.now += timedelta(minutes=1)
    await at.store.add(Job(kind=JobKind.REMINDER, hold_id=at.held.id, due_at=at.now))
    await at.work()
    await at.courier.tell(at.held)

    mails = [*at.upstream.sent, *at.upstream.alarms]
    assert len({parsed(octets)["Message-ID"] for _, _, octets in mails}) == 10
    assert len(mails) == 10
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


async def test_what_an_administrator_gives_back_is_not_destroyed_before() -> None:
    """Given back in the last second of retention, and the upstream away: it comes back whole."""
    at = await office(give_back=False)
    await at.work()
    at.now = at.held.expires_at
    await at.work()
    assert await at.state() is HoldState.EXPIRED
    at.now += timedelta(seconds=at.held.retention_s - 1)
    administrator = Administrator(at.store, at.store, lambda: at.now, who="root")
    await administrator.give_back(await at.store.get(at.held.id), "asked by telephone")
    at.upstream.away = True
    for _ in range(3):
        await at.work()
        at.now += timedelta(hours=1)
    assert at.store.raw

    at.upstream.away = False
    at.upstream.sent.clear()
    await at.work()

    ((_, _, octets),) = at.upstream.sent
    (original,) = parsed(octets).iter_attachments()
    assert original.get_content().endswith(OCTETS)
    assert "管理者の判断により" in text(octets)
    at.now += timedelta(seconds=at.held.retention_s)
    await at.work()
    assert at.store.raw == {}
    assert at.store.jobs == {}


@pytest.mark.parametrize(
    ("choice", "words"),
    [(Choice.AGREE, "が承認しました"), (Choice.REFUSE, "が承認しなかったため")],
)
async def test_the_owner_hears_what_the_second_person_said(choice: Choice, words: str) -> None:
    """Agreed: it is on its way; refused: it comes back, and nobody says that the owner chose so."""
    at = await office(match(confirm=Confirm.SECOND_PERSON), second_persons=(BOSS,))
    await at.send()
    await at.work()
    at.upstream.sent.clear()
    token = at.courier.links.token(at.held, BOSS)
    at.store.links[fingerprint(token)] = (at.held.id, BOSS)

    await at.desk.answer(token, Answer(choice=choice, ticked=frozenset({TYPED})))
    assert await at.work() == [JobKind.RESULT]

    ((sender, recipients, octets),) = at.upstream.sent
    assert (sender, recipients) == ("", [SENDER])
    assert f"{BOSS} {words}" in text(octets)


async def test_an_agreement_that_was_taken_back_is_not_told() -> None:
    """Undone before its mail went out: it waits for an answer again."""
    at = await office(match(confirm=Confirm.SECOND_PERSON), second_persons=(BOSS,))
    await at.send()
    await at.work()
    token = at.courier.links.token(at.held, BOSS)
    at.store.links[fingerprint(token)] = (at.held.id, BOSS)
    await at.desk.answer(token, Answer(choice=Choice.AGREE, ticked=frozenset({TYPED})))
    await at.desk.answer(at.token, Answer(choice=Choice.UNDO))
    at.upstream.sent.clear()

    assert await at.work() == [JobKind.RESULT]
    assert at.upstream.sent == []


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
