"""R-G3 over real sockets: what comes back to us goes round no more."""

from typing import Any

import pytest
from front import Client
from smarthost import Mail, Smarthost
from whole import guarded

OCTETS = b"From: ann@example.com\r\nSubject: x\r\n\r\nhello\r\n"
LOOP = "554 5.4.6 Routing loop detected"


async def sent_on(client: Client, mail: Mail, **other: Any) -> str:
    """Bring a mail back as it went out, or to *other* people."""
    people = {
        "sender": f"<{mail.mail_from}>",
        "recipients": tuple(f"<{recipient}>" for recipient in mail.rcpts),
    }
    trace = b"Received: from guard.example.com\r\n\tby list.test; now\r\n"
    return await client.mail(trace + mail.octets, **people | other)


async def test_a_mail_that_comes_back_is_refused() -> None:
    """R-G3: a loop ends at its first return, with the code of RFC 3463 §3.5."""
    async with Smarthost() as smarthost, guarded(smarthost) as client:
        assert (await client.mail(OCTETS)).startswith("250")
        (mail,) = smarthost.messages

        assert await sent_on(client, mail) == LOOP
        assert len(smarthost.messages) == 1


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"recipients": ("<carl@example.org>",)}, id="an alias"),
        pytest.param({"sender": "<list-bounces@example.com>"}, id="a list"),
    ],
)
async def test_one_more_pass_at_most(other: dict[str, Any]) -> None:
    """R-G3: what an alias or a list sends on passes; it ends where that one comes back too."""
    async with Smarthost() as smarthost, guarded(smarthost) as client:
        await client.mail(OCTETS)
        assert (await sent_on(client, smarthost.messages[0], **other)).startswith("250")

        assert await sent_on(client, smarthost.messages[1]) == LOOP
        assert len(smarthost.messages) == 2


async def test_another_guards_mail_is_mail() -> None:
    """Two Guards on one way, each with a key of its own, are no loop."""
    async with Smarthost() as smarthost, guarded(smarthost, key=b"other" * 8) as client:
        await client.mail(OCTETS)
        async with guarded(smarthost) as second:
            assert (await sent_on(second, smarthost.messages[0])).startswith("250")
