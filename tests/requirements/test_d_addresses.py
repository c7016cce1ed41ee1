"""R-D1 to R-D4 over real sockets: the addresses that are judged are those that are sent to."""

from collections.abc import Callable

import pytest
from front import Client, deliver, front
from smarthost import Smarthost

from guard.model.address import Address
from guard.model.envelope import Envelope, Submission
from guard.model.reply import Reply
from guard.policy import Policy
from guard.ports import Transaction

OCTETS = b"Subject: x\r\n\r\nhello\r\n"

HOSTILE = {
    "no domain": b"ann",
    "no local part": b"@clean.test",
    "two at signs": b"a@evil.test@clean.test",
    "source route": b"@evil.test:a@clean.test",
    "source routes": b"@evil.test,@b.test:a@clean.test",
    "percent in an address of two domains": b"a%evil.test@clean.test@clean.test",
    "trailing dot": b"a@clean.test.",
    "empty label": b"a@clean..test",
    "leading hyphen": b"a@-clean.test",
    "comment": b"a(b@evil.test)@clean.test",
    "comment behind": b"a@clean.test(b@evil.test)",
    "open quotes": b'"a@clean.test',
    "words behind quotes": b'"a"b@clean.test',
    "quotes in the domain": b'a@"clean.test"',
    "second path": b"a@clean.test> <b@evil.test",
    "brackets in brackets": b"<a@evil.test>@clean.test",
    "brackets": b"<a@evil.test>",
    "list": b"a@clean.test,b@evil.test",
    "list with semicolon": b"a@clean.test;b@evil.test",
    "display name": b"Ann <a@evil.test>",
    "encoded word": b"=?utf-8?q?evil=40evil.test?=@clean.test",
    "encoded word with line end": b"=?utf-8?q?a=0d=0aRCPT_TO:<evil@evil.test>?=@clean.test",
    "encoded word in quotes": b'"=?utf-8?q?evil?="@clean.test',
    "encoded word as domain": b"a@=?utf-8?q?evil.test?=",
    "bare CR": b'"a\rb"@clean.test',
    "NUL": b'"a\0b"@clean.test',
    "escape": b"a\x1b[2J@clean.test",
    "tab": b"a\tb@clean.test",
    "DEL": b"a\x7f@clean.test",
    "blank in front": b" a@clean.test",
    "blank behind": b"a@clean.test ",
    "zero-width space": "a\u200b@clean.test".encode(),
    "right-to-left override": "a\u202etset.live@clean.test".encode(),
    "full-width at sign": "a＠evil.test@clean.test".encode(),
    "full-width at sign alone": "a＠evil.test".encode(),
    "full-width bracket": "a＞@clean.test".encode(),
    "ISO-2022-JP": b"\x1b$B2V;R\x1b(B@clean.test",
    "Latin-1": b"caf\xe9@clean.test",
    "overlong UTF-8": b"a\xc0\x80@clean.test",
    "half of a surrogate pair": b"a\xed\xa0\x80@clean.test",
    "name in address brackets": b"a@[evil.test]",
    "no IPv4 address": b"a@[256.1.1.1]",
    "A-label of nothing": b"a@xn--a.test",
    "long local part": b"a" * 65 + b"@clean.test",
    "long domain": b"a@" + b"b." * 127 + b"test",
}

LEGAL = [
    "a@b.test",
    "first.last+tag@clean.test",
    "Ann.Upper@Clean.TEST",
    "!#$%&'*+/=?^_`{|}~-@clean.test",
    "user%other.test@clean.test",
    '"a b"@clean.test',
    '"a@evil.test"@clean.test',
    r'"a\"> b"@clean.test',
    '""@clean.test',
    '"a>b"@clean.test',
    "a@[192.0.2.1]",
    "a@[IPv6:2001:db8::1]",
    "a@xn--r8jz45g.test",
    "x" * 64 + "@clean.test",
    "花子@例え.test",
    "a_b@under_score.test",
]


class Judge:
    """Remembers the envelopes that a policy would have seen, and passes everything on."""

    def __init__(self) -> None:
        self.seen: list[Envelope] = []

    async def accept(
        self, submission: Submission, transaction: Transaction, gone: Callable[[], bool]
    ) -> Reply:
        """As `guard.submission.Accept`."""
        self.seen.append(submission.envelope)
        return await deliver(submission, transaction, gone)


def spelt(envelope: Envelope) -> tuple[str, tuple[str, ...]]:
    """An envelope as a server writes it down."""
    sender = "" if envelope.sender is None else envelope.sender.text
    return sender, tuple(address.text for address in envelope.addresses)


async def talk(sender: bytes, recipient: bytes) -> tuple[list[str], Judge, Smarthost]:
    """Try to mail from and to these paths, with an honest recipient beside; give the replies."""
    judge = Judge()
    async with (
        Smarthost() as smarthost,
        front(smarthost.address, accept=judge.accept) as server,
        await Client.greeted(server) as client,
    ):
        replies = [
            await client.ask(b"MAIL FROM:<%s> SMTPUTF8\r\n" % sender),
            await client.ask(b"RCPT TO:<%s>\r\n" % recipient),
            await client.ask("RCPT TO:<bob@honest.test>"),
            await client.ask("DATA"),
        ]
        if replies[-1].startswith("354"):
            replies.append(await client.ask(OCTETS + b".\r\n"))
        assert (await client.ask("NOOP")).startswith("250")  # still in step
    return replies, judge, smarthost


@pytest.mark.parametrize("command", ["MAIL", "RCPT"])
@pytest.mark.parametrize("path", HOSTILE.values(), ids=HOSTILE)
async def test_hostile(command: str, path: bytes) -> None:
    """R-D1: refused for good before the upstream hears of it; the rest of the mail is as judged."""
    good = b"ann@example.com"
    sender, recipient = (path, good) if command == "MAIL" else (good, path)
    replies, judge, smarthost = await talk(sender, recipient)

    refused = replies[0 if command == "MAIL" else 1]
    assert refused.startswith("5"), refused
    assert refused.isprintable()
    assert "evil" not in refused
    proposed = [line for line in smarthost.commands if line.startswith((command, "DATA"))]
    if command == "MAIL":
        assert proposed == []
        assert judge.seen == []
    else:
        assert proposed == ["RCPT TO:<bob@honest.test>", "DATA"]
        assert [mail[0::2] for mail in smarthost.messages] == [
            (good.decode(), ("bob@honest.test",))
        ]
    assert smarthost.violations == []


@pytest.mark.parametrize("path", LEGAL)
async def test_odd_but_legal(path: str) -> None:
    """R-D2: what the RFCs allow goes on to the letter, and is what was judged."""
    _, judge, smarthost = await talk(path.encode(), path.encode())

    assert [spelt(seen) for seen in judge.seen] == [(path, (path, "bob@honest.test"))]
    assert [line for line in smarthost.commands if line.startswith(("MAIL", "RCPT"))] == [
        f"MAIL FROM:<{path}> SMTPUTF8",
        f"RCPT TO:<{path}>",
        "RCPT TO:<bob@honest.test>",
    ]
    assert len(smarthost.messages) == 1
    assert smarthost.violations == []


@pytest.mark.parametrize("command", [b"MAIL FROM", b"RCPT TO"])
async def test_bare_line_feed(command: bytes) -> None:
    """R-D1: nobody knows where a command with a bare LF ends, so it is the last one."""
    async with (
        Smarthost() as smarthost,
        front(smarthost.address) as server,
        await Client.greeted(server) as client,
    ):
        await client.ask("MAIL FROM:<ann@example.com>" if command == b"RCPT TO" else "NOOP")
        reply = await client.ask(command + b':<"a\nb"@clean.test>\r\n')
        assert reply.startswith("5")
        assert await client.ask("NOOP") == ""

    assert not any("clean.test" in line for line in smarthost.commands)


async def test_null_sender() -> None:
    """R-D2: the null sender stays null."""
    _, judge, smarthost = await talk(b"", b"ann@example.com")

    (mail,) = smarthost.messages
    assert mail.mail_from == ""
    assert [seen.sender for seen in judge.seen] == [None]


async def test_recipients_as_given() -> None:
    """R-D3: a hundred each once, in order; one that is given twice is given twice, as it came."""
    given = (*(f"<a{number}@example.com>" for number in range(99)), "<A7@EXAMPLE.com>")
    judge = Judge()
    async with (
        Smarthost() as smarthost,
        front(smarthost.address, accept=judge.accept) as server,
        await Client.greeted(server) as client,
    ):
        assert (await client.mail(OCTETS, recipients=given)).startswith("250")

    (mail,) = smarthost.messages
    assert tuple(f"<{recipient}>" for recipient in mail.rcpts) == given
    assert [spelt(seen)[1] for seen in judge.seen] == [mail.rcpts]


@pytest.mark.parametrize(
    ("ours", "address", "is_ours"),
    [
        ("example.co.jp", "a@example.co.jp", True),
        ("example.co.jp", "a@EXAMPLE.CO.JP", True),
        ("Example.CO.jp", "a@example.co.jp", True),
        ("example.co.jp", "a@mail.example.co.jp", True),
        ("example.co.jp", "a+tag@example.co.jp", True),
        ("example.co.jp", "a@notexample.co.jp", False),
        ("example.co.jp", "a@example.co.jp.evil.test", False),
        ("例え.test", "a@xn--r8jz45g.test", True),
        ("xn--r8jz45g.test", "a@例え.test", True),
        ("XN--R8JZ45G.test", "a@sub.例え.test", True),
        ("例え.test", "a@例え。test", True),
        ("例え.test", "a@例.test", False),
        ("ｅｘａｍｐｌｅ.test", "a@example.test", True),
    ],
)
def test_domains_are_compared_as_names(ours: str, address: str, is_ours: bool) -> None:
    """R-D4: case and the two spellings of a label do not matter; what stands below is ours."""
    policy = Policy.model_validate({"guard": 1, "us": {"domains": ours}})

    assert policy.is_ours(Address.parse(address)) is is_ours


@pytest.mark.parametrize(
    ("pattern", "recipient", "excepted"),
    [
        ("*@partner.test", "a@PARTNER.test", True),
        ("*@例え.test", "a@xn--r8jz45g.test", True),
        ("*@xn--r8jz45g.test", "a@例え.test", True),
        ("ann@partner.test", "Ann@partner.test", True),
        ("ann@partner.test", '"ann"@partner.test', True),
        ("ann@partner.test", "ann+x@partner.test", False),
        ("ann+x@partner.test", "ann@partner.test", False),
        ("*@partner.test", '"a@partner.test"@evil.test', False),
        ("*@partner.test", "a@sub.partner.test", False),
    ],
)
def test_patterns_cover_every_spelling(pattern: str, recipient: str, excepted: bool) -> None:
    """R-D4: an exception covers its domain in every spelling; a sub-address is another person."""
    rule = {
        "id": "all",
        "message": {"en": "Hm."},
        "when": {"recipient": {"address": pattern}},
        "then": "hold",
    }
    policy = Policy.model_validate({"guard": 1, "us": {"domains": "our.test"}, "rules": [rule]})
    (asked,) = policy.rules
    assert asked.when.recipient is not None
    address = Address.parse(recipient)

    matches = [glob.matches(address.key, address.text) for glob in asked.when.recipient.address]
    assert matches == [excepted]
