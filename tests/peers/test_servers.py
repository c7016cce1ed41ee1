"""Real mail servers before and behind Guard."""

from collections.abc import Callable
from pathlib import Path

import pytest
from clients import python
from daemons import folder
from exim import exim
from guarded import KNOWN, REFUSED, SENDER, TYPED, BeforeExim, Front
from letters import big, international, letter
from loopback import free_ports
from sending import Letter, Way
from sink import Sink, below_trace

pytestmark = pytest.mark.asyncio(loop_scope="session")

HOPS = 3
"""Guard, and a server on each side, each put one trace line on top."""

BDAT, DATA = "hosts_try_chunking = *", "hosts_try_chunking ="
"""How Exim sends messages, as its settings say it (RFC 3030)."""

WAYS = ["relay", "login", "filtered", "adjusted"]
BEFORE_QUEUE = ["filtered", "adjusted"]


@pytest.mark.parametrize("way", WAYS)
async def test_postfix_in_front(way: str, front: Front, sink: Sink, tmp_path: Path) -> None:
    """R-C1: clean mail goes through all three, octet for octet."""
    mail, message_id = letter()
    told = await python(getattr(front, way), mail, tmp_path)

    assert told.code == 250
    arrived = await sink.mail(message_id)
    assert (arrived.mail_from, arrived.rcpts) == (SENDER, (KNOWN,))
    assert below_trace(arrived.octets, HOPS) == mail.octets


@pytest.mark.parametrize("way", WAYS)
async def test_utf8_with_postfix_in_front(
    way: str, front: Front, sink: Sink, tmp_path: Path
) -> None:
    """R-D2, R-C6: SMTPUTF8 and BODY=8BITMIME are handed on by all three."""
    mail, message_id = international("さくら@kita-shoji.example")
    told = await python(getattr(front, way), mail, tmp_path)

    assert told.code == 250
    arrived = await sink.mail(message_id)
    assert {"SMTPUTF8", "BODY=8BITMIME"} <= set(arrived.mail_params)
    assert arrived.rcpts == (mail.recipient,)
    assert below_trace(arrived.octets, HOPS) == mail.octets


@pytest.mark.parametrize("way", WAYS)
async def test_held_with_postfix_in_front(
    way: str, front: Front, sink: Sink, tmp_path: Path
) -> None:
    """Postfix takes the 250 for what it is; nothing leaves, and the sender is asked."""
    mail, message_id = letter(TYPED)
    told = await python(getattr(front, way), mail, tmp_path)

    assert told.code == 250
    assert ("Held" in told.text) == (way in BEFORE_QUEUE)
    assert (await sink.notice(message_id[:8])).rcpts == (SENDER,)
    assert not sink.has(message_id)


@pytest.mark.parametrize("way", BEFORE_QUEUE)
async def test_refused_before_the_queue(way: str, front: Front, tmp_path: Path) -> None:
    """R-E2, R-E3: the second Postfix's refusal reaches the first one's client."""
    told = await python(getattr(front, way), letter(REFUSED)[0], tmp_path)

    assert told.code == 550
    assert "Nobody of that name" in told.text


async def test_refused_after_the_queue(front: Front, sink: Sink, tmp_path: Path) -> None:
    """Postfix's bounce, from the null sender, goes through Guard to the sender (R-D2, R-G4)."""
    mail, message_id = letter(REFUSED)
    told = await python(front.relay, mail, tmp_path)

    assert told.code == 250
    bounce = await sink.bounce(message_id)
    assert (bounce.mail_from, bounce.rcpts) == ("", (SENDER,))
    assert b"Nobody of that name" in bounce.octets


async def test_exim_behind(before_exim: BeforeExim, sink: Sink, tmp_path: Path) -> None:
    """R-C1: Exim's own reply comes back, and the octets arrive."""
    mail, message_id = letter()
    told = await python(before_exim.plain, mail, tmp_path)

    assert told.code == 250
    assert told.text.startswith("OK id=")
    assert below_trace((await sink.mail(message_id)).octets, 2) == mail.octets


async def test_exim_refuses(before_exim: BeforeExim, tmp_path: Path) -> None:
    """R-E2, R-E3: a reply without an enhanced code stays without."""
    told = await python(before_exim.plain, letter(REFUSED)[0], tmp_path)

    assert (told.code, told.text) == (550, "no such user here")


@pytest.mark.parametrize("client", [BDAT, DATA], ids=["BDAT", "DATA"])
async def test_held_with_exim_in_front(
    client: str, before_exim: BeforeExim, sink: Sink, tmp_path: Path
) -> None:
    """R-A9: a client that has closed its side after QUIT has not gone; its mail is held."""
    (port,) = free_ports(1)
    mail, message_id = letter(TYPED)
    with folder() as place:
        async with exim(
            place / "exim",
            name="first.example.co.jp",
            port=port,
            next_port=before_exim.plain.port,
            client=client,
        ):
            assert (await python(Way(port=port), mail, tmp_path)).code == 250
            assert (await sink.notice(message_id[:8])).rcpts == (SENDER,)
    assert not sink.has(message_id)


@pytest.mark.parametrize(
    ("write", "client", "tls"),
    [
        pytest.param(letter, BDAT, False, id="BDAT"),
        pytest.param(letter, BDAT, True, id="BDAT under TLS"),
        pytest.param(letter, DATA, False, id="DATA"),
        pytest.param(letter, DATA, True, id="DATA under TLS"),
        pytest.param(big, BDAT, True, id="big, BDAT under TLS"),
        pytest.param(big, DATA, False, id="big, DATA"),
    ],
)
async def test_exim_in_front(
    write: Callable[[], tuple[Letter, str]],
    client: str,
    tls: bool,
    before_exim: BeforeExim,
    sink: Sink,
    tmp_path: Path,
) -> None:
    """
    R-B9, R-C1: Exim, Guard, and Exim again.

    The one in front sends QUIT along with the message and closes its side, but waits for replies.
    """
    (port,) = free_ports(1)
    mail, message_id = write()
    with folder() as place:
        async with exim(
            place / "exim",
            name="first.example.co.jp",
            port=port,
            next_port=(before_exim.tls if tls else before_exim.plain).port,
            client=client,
        ):
            told = await python(Way(port=port), mail, tmp_path)

            assert told.code == 250
            arrived = await sink.mail(message_id)
    assert below_trace(arrived.octets, HOPS) == mail.octets


async def test_exim_behind_is_given_no_more_than_it_sends_on_at_once(
    before_exim: BeforeExim, sink: Sink, tmp_path: Path
) -> None:
    """
    R-E4: mails of many clients over kept connections all leave Exim now.

    After ten on one connection it only queues (``smtp_accept_queue_per_connection``), for as long
    as half an hour.
    """
    mails = [letter() for _ in range(11)]
    for mail, _ in mails:
        assert (await python(before_exim.plain, mail, tmp_path)).code == 250

    for _, message_id in mails:
        await sink.mail(message_id, patience_s=5)
