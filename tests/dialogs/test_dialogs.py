"""
SMTP talks as text files, replayed against the real front, a real pool and a recording smarthost.

    # comment; "! RCPT 550 5.1.1 No" gives the smarthost a rule before the talk
    -> sent by the client, CRLF behind it; neighbouring lines leave in one segment
    <- expected: the whole line, or its beginning before a `*`
    == what the smarthost has at the end: reverse-path, then recipients

In sent lines ``\\r``, ``\\n``, ``\\0`` and ``\\xHH`` stand for octets; ``\\`` at the end of a line:
no CRLF. ``<- (closed)`` expects the end of the connection.
"""

import re
from pathlib import Path

import pytest
from front import Client, front
from smarthost import Smarthost

DIALOGS = sorted(Path(__file__).parent.glob("*.txt"))

ESCAPE = re.compile(rb"\\(r|n|0|x[0-9a-f]{2})")
OCTET = {b"r": b"\r", b"n": b"\n", b"0": b"\0"}


def sent(text: str) -> bytes:
    octets = text.encode()
    end = b"\r\n"
    if octets.endswith(b"\\"):
        octets, end = octets[:-1], b""
    return ESCAPE.sub(lambda m: OCTET.get(m[1]) or bytes([int(m[1][1:], 16)]), octets) + end


def fits(expected: str, line: str) -> bool:
    return line.startswith(expected[:-1]) if expected.endswith("*") else line == expected


@pytest.mark.parametrize("path", DIALOGS, ids=lambda path: path.stem)
async def test_dialog(path: Path) -> None:
    """The front says what the file says that it says, and the smarthost gets what it says."""
    lines = [line for line in path.read_text("utf-8").splitlines() if line and line[0] != "#"]
    async with Smarthost() as smarthost:
        for line in lines:
            if line.startswith("! "):
                command, action = line[2:].split(" ", 1)
                smarthost.on(command, action)
        async with front(smarthost.address, message_bytes=1024, recipients=100) as server:
            client = await Client.connect(server)
            async with client:
                await replay(client, lines)
        taken = [" ".join((mail.mail_from or "<>", *mail.rcpts)) for mail in smarthost.messages]
    assert taken == [line[3:] for line in lines if line.startswith("== ")]
    assert smarthost.violations == []


async def replay(client: Client, lines: list[str]) -> None:
    replies: list[str] = []
    batch: list[bytes] = []
    for line in lines:
        if line.startswith("-> "):
            assert not replies, f"not expected: {replies[0]}"
            batch.append(sent(line[3:]))
        elif line.startswith("<- "):
            client.send(*batch)
            batch.clear()
            replies = replies or await client.reply() or ["(closed)"]
            said = replies.pop(0)
            assert fits(line[3:], said), f"expected {line[3:]!r}, got {said!r}"
    assert not replies, f"not expected: {replies[0]}"
