"""A held mail that its sender changes, through a whole guard: judged, rebuilt, sent once."""

from pathlib import Path

import pytest
from front import Client
from running import HELD_DOMAIN, Running, link_in, post, running
from smarthost import Smarthost
from whole import below_trace

DOUBTFUL, CLEAN = f"eve@{HELD_DOMAIN}", "bob@example.net"
HEAD = (
    b"From: ann@example.com\r\nSubject: a\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    b"--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
)
FILE = b"--b\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\nnot for them\r\n"
END = b"--b--\r\n"


async def held(guard: Running, smarthost: Smarthost) -> str:
    """Hand in a mail with a file to two recipients, and give the link of its notice."""
    async with await Client.greeted(guard) as client:
        recipients = (f"<{DOUBTFUL}>", f"<{CLEAN}>")
        reply = await client.hand_in(HEAD + FILE + END, recipients=recipients)
        assert [line[:3] for line in reply] == ["250"]
    await guard.until(lambda: bool(smarthost.messages))
    return link_in(smarthost.messages[0])


@pytest.mark.parametrize(
    ("form", "octets", "recipients"),
    [
        pytest.param(
            {"action": "without", "without": "2", "confirm": DOUBTFUL},
            HEAD + END,
            (DOUBTFUL, CLEAN),
            id="without the file",
        ),
        pytest.param({"action": "drop"}, HEAD + FILE + END, (CLEAN,), id="without the recipient"),
    ],
)
async def test_changed(
    tmp_path: Path, form: dict[str, str], octets: bytes, recipients: tuple[str, ...]
) -> None:
    """R-D6, R-F2: what was ticked is done, all other octets are as they were; unticked is 422."""
    async with Smarthost() as smarthost, running(tmp_path, smarthost) as guard:
        link = await held(guard, smarthost)
        assert await post(link, action="without", without="2") == 422
        assert await post(link, action="without", confirm=DOUBTFUL) == 422
        assert await post(link, **form) == 200
        await guard.until(lambda: guard.ask("SELECT state FROM holds") == [("delivered",)])

        (mail,) = [mail for mail in smarthost.messages if mail.mail_from]
        assert (below_trace(mail.octets), mail.rcpts) == (octets, recipients)
        events = await guard.events()
        assert (events.count("hold.decided"), events.count("hold.delivered")) == (1, 1)
