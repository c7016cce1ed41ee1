"""R-G1, R-G2 with a real process: who is written to, when, and how our mails look on the wire."""

import email
import email.policy
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from front import Client
from running import HELD_DOMAIN, Running, links_in, post
from smarthost import Mail, Smarthost

ADMIN = "postmaster@example.com"
OWNER = "ann@example.com"


@pytest.fixture
async def guard(tmp_path: Path, smarthost: Smarthost) -> AsyncIterator[Running]:
    """A guard whose administrators are known."""
    async with Running(tmp_path, smarthost) as guard:
        settings = tmp_path / "guard.toml"
        text = settings.read_text("utf-8")
        settings.write_text(text.replace("[admin]\n", f'[admin]\nmail = ["{ADMIN}"]\n'), "utf-8")
        await guard.start()
        yield guard


async def hold(guard: Running, *names: str) -> None:
    """Hand in a mail to each of *names*, which are held."""
    async with await Client.greeted(guard) as client:
        for name in names:
            octets = f"From: {OWNER}\r\nSubject: to {name}\r\n\r\nhello\r\n".encode()
            recipients = (f"<{name}@{HELD_DOMAIN}>",)
            reply = await client.mail(octets, sender=f"<{OWNER}>", recipients=recipients)
            assert reply.startswith("250")


def read(mail: Mail) -> EmailMessage:
    message = email.message_from_bytes(mail.octets, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


async def test_each_held_mail_is_asked_about_once(guard: Running, smarthost: Smarthost) -> None:
    """R-G1: the first at once, what comes right behind it together, each with its own link."""
    names = [f"n{number}" for number in range(8)]
    await hold(guard, *names)
    await guard.until(lambda: sum(len(links_in(mail)) for mail in smarthost.messages) >= 8)

    links = [link for mail in smarthost.messages for link in links_in(mail)]
    assert len(links) == len(set(links)) == 8
    assert len(smarthost.messages) <= 4  # two, unless this machine needs very long for eight mails
    for mail in smarthost.messages:
        assert (mail.mail_from, mail.rcpts) == ("", (OWNER,))
        assert read(mail)["Auto-Submitted"] == "auto-generated"
        assert read(mail)["X-Auto-Response-Suppress"] == "All"
    assert await guard.stop() == 0
    assert (await guard.events()).count("notice.sent") == 8
    assert guard.ask("SELECT count(*) FROM outbox WHERE kind = 'notice'") == [(0,)]


async def test_a_refused_notice_is_told_to_an_administrator(
    guard: Running, smarthost: Smarthost
) -> None:
    """R-G2: the hold and its job stay, and one alarm goes to somebody who can do something."""
    smarthost.on("RCPT", "550 5.1.1 No such user", match=OWNER)
    await hold(guard, "bob")
    await guard.until(lambda: bool(smarthost.messages))

    (alarm,) = smarthost.messages
    assert (alarm.mail_from, alarm.rcpts) == ("", (ADMIN,))
    assert "refuses our mail" in read(alarm)["Subject"]
    assert HELD_DOMAIN.encode() not in alarm.octets
    assert await guard.stop() == 0
    assert guard.ask("SELECT state FROM holds") == [("waiting",)]
    assert guard.ask("SELECT attempts, error, parked_at FROM outbox WHERE kind = 'notice'") == [
        (1, "550", None)
    ]


async def test_a_refused_release_is_reported(guard: Running, smarthost: Smarthost) -> None:
    """R-G1, R-E6: the owner has a delivery status notification, an administrator the number."""
    await hold(guard, "bob")
    await guard.until(lambda: bool(smarthost.messages))
    smarthost.on("RCPT", "550 5.1.1 No such user", match=HELD_DOMAIN)
    (link,) = links_in(smarthost.messages[0])
    assert await post(link, action="send", confirm=f"bob@{HELD_DOMAIN}") == 200
    await guard.until(lambda: len(smarthost.messages) == 3)

    (report,) = [mail for mail in smarthost.messages[1:] if mail.rcpts == (OWNER,)]
    (alarm,) = [mail for mail in smarthost.messages[1:] if mail.rcpts == (ADMIN,)]
    assert report.mail_from == alarm.mail_from == ""
    assert read(report).get_content_type() == "multipart/report"
    _, status, _ = read(report).iter_parts()
    _, end = status.get_payload()
    assert end["Final-Recipient"] == f"rfc822; bob@{HELD_DOMAIN}"
    assert (end["Action"], end["Status"]) == ("failed", "5.1.1")
    assert end["Remote-MTA"] == "dns; [127.0.0.1]"
    assert "guard held show H-" in alarm.octets.decode()
    assert HELD_DOMAIN.encode() not in alarm.octets
    assert await guard.stop() == 0
    assert guard.ask("SELECT state FROM holds") == [("failed",)]
