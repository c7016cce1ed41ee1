"""R-C over real sockets, through the whole of Guard: what goes out is what came in."""

import pytest
from bodies import ALL, HEADERS, LONG_LINES, SEALED
from front import Client
from smarthost import CHUNKING, EXTENSIONS, Smarthost
from whole import ENVELOPE, below_trace, guarded, stuffed

LACKING_8BIT = tuple(line for line in CHUNKING if line != "8BITMIME")
LACKING_UTF8 = tuple(line for line in EXTENSIONS if line != "SMTPUTF8")


async def sent(client: Client, octets: bytes, *, by: str) -> str:
    """Send one mail by DATA or BDAT, and give the last reply."""
    if by == "DATA":
        return await client.mail(stuffed(octets)[:-3])
    half = len(octets) // 3
    client.send(*ENVELOPE, f"BDAT {half}", octets[:half])
    client.send(f"BDAT {len(octets) - half} LAST", octets[half:])
    replies = [(await client.reply())[-1] for _ in range(4)]
    return replies[-1]


def test_as_many_as_required() -> None:
    """R-C1: 47 at least, all different."""
    assert len(set(ALL.values())) >= 47


@pytest.mark.parametrize("by", ["DATA", "BDAT"])
@pytest.mark.parametrize("octets", ALL.values(), ids=ALL)
async def test_octets_arrive(octets: bytes, by: str) -> None:
    """R-C1: byte-equal below one trace line; R-C3, R-C4 and R-C6 are among them."""
    async with Smarthost(extensions=CHUNKING) as smarthost, guarded(smarthost) as client:
        assert await sent(client, octets, by=by) == "250 2.0.0 Taken as 1"
        (mail,) = smarthost.messages
        assert below_trace(mail.octets) == octets
        assert smarthost.violations == []
        assert any(line.startswith(by) for line in smarthost.commands)


@pytest.mark.parametrize("octets", SEALED.values(), ids=SEALED)
async def test_what_is_signed_or_encrypted(octets: bytes) -> None:
    """R-C3: unchanged in any packets, one octet each."""
    async with Smarthost() as smarthost, guarded(smarthost) as client:
        for line in (*ENVELOPE, "DATA"):
            await client.ask(line)
        for octet in stuffed(octets):
            client.send(bytes([octet]))
        assert await client.reply() == ["250 2.0.0 Taken as 1"]
        assert below_trace(smarthost.messages[0].octets) == octets


async def test_long_lines_are_not_folded() -> None:
    """R-C4: each line that was sent is one line that arrives; all of them in one session."""
    async with Smarthost() as smarthost, guarded(smarthost) as client:
        for octets in LONG_LINES.values():
            assert (await sent(client, octets, by="DATA")).startswith("250 ")
        arrived = [below_trace(mail.octets) for mail in smarthost.messages]
    assert [mail.split(b"\r\n") for mail in arrived] == [
        octets.split(b"\r\n") for octets in LONG_LINES.values()
    ]


@pytest.mark.parametrize("octets", HEADERS.values(), ids=HEADERS)
async def test_the_header_is_the_clients(octets: bytes) -> None:
    """R-C6: nothing is added, taken away, moved or rewritten; ours stands above, and is one."""
    async with Smarthost() as smarthost, guarded(smarthost) as client:
        await client.mail(octets)
        (mail,) = smarthost.messages
    ours = mail.octets[: len(mail.octets) - len(octets)]
    assert mail.octets.endswith(octets)
    assert ours.startswith(b"Received: ")
    assert ours.count(b"\r\n") == ours.count(b"\r\n\t") + 1


@pytest.mark.parametrize("by", ["DATA", "BDAT"])
async def test_eight_bits_to_who_takes_seven(by: str) -> None:
    """R-C5: refused for good with 554 5.6.3, whether announced or found; 7-bit mail passes."""
    async with Smarthost(extensions=LACKING_8BIT) as smarthost, guarded(smarthost) as client:
        assert "250-8BITMIME" not in await _greeting(client)
        assert (await client.ask(f"{ENVELOPE[0]} BODY=8BITMIME")).startswith("554 5.6.3 ")
        refused = await sent(client, "Subject: x\r\n\r\n花\r\n".encode(), by=by)
        assert refused.startswith("554 5.6.3 ")
        assert smarthost.messages == []
        assert (await sent(client, b"Subject: x\r\n\r\nok\r\n", by=by)).startswith("250 ")
        assert below_trace(smarthost.messages[0].octets) == b"Subject: x\r\n\r\nok\r\n"


@pytest.mark.parametrize(
    ("mail", "recipient"),
    [
        ("MAIL FROM:<花子@example.com> SMTPUTF8", None),
        ("MAIL FROM:<ann@example.com> SMTPUTF8", None),
        ("MAIL FROM:<花子@example.com>", None),
        ("MAIL FROM:<ann@example.com>", "RCPT TO:<太郎@example.net>"),
    ],
)
async def test_utf8_addresses_to_who_takes_none(mail: str, recipient: str | None) -> None:
    """R-C5: refused for good, x.6.7; never rewritten, and the upstream hears nothing of it."""
    async with Smarthost(extensions=LACKING_UTF8) as smarthost, guarded(smarthost) as client:
        assert "250-SMTPUTF8" not in await _greeting(client)
        reply = await client.ask(mail)
        if recipient is not None:
            assert reply.startswith("250 ")
            reply = await client.ask(recipient)
        assert reply.startswith(("550 5.6.7 ", "553 5.6.7 "))
        assert not any(
            line.startswith(("MAIL", "RCPT")) and not line.isascii() for line in smarthost.commands
        )
        await client.ask("RSET")
        assert (await client.mail(b"a\r\n")).startswith("250 ")


async def _greeting(client: Client) -> list[str]:
    client.send("EHLO client.test")
    return await client.reply()
