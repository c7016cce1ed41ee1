"""Where messages of an mbox end, and what is read of broken ones."""

import io
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.contacts.history import History
from guard.contacts.sources.changes import Broken
from guard.contacts.sources.mbox import MOST_OCTETS, split
from guard.contacts.sources.sent import exchange_of, read_sent
from guard.model.contact import Exchange

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
FROM = b"From x Mon Nov  2 10:00:00 2026\n"
MAIL = b"From: a@ours.example\nTo: b@north.example\n"


@pytest.mark.parametrize(
    ("octets", "messages"),
    [
        pytest.param(
            FROM + b"A: 1\n\nx\n\n" + FROM + b"B: 2\n", [b"A: 1\n\nx\n\n", b"B: 2\n"], id="two"
        ),
        pytest.param(
            b"From a\nA: 1\n\nx\n\nFrom b\nB: 2\n", [b"A: 1\n\nx\n\n", b"B: 2\n"], id="no dates"
        ),
        pytest.param(
            FROM + b"A: 1\n\nFrom here on\nall is text\n",
            [b"A: 1\n\nFrom here on\nall is text\n"],
            id="From in a text",
        ),
        pytest.param(
            FROM + b"A: 1\n\ntext\n" + FROM + b"B: 2\n",
            [b"A: 1\n\ntext\n" + FROM + b"B: 2\n"],
            id="no blank line before",
        ),
        pytest.param(FROM + FROM, [FROM], id="empty, not parted"),
        pytest.param(FROM + b"\n" + FROM + b"B: 2", [b"\n", b"B: 2"], id="empty"),
        pytest.param(b"noise\n\n" + FROM + b"A: 1\n", [b"A: 1\n"], id="noise before"),
        pytest.param(
            (FROM + b"A: 1\n\n" + FROM + b"B: 2\n").replace(b"\n", b"\r\n"),
            [b"A: 1\r\n\r\n", b"B: 2\r\n"],
            id="CRLF",
        ),
        pytest.param(FROM + b"A: 1\n\n>From x\n", [b"A: 1\n\n>From x\n"], id="quoted"),
        pytest.param(b"", [], id="nothing"),
    ],
)
def test_split(octets: bytes, messages: list[bytes]) -> None:
    """A message begins behind a blank line, where what follows looks like one."""
    file = io.BytesIO(octets)
    found = list(split(file))
    assert [each for _, each in found] == messages
    assert [end for end, _ in found][-1:] in ([], [len(octets)])


def test_a_line_without_end() -> None:
    """A line of many megabytes is not kept; what stands behind it is found."""
    octets = FROM + b"A: 1\n\n" + b"x" * 5_000_000 + b"\n\n" + FROM + b"B: 2\n"
    (first, _), (_, second) = [(m, m) for _, m in split(io.BytesIO(octets))]
    assert len(first) <= 2 * MOST_OCTETS
    assert second == b"B: 2\n"


def test_bounded_memory(tmp_path: Path) -> None:
    """Very many mails, of which many are broken, are read one by one; each broken one is told."""
    path = tmp_path / "sent.mbox"
    broken = [
        b"\n",
        b"To: b@north.example\n\n",
        b"\0" * 500 + b"\n\n",
        b"\xff\xfe\n\n",
        b"x" * 9999,
    ]
    with path.open("wb") as file:
        for number in range(3000):
            body = broken[number % 5] if number % 2 else MAIL
            file.write(FROM + body + b"\n" + b"y" * 2000 + b"\n\n")

    tracemalloc.start()
    kinds = [type(each) for each in read_sent(path, now=NOW)]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert (kinds.count(Exchange), kinds.count(Broken)) == (1500, 1500)
    assert peak < 20_000_000


def test_without_id() -> None:
    """A mail without a Message-ID has the same name each time, and no other has it."""
    one, again, other = (exchange_of(MAIL + tail, now=NOW) for tail in (b"", b"", b"X: y\n"))
    assert one
    assert again
    assert other
    assert one.message_id == again.message_id != other.message_id


_PARTS = st.sampled_from(
    [
        FROM,
        b"From ",
        b"\n",
        b"\r\n",
        b"\n\n",
        MAIL,
        b"To: ",
        b"=?utf-8?b?",
        b"\0",
        b"\xff",
        b"Date: Mon, 99 Nov 2026 99:99:99 +9999\n",
        b"Date: 1 Jan 0001 00:00:00 +1400\n",
        b">From ",
    ]
)


@given(st.lists(_PARTS | st.binary(max_size=30), max_size=30).map(b"".join))
def test_any_octets(octets: bytes) -> None:
    """Any octets part into messages, and each of them can be learned or told."""
    history = History()
    ends = [0]
    for end, message in split(io.BytesIO(octets)):
        ends.append(end)
        exchange = exchange_of(message, now=NOW)
        if exchange is not None:
            history.learn(exchange)
    assert ends == sorted(ends)
    assert ends[-1] in {0, len(octets)}
