"""The trace line, and loops."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from factories import COLLEAGUE, SENDER, TYPED, envelope, hold, submission
from hypothesis import given
from hypothesis import strategies as st

from guard.compose.letterhead import Letterhead
from guard.compose.notice import notice
from guard.compose.trace import has_loop_mark, hops, received, returned
from guard.model.envelope import Envelope, Submitter

KEY = b"k" * 32
OCTETS = b"From: yamada@example.co.jp\r\nSubject: x\r\n\r\nhello\r\n"


def test_received_whole() -> None:
    """The line is the one of RFC 5321 §4.4, folded, and names no recipient."""
    assert received(submission(), by="guard.example") == (
        b"Received: from client.example ([192.0.2.7])\r\n"
        b"\tby guard.example with ESMTP id 5f1d9c3a7b20;\r\n"
        b"\tMon, 23 Nov 2026 06:04:00 +0000\r\n"
    )


@pytest.mark.parametrize(
    ("submitter", "params", "expected"),
    [
        pytest.param(
            Submitter(peer="2001:db8::7", helo="[IPv6:2001:db8::7]", login="ann", tls=True),
            (),
            b"from [IPv6:2001:db8::7] ([IPv6:2001:db8::7])\r\n\tby guard.example with ESMTPSA id",
            id="logged in under TLS, over IPv6",
        ),
        pytest.param(
            Submitter(peer="192.0.2.7", helo="evil) (by x", tls=True),
            ("SMTPUTF8",),
            b"from [192.0.2.7] ([192.0.2.7])\r\n\tby guard.example with UTF8SMTPS id",
            id="a name that is none, and SMTPUTF8",
        ),
        pytest.param(
            Submitter(peer="", helo=""), (), b"from unknown\r\n", id="nothing known of the client"
        ),
    ],
)
def test_received_says_what_is_so(
    submitter: Submitter, params: tuple[str, ...], expected: bytes
) -> None:
    """Protocol and literals follow the RFCs; a false name is left out."""
    to = envelope()
    sent = Envelope(sender=to.sender, recipients=to.recipients, params=params)

    line = received(submission(submitter=submitter, envelope=sent), by="guard.example")

    assert expected in line


@given(st.text(), st.text(), st.text(), st.text())
def test_received_cannot_be_broken(peer: str, helo: str, mark: str, by: str) -> None:
    """Whatever a client says, there is one field, in ASCII, of short lines."""
    line = received(submission(id=mark, submitter=Submitter(peer=peer, helo=helo)), by=by)

    assert line.isascii()
    assert line.endswith(b"\r\n")
    first, *folded = line[:-2].split(b"\r\n")
    assert first.startswith(b"Received: from ")
    assert all(each.startswith(b"\t") for each in folded)
    assert hops(line) == 1


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        pytest.param(b"", 0, id="nothing"),
        pytest.param(b"Received: a\r\nSubject: x\r\nRECEIVED : b\r\n\r\n", 2, id="any case"),
        pytest.param(b"X-Received: a\r\nSubject:\r\n Received: no\r\n\r\n", 0, id="not a field"),
        pytest.param(b"Subject: x\r\n\r\nReceived: in the body\r\n", 0, id="body"),
        pytest.param(b"\r\nReceived: in the body\r\n", 0, id="no header at all"),
        pytest.param(b"Received: a\r\n" * 31, 31, id="no end of header"),
    ],
)
def test_hops(octets: bytes, expected: int) -> None:
    """Only fields of the header count."""
    assert hops(octets) == expected


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("login", [None, "yamada"])
@pytest.mark.parametrize("params", [(), ("BODY=8BITMIME",), ("smtputf8",)])
def test_protocol(tls: bool, login: str | None, params: tuple[str, ...]) -> None:
    """The registered name says whether there was TLS, a login, SMTPUTF8 (RFC 3848, RFC 6531)."""
    to = envelope()
    sent = Envelope(sender=to.sender, recipients=to.recipients, params=params)
    client = Submitter(peer="192.0.2.7", login=login, tls=tls)

    line = received(submission(submitter=client, envelope=sent), by="guard.example")

    base = "UTF8SMTP" if params == ("smtputf8",) else "ESMTP"
    expected = f"{base}{'S' if tls else ''}{'A' if login else ''}"
    assert f" with {expected} id ".encode() in line
    assert b"yamada" not in line


def marked(sent: Envelope, *, of: str = "5f1d9c3a7b20", key: bytes = KEY) -> bytes:
    """Our trace line for an envelope."""
    return received(submission(id=of, envelope=sent), by="guard.example", key=key)


def test_mark() -> None:
    """The id ends in ten characters that are other ones for each message, and stays an Atom."""
    (mark,) = re.findall(rb" id (\S+);", marked(envelope()))
    (other,) = re.findall(rb" id (\S+);", marked(envelope(), of="0"))

    assert re.fullmatch(rb"5f1d9c3a7b20-[a-z2-7]{10}", mark)
    assert mark[-10:] != other[-10:]
    assert marked(envelope(), key=b"") == received(submission(), by="guard.example")


@pytest.mark.parametrize(
    ("sender", "recipients", "back"),
    [
        pytest.param(SENDER, (TYPED, COLLEAGUE), True, id="the same people"),
        pytest.param(SENDER, (COLLEAGUE, TYPED, TYPED), True, id="in another order, and twice"),
        pytest.param(SENDER.upper(), (TYPED.upper(), COLLEAGUE), True, id="in capitals"),
        pytest.param(SENDER, (TYPED,), False, id="one recipient fewer"),
        pytest.param(SENDER, (TYPED, COLLEAGUE, "a@b.example"), False, id="one recipient more"),
        pytest.param("list-bounces@example.co.jp", (TYPED, COLLEAGUE), False, id="from a list"),
        pytest.param(None, (TYPED, COLLEAGUE), False, id="as a bounce"),
    ],
)
def test_returned(sender: str | None, recipients: tuple[str, ...], back: bool) -> None:
    """R-G3: a loop is seen at its first return; what a list sends on to others is none."""
    line = marked(envelope())

    assert returned(line + OCTETS, envelope(sender, recipients), KEY) is back


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"%s", id="on top"),
        pytest.param(
            b"Return-Path: <a@b.example>\r\nReceived: from x\r\n\tby y; now\r\n%s", id="below"
        ),
        pytest.param(b"%sReceived: from client; before\r\n", id="above others"),
    ],
)
@pytest.mark.parametrize(
    "written",
    [
        pytest.param(lambda line: line, id="as it was"),
        pytest.param(lambda line: line.replace(b"\r\n\t", b" "), id="unfolded"),
        pytest.param(lambda line: line.replace(b" ", b"\r\n  "), id="folded at every blank"),
        pytest.param(lambda line: line.replace(b"Received", b"RECEIVED"), id="in capitals"),
    ],
)
def test_returned_wherever_the_line_stands(head: bytes, written: Callable[[bytes], bytes]) -> None:
    """R-G3: servers on the way put lines on top, and fold anew."""
    octets = head % written(marked(envelope())) + OCTETS

    assert returned(octets, envelope(), KEY)


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(OCTETS, id="no line of ours"),
        pytest.param(marked(envelope(), key=b"another" * 5) + OCTETS, id="another Guard's"),
        pytest.param(marked(envelope(), key=b"") + OCTETS, id="without a mark"),
        pytest.param(
            marked(envelope()).replace(b"5f1d9c3a7b20", b"6f1d9c3a7b20") + OCTETS,
            id="a mark that was put to another id",
        ),
        pytest.param(b"X-" + marked(envelope()) + OCTETS, id="another field"),
        pytest.param(b"Subject: x\r\n\r\n" + marked(envelope()), id="quoted in the body"),
    ],
)
def test_others_do_not_return(octets: bytes) -> None:
    """R-G3: only our own mark, in a Received field, for this very message, says that it is back."""
    assert not returned(octets, envelope(), KEY)


def test_without_key_nothing_returns() -> None:
    """A mark that anybody could make would say nothing."""
    assert not returned(marked(envelope()) + OCTETS, envelope(), b"")


@given(st.binary(max_size=300), st.booleans())
def test_any_header_returns_or_not(octets: bytes, named: bool) -> None:
    """Nobody hits a mark by chance, and no header is an error."""
    assert not returned(b"Received: " * named + octets, envelope(), KEY)
    assert isinstance(has_loop_mark(octets, KEY), bool)


def our_mail(key: bytes) -> bytes:
    """A notice, as the Guard that has this key writes it."""
    held = hold()
    letterhead = Letterhead(
        from_="g@example.co.jp", public_url="http://guard.example", mark_key=key
    )
    return notice(
        held,
        link="http://guard.example/m/x",
        letterhead=letterhead,
        now=held.held_at + timedelta(seconds=1),
    )


@pytest.mark.parametrize(
    ("octets", "key", "ours"),
    [
        pytest.param(our_mail(KEY), KEY, True, id="ours"),
        pytest.param(our_mail(b"another"), KEY, False, id="another Guard's"),
        pytest.param(our_mail(b""), KEY, False, id="not sealed"),
        pytest.param(our_mail(b""), b"", True, id="without keys, any counts"),
        pytest.param(b"X-Guard-Loop: \xff.\xff\r\n\r\n", KEY, False, id="not ASCII"),
        pytest.param(b"x-guard-loop:\r\n\r\n", KEY, False, id="empty"),
    ],
)
def test_our_own_mail_is_known_again(octets: bytes, key: bytes, ours: bool) -> None:
    """R-G3: a notice of ours that comes back is seen; another Guard's is mail like any other."""
    assert has_loop_mark(b"Received: from x\r\n\tby y;\r\n\tnow\r\n" + octets, key) is ours
    assert not has_loop_mark(b"Subject: Fwd\r\n\r\n" + octets, key)
