"""
SMTP talks as text files, replayed against the real front, a real pool and a recording smarthost.

    # comment; "! RCPT 550 5.1.1 No" gives the smarthost a rule before the talk
    + LIMITS RCPTMAX=50 is announced by the smarthost, too
    ~ proxies = ["127.0.0.1"] is a setting of the listener, "~ limits.commands = 100" a limit
    -> sent by the client, CRLF behind it; neighbouring lines leave in one segment
    <- expected: the whole line, or its beginning before a `*`
    ** the client shakes hands
    == what the smarthost has at the end: reverse-path, then recipients

In sent lines ``\\r``, ``\\n``, ``\\0`` and ``\\xHH`` stand for octets; ``\\`` at the end of a line:
no CRLF. ``<- (closed)`` expects the end of the connection.
"""

import re
import tomllib
from pathlib import Path

import pytest
from certificates import Authority
from front import Client, OnlyAnn, front
from smarthost import EXTENSIONS, Smarthost

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
async def test_dialog(path: Path, tmp_path: Path) -> None:
    """The front says what the file says that it says, and the smarthost gets what it says."""
    lines = [line for line in path.read_text("utf-8").splitlines() if line and line[0] != "#"]
    listen = tomllib.loads("\n".join(after("~ ", lines)))
    limits = {"message_bytes": 1024, "recipients": 100, **listen.pop("limits", {})}
    authority = Authority(tmp_path)
    if "tls" in listen:
        listen["certificate"] = authority.issue()
    async with Smarthost(extensions=(*EXTENSIONS, *after("+ ", lines))) as smarthost:
        for rule in after("! ", lines):
            smarthost.on(*rule.split(" ", 1))
        async with (
            front(smarthost.address, listen=listen, authenticator=OnlyAnn(), **limits) as server,
            await Client.connect(server) as client,
        ):
            await replay(client, lines, authority)
        taken = [" ".join((mail.mail_from or "<>", *mail.rcpts)) for mail in smarthost.messages]
    assert taken == after("== ", lines)
    assert smarthost.violations == []


def after(mark: str, lines: list[str]) -> list[str]:
    return [line.removeprefix(mark) for line in lines if line.startswith(mark)]


async def replay(client: Client, lines: list[str], authority: Authority) -> None:
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
        elif line.startswith("**"):
            await client.start_tls(authority.client_context())
    assert not replies, f"not expected: {replies[0]}"
