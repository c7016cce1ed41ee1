"""The trace line, and loops."""

import re
from datetime import timedelta

import pytest
from factories import envelope, hold, submission
from hypothesis import given
from hypothesis import strategies as st

from guard.compose.letter import LOOP_HEADER
from guard.compose.letterhead import Letterhead
from guard.compose.notice import notice
from guard.compose.trace import has_loop_mark, hops, received
from guard.model.envelope import Envelope, Submitter


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


def test_our_own_mail_is_known_again() -> None:
    """A notice that comes back is seen; one that is quoted in a body is not."""
    letterhead = Letterhead(from_="g@example.co.jp", public_url="http://guard.example")
    held = hold()
    octets = notice(
        held,
        link="http://guard.example/m/x",
        letterhead=letterhead,
        now=held.held_at + timedelta(seconds=1),
    )

    assert has_loop_mark(b"Received: from x\r\n\tby y;\r\n\tnow\r\n" + octets)
    assert not has_loop_mark(b"Subject: Fwd\r\n\r\n" + octets)
    assert re.search(rb"\r\n" + LOOP_HEADER.encode() + rb": [0-9a-f]{32}\r\n", octets)
