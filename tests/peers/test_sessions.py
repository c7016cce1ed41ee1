"""What clients do in one session, and what they ask for, up to the mail server behind."""

import asyncio
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from clients import need, python, swaks
from guarded import COLLEAGUE, KNOWN, PASSWORD, REFUSED, SENDER, TYPED, Front, Office
from letters import letter
from nodemailer import compose
from sending import Letter, Way
from sink import Sink, below_trace

pytestmark = pytest.mark.asyncio(loop_scope="session")


@contextmanager
def logged_in(way: Way) -> Iterator[smtplib.SMTP]:
    """Open a session that has STARTTLS and AUTH behind it."""
    with smtplib.SMTP("localhost", way.port, timeout=60) as client:
        client.starttls(context=ssl.create_default_context(cafile=way.ca))
        client.login(way.user, way.password)
        yield client


def sent(client: smtplib.SMTP, mail: Letter) -> tuple[int, bytes]:
    """Send one mail in a session; give the reply to it, or to its recipient."""
    assert client.mail(mail.sender)[0] == 250
    code, text = client.rcpt(mail.recipient)
    if code != 250:
        client.rset()
        return code, text
    return client.data(mail.octets)


async def test_every_outcome_in_one_session(office: Office, sink: Sink) -> None:
    """R-B9, R-E3: held, clean, refused, held, clean: none disturbs the next, or the login."""
    held, first, second = letter(TYPED), letter(), letter()

    def talk() -> list[tuple[int, bytes]]:
        with logged_in(office.starttls) as client:
            mails = (held[0], first[0], letter(REFUSED)[0], held[0], second[0])
            return [sent(client, mail) for mail in mails]

    told = await asyncio.to_thread(talk)

    assert [code for code, _ in told] == [250, 250, 550, 250, 250]
    assert [b"Held" in text for _, text in told] == [True, False, False, True, False]
    for mail, message_id in (first, second):
        assert below_trace((await sink.mail(message_id)).octets, 2) == mail.octets
    assert not sink.has(held[1])


async def test_somebody_elses_address(office: Office, tmp_path: Path) -> None:
    """R-D1, R-E2: which addresses a login may send as is Postfix's to say, for it is its login."""
    mail, _ = letter(sender=COLLEAGUE)
    told = await python(office.starttls, mail, tmp_path)

    assert told.code == 553
    assert "not owned by user" in told.text


async def test_released_mail(office: Office, sink: Sink, tmp_path: Path) -> None:
    """R-C2, R-F3: it leaves by the login that Guard has of its own, octet for octet."""
    mail, message_id = letter(TYPED)
    await python(office.implicit, mail, tmp_path)
    about = message_id[:8]
    await sink.follow(await sink.notice(about), about, action="send", confirm=TYPED)
    released = await sink.mail(message_id)

    assert (released.mail_from, released.rcpts) == (SENDER, (TYPED,))
    assert below_trace(released.octets, 2) == mail.octets


async def test_delivery_status_parameters(front: Front, sink: Sink) -> None:
    """R-D2: RET, ENVID, NOTIFY and ORCPT go through three servers as they are (RFC 3461)."""
    mail, message_id = letter("dsn@kita-shoji.example")
    asked = ["NOTIFY=SUCCESS,FAILURE", "ORCPT=rfc822;Dsn+2Bx@kita-shoji.example"]

    def talk() -> None:
        with smtplib.SMTP("localhost", front.relay.port, timeout=60) as client:
            client.sendmail(
                mail.sender, [mail.recipient], mail.octets, ["RET=HDRS", "ENVID=Ab+2Bc"], asked
            )

    await asyncio.to_thread(talk)
    arrived = await sink.mail(message_id)

    assert {"RET=HDRS", "ENVID=Ab+2Bc"} <= set(arrived.mail_params)
    (line,) = [each for each in sink.smarthost.commands if "dsn@kita-shoji" in each]
    assert set(line.split()[1:]) >= set(asked)


async def test_a_queue_that_empties_at_once(front: Front, sink: Sink) -> None:
    """R-B7: what Postfix sends over many connections, kept and new, arrives once each."""
    mails = [letter(f"person{number}@kita-shoji.example") for number in range(40)]

    def talk() -> None:
        with smtplib.SMTP("localhost", front.relay.port, timeout=60) as client:
            for mail, _ in mails:
                assert sent(client, mail)[0] == 250

    await asyncio.to_thread(talk)

    for mail, message_id in mails:
        arrived = await sink.mail(message_id)
        assert arrived.rcpts == (mail.recipient,)
        assert below_trace(arrived.octets, 3) == mail.octets


async def test_nodemailer_writes_it(office: Office, sink: Sink) -> None:
    """A mail as a web application makes it: Japanese names, HTML, a file with a Japanese name."""
    need("nodemailer")
    told = await compose(
        office.starttls,
        {
            "from": {"name": "山田 太郎", "address": SENDER},
            "to": [{"name": "佐藤 一郎", "address": KNOWN}],
            "subject": "お見積りのご送付(第二版)— ご確認ください",
            "messageId": "<web-application@example.co.jp>",
            "text": "お世話になっております。",
            "html": "<p>お世話になっております。</p>",
            "attachments": [{"filename": "見積書.txt", "content": "一式 100,000 円\n"}],
        },
    )

    assert told.code == 250
    message = sink.parsed(await sink.mail("web-application@example.co.jp"))
    assert message["Subject"] == "お見積りのご送付(第二版)— ご確認ください"
    assert [part.get_filename() for part in message.iter_attachments()] == ["見積書.txt"]


@pytest.mark.parametrize(
    ("source", "code"), [("192.0.2.7", 250), ("198.51.100.7", 554)], ids=["trusted", "stranger"]
)
@pytest.mark.parametrize("how", ["PROXY 1", "PROXY 2", "XCLIENT"])
async def test_behind_a_proxy(
    how: str, source: str, code: int, office: Office, sink: Sink, tmp_path: Path
) -> None:
    """Whom a proxy speaks for is trusted or not, and stands in the trace line."""
    need("swaks")
    mail, message_id = letter()
    if how == "XCLIENT":
        way, words = (
            office.introduced,
            ("--xclient-addr", source, "--xclient-name", "[UNAVAILABLE]"),
        )
    else:
        way = office.balanced
        words = (
            *(
                "--proxy-version",
                how[-1],
                "--proxy-family",
                "TCP4" if how[-1] == "1" else "AF_INET",
            ),
            *("--proxy-source", source, "--proxy-source-port", "40000"),
            *("--proxy-dest", "192.0.2.1", "--proxy-dest-port", "25"),
            *(("--proxy-protocol", "STREAM") if how[-1] == "2" else ()),
        )
    told = await swaks(way, mail, tmp_path, *words)

    assert told.code == code
    if code == 250:
        arrived = await sink.mail(message_id)
        assert f"([{source}])".encode() in arrived.octets[:1000]


async def test_a_client_that_gives_up(office: Office, sink: Sink, tmp_path: Path) -> None:
    """R-A9: gone before the final dot is gone; Postfix has nothing, and the next mail is fine."""
    mail, message_id = letter()
    cut = re.compile(r"submission\.aborted")
    before = len(cut.findall(office.log.read_text("utf-8")))

    def talk() -> None:
        client = smtplib.SMTP("localhost", office.starttls.port, timeout=60)
        client.starttls(context=ssl.create_default_context(cafile=office.starttls.ca))
        client.login(SENDER, PASSWORD)
        client.mail(mail.sender)
        client.rcpt(mail.recipient)
        client.putcmd("data")
        assert client.getreply()[0] == 354
        client.send(mail.octets)
        client.close()

    await asyncio.to_thread(talk)
    async with asyncio.timeout(10):
        while len(cut.findall(office.log.read_text("utf-8"))) == before:
            await asyncio.sleep(0.02)
    after, after_id = letter()
    assert (await python(office.starttls, after, tmp_path)).code == 250
    await sink.mail(after_id)

    assert not sink.has(message_id)
