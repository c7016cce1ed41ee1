"""R-B8: whatever a client sends, in whatever pieces, it hears well-formed replies of ours."""

import asyncio
import re

import structlog
from budget import examples
from hypothesis import assume, given
from hypothesis import strategies as st
from line import LIMIT_BYTES, MAIL_OK, RCPT_OK, TAKEN, Yes, replies, talk
from mutation import SIZES, cut, mutated

from guard.model.errors import GuardError, StoreFullError, UpstreamError
from guard.model.reply import Reply
from guard.submission import answers
from guard.submission.entry.connection import AUTH_LINE_OCTETS, LINE_CUT, LINE_OCTETS
from guard.submission.entry.xclient import XCLIENT
from guard.submission.mail import arguments, chunks, intake

MARK = "XYZZY"
HELLO = b"EHLO c.test\r\n"
BEGUN = HELLO + b"MAIL FROM:<a@b.test>\r\n"
NAMED = BEGUN + b"RCPT TO:<c@d.test>\r\n"

WORDS = st.sampled_from(
    [
        *("EHLO", "HELO", "MAIL", "RCPT", "DATA", "BDAT", "RSET", "NOOP", "QUIT", "AUTH", "VRFY"),
        *("STARTTLS", "XCLIENT", "HELP", "PROXY", "mail FROM:<a@b.test>", "RCPT TO:<c@d.test>"),
        *("FROM:", "TO:", "<>", "<a@b.test>", "<", ">", "SIZE=1", "BODY=8BITMIME", "SMTPUTF8"),
        *("NOTIFY=NEVER", "REQUIRETLS", "3", "0 LAST", "5 LAST", "PLAIN", "=", "*", "."),
        *("ADDR=192.0.2.1", "LOGIN=a+0Ab", "%s", "é", "\x1b", "\0", "\r", "\n", MARK, MARK * 500),
    ]
)
LINES = st.lists(WORDS, max_size=4).map(lambda words: " ".join(words).encode() + b"\r\n")
OPENINGS = st.sampled_from(
    [b"", HELLO, NAMED, NAMED + b"DATA\r\n", NAMED + b"BDAT 5\r\nabc\r\n"],
)
TALKS = st.tuples(OPENINGS, st.lists(LINES | st.binary(max_size=40), max_size=12))

COMMANDS = st.sampled_from(
    [
        b"EHLO client.test",
        b"HELO [192.0.2.1]",
        b"MAIL FROM:<ann@example.com> SIZE=100 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=x",
        b'MAIL FROM:<"a \\" b"@example.com>',
        b"MAIL FROM:<> AUTH=<>",
        b"RCPT TO:<bob@example.net> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;bob+40x@example.net",
        "RCPT TO:<花子@例え.test>".encode(),
        b"RCPT TO:<@a.test,@b.test:c@d.test>",
        b"RCPT TO:<postmaster>",
        b"XCLIENT ADDR=IPv6:2001:db8::7 PORT=25 LOGIN=a+2Bb HELO=c.test",
        b"XCLIENT ADDR=[UNAVAILABLE] NAME=[TEMPUNAVAIL] PROTO=ESMTP",
        b"AUTH PLAIN AGFubgBjb3JyZWN0IGhvcnNl",
        *(b"RSET", b"NOOP x", b"VRFY ann", b"HELP", b"STARTTLS", b"EXPN list", b"GET / HTTP/1.1"),
        b"NOOP " + b"x" * LINE_OCTETS,
        b"AUTH PLAIN " + b"x" * LINE_OCTETS * 2,
        MARK.encode(),
    ]
)
NEAR = mutated(COMMANDS.map(lambda command: command + b"\r\n"))
CHANGES_MODE = re.compile(rb"(?i)(?:DATA|BDAT|QUIT) *[\r\n ]")

CONTROLS = re.compile(rb"[\x00-\x1f\x7f]")

EHLO_LINES = {
    *("250-guard.test", "250 guard.test", "250-PIPELINING", f"250-SIZE {LIMIT_BYTES}"),
    *("250-8BITMIME", "250-SMTPUTF8", "250-DSN", "250-CHUNKING", "250-ENHANCEDSTATUSCODES"),
    *("250-LIMITS RCPTMAX=1000", f"250 {XCLIENT}", "220 guard.test ESMTP"),
}
OUR_WORDS = EHLO_LINES | {
    line
    for reply in (
        *(MAIL_OK, RCPT_OK, TAKEN, GuardError.reply, StoreFullError.reply, UpstreamError.reply),
        *(
            value
            for module in (answers, arguments, chunks, intake)
            for value in vars(module).values()
            if isinstance(value, Reply)
        ),
    )
    for line in reply.lines()
}
"""All that a client may ever hear from a session that does nothing but commands."""


@examples(400)
@given(talks=TALKS, size=st.integers(1, 200), patient=st.booleans())
def test_any_talk(talks: tuple[bytes, list[bytes]], size: int, patient: bool) -> None:
    """R-B8: printable ASCII after a code, nothing of the input, and no fault of ours."""
    octets = talks[0] + b"".join(talks[1])
    with structlog.testing.capture_logs() as logs:
        said = asyncio.run(talk(cut(octets, [size]), patient=patient))
    assert re.fullmatch(rb"(?:[2-5][0-9]{2}[ -][ -~]*\r\n)+", said)
    assert MARK.encode() not in said
    assert [line for line in logs if line["event"] == "submission.failed"] == []
    assert MARK not in repr(logs)


@examples(200)
@given(talks=TALKS, size=st.integers(1, 50))
def test_pieces_change_nothing(talks: tuple[bytes, list[bytes]], size: int) -> None:
    """R-B9: the same is said whether a talk comes at once or in pieces."""
    octets = talks[0] + b"".join(talks[1])
    at_once = asyncio.run(talk([octets], patient=True))
    assert asyncio.run(talk(cut(octets, [size]), patient=True)) == at_once


def awaited(octets: bytes) -> tuple[int, bool]:
    """How many replies octets of commands deserve, and whether the session ends; by the book."""
    count = 0
    while octets:
        line, newline, rest = octets.partition(b"\n")
        if not newline:
            return count + (len(line) > LINE_CUT), len(line) > LINE_CUT
        octets = rest
        count += 1
        most = AUTH_LINE_OCTETS if line[:5].upper() == b"AUTH " else LINE_OCTETS
        if not line.endswith(b"\r") and len(line) + 1 <= most:
            return count, True
    return count, False


@examples(500)
@given(
    opening=st.sampled_from([b"", HELLO, BEGUN, NAMED]),
    lines=st.lists(NEAR | st.binary(max_size=30).map(lambda line: line + b"\r\n"), max_size=8),
    sizes=SIZES,
)
def test_commands_near_the_grammar(opening: bytes, lines: list[bytes], sizes: list[int]) -> None:
    """R-B8: one reply each, in words of ours; the upstream hears what was agreed to, as it was."""
    octets = opening + b"".join(lines)
    # Mutation may have put line ends in; what is a command is seen only in the whole.
    assume(not any(CHANGES_MODE.match(line + b"\n") for line in octets.split(b"\n")))
    count, ends = awaited(octets)
    upstream = Yes()
    said = asyncio.run(talk(cut(octets, sizes), patient=True, upstream=upstream))

    spoken = said.decode("ascii").split("\r\n")[:-1]
    assert set(spoken) <= OUR_WORDS
    heard = replies(said)
    assert len(heard) == 1 + count
    assert not ends or heard[-1].startswith("500 5.5.2 ")
    assert spoken.count(*MAIL_OK.lines()) == len(upstream.senders)
    assert spoken.count(*RCPT_OK.lines()) == len(upstream.recipients)
    odd = [line for line in octets.split(b"\r\n")[:-1] if CONTROLS.search(line)]
    assert sum(line.startswith("500 ") for line in heard) >= len(odd) or ends
    for path in (*upstream.senders, *(each.address for each in upstream.recipients)):
        assert f"<{path.text if path else ''}>".encode() in octets
    assert upstream.taken == []
