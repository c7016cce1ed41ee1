"""Real mail clients, through Guard, to Postfix as their provider runs it."""

from dataclasses import replace
from pathlib import Path

import pytest
from clients import CLIENTS, need
from guarded import KNOWN, REFUSED, SENDER, TYPED, Office
from letters import big, international, letter
from sending import Client, Way
from sink import Sink, below_trace

pytestmark = pytest.mark.asyncio(loop_scope="session")

HOPS = 2
"""Guard and Postfix each put one trace line on top."""


@pytest.fixture(params=CLIENTS)
def client(request: pytest.FixtureRequest) -> Client:
    """Each client that there is."""
    need(request.param)
    return CLIENTS[request.param]


@pytest.fixture(params=["plain", "starttls", "implicit"])
def way(request: pytest.FixtureRequest, office: Office) -> Way:
    """Each way in."""
    return getattr(office, request.param)


async def test_clean_mail(client: Client, way: Way, sink: Sink, tmp_path: Path) -> None:
    """R-C1: Postfix's own reply comes back, and the octets arrive as the client had them."""
    mail, message_id = letter()
    told = await client(way, mail, tmp_path)

    assert told.code == 250
    assert "queued as" in told.text
    arrived = await sink.mail(message_id)
    assert (arrived.mail_from, arrived.rcpts) == (SENDER, (KNOWN,))
    assert below_trace(arrived.octets, HOPS) == mail.octets


async def test_held_mail(client: Client, office: Office, sink: Sink, tmp_path: Path) -> None:
    """The client is told so, nothing leaves, and its sender is asked."""
    mail, message_id = letter(TYPED)
    told = await client(office.starttls, mail, tmp_path)

    assert told.code == 250
    assert "Held" in told.text
    notice = await sink.notice(message_id[:8])
    assert notice.rcpts == (SENDER,)
    assert not sink.has(message_id)


async def test_refused_recipient(client: Client, office: Office, tmp_path: Path) -> None:
    """R-E2, R-E3: what Postfix says to RCPT is what the client shows."""
    told = await client(office.starttls, letter(REFUSED)[0], tmp_path)

    assert told.code == 550
    assert told.text.startswith("5.1.1")
    assert "Nobody of that name" in told.text


async def test_wrong_password(client: Client, office: Office, tmp_path: Path) -> None:
    """R-B12: Postfix's refusal comes back; no mail is taken."""
    told = await client(replace(office.starttls, password="chigau"), letter()[0], tmp_path)

    assert told.code == 535
    assert told.text.startswith("5.7.8")


@pytest.mark.parametrize("name", ["smtplib", "swaks", "msmtp", "curl", "nodemailer"])
async def test_big_attachment(name: str, office: Office, sink: Sink, tmp_path: Path) -> None:
    """R-C1: ten megabytes arrive octet for octet."""
    need(name)
    mail, message_id = big()
    told = await CLIENTS[name](office.implicit, mail, tmp_path)

    assert told.code == 250
    assert below_trace((await sink.mail(message_id)).octets, HOPS) == mail.octets


async def test_japanese(client: Client, office: Office, sink: Sink, tmp_path: Path) -> None:
    """R-C1: header fields of encoded words and a body in Japanese stay as they were written."""
    mail, message_id = letter(subject="お見積り", text="お世話になっております。\n" * 20)
    told = await client(office.starttls, mail, tmp_path)

    assert told.code == 250
    assert below_trace((await sink.mail(message_id)).octets, HOPS) == mail.octets


@pytest.mark.parametrize("name", ["smtplib", "curl", "nodemailer"])
async def test_address_beyond_ascii(name: str, office: Office, sink: Sink, tmp_path: Path) -> None:
    """R-D2, R-C6: an address and header fields in UTF-8 go through unchanged (RFC 6531)."""
    need(name)
    mail, message_id = international("さくら@kita-shoji.example")
    told = await CLIENTS[name](office.starttls, mail, tmp_path)

    assert told.code == 250
    arrived = await sink.mail(message_id)
    assert arrived.rcpts == (mail.recipient,)
    assert "SMTPUTF8" in arrived.mail_params
    assert below_trace(arrived.octets, HOPS) == mail.octets


@pytest.mark.parametrize("name", ["swaks", "msmtp"])
async def test_address_beyond_ascii_without_smtputf8(
    name: str, office: Office, tmp_path: Path
) -> None:
    """R-C5: a client that knows no SMTPUTF8 is told so, and nothing is guessed."""
    need(name)
    mail, _ = international("さくら@kita-shoji.example")
    told = await CLIENTS[name](office.starttls, mail, tmp_path)

    assert (told.code, told.text[:5]) == (553, "5.6.7")
