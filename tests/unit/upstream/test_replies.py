"""Replies of the upstream, which is not trusted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.model.reply import Reply
from guard.upstream.replies import LINES, OCTETS, SHOWN, NotSmtpError, ReplyReader


def read(wire: bytes) -> list[Reply]:
    return ReplyReader().feed(wire)


@pytest.mark.parametrize(
    ("wire", "reply"),
    [
        pytest.param(b"250 2.1.0 Ok\r\n", Reply(250, "2.1.0", "Ok"), id="enhanced"),
        pytest.param(b"250 Ok\r\n", Reply(250, "", "Ok"), id="plain"),
        pytest.param(b"250\r\n", Reply(250, "", ""), id="code alone"),
        pytest.param(b"550 5.1.1\r\n", Reply(550, "5.1.1", ""), id="no text"),
        pytest.param(b"250 5.1.1 Odd\r\n", Reply(250, "", "5.1.1 Odd"), id="other class"),
        pytest.param(b"250 2.0.0.1 x\r\n", Reply(250, "", "2.0.0.1 x"), id="no enhanced code"),
        pytest.param(
            b"550-5.7.1 No.\r\n550-5.7.1  See\r\n550 5.7.1 http://x.test\r\n",
            Reply(550, "5.7.1", "No.\n See\nhttp://x.test"),
            id="several lines",
        ),
        pytest.param(
            b"250-mx.test\r\n250-SIZE 10\r\n250 DSN\r\n",
            Reply(250, "", "mx.test\nSIZE 10\nDSN"),
            id="EHLO",
        ),
        pytest.param(
            b"550 5.1.1 \x1b[2J\0\xe8\x8a\xb1\t!\r\n",
            Reply(550, "5.1.1", "?[2J?????!"),
            id="controls",
        ),
        pytest.param(b"250 " + b"x" * 900 + b"\r\n", Reply(250, "", "x" * SHOWN), id="long line"),
    ],
)
def test_reply(wire: bytes, reply: Reply) -> None:
    """R-E2, R-E5: code and text are told apart, and the text is made printable."""
    assert read(wire) == [reply]


@pytest.mark.parametrize(
    "wire",
    [
        pytest.param(b"HTTP/1.1 400 Bad Request\r\n", id="other protocol"),
        pytest.param(b"\x15\x03\x01\0\x02\x02\x46\r\n", id="TLS alert"),
        pytest.param(b"\r\n", id="empty line"),
        pytest.param(b"250 Ok\n", id="bare LF"),
        pytest.param(b"250 a\rb\r\n", id="bare CR"),
        pytest.param(b"99 x\r\n", id="two digits"),
        pytest.param(b"2500 x\r\n", id="four digits"),
        pytest.param(b"150 x\r\n", id="class 1"),
        pytest.param(b"650 x\r\n", id="class 6"),
        pytest.param(b"250_x\r\n", id="separator"),
        pytest.param(b"250-a\r\n550 b\r\n", id="code changes"),
        pytest.param(b"250-x\r\n" * (LINES + 1), id="too many lines"),
        pytest.param(b"250-" + b"x" * OCTETS, id="endless line"),
        pytest.param(b"250-" + b"x" * OCTETS + b"\r\n", id="too long"),
        pytest.param((b"250-" + b"x" * 200 + b"\r\n") * 400, id="too long in sum"),
    ],
)
def test_no_reply(wire: bytes) -> None:
    """R-E5: what is no reply, or has no end, is an error and no memory."""
    with pytest.raises(NotSmtpError):
        read(wire)


def test_most_lines() -> None:
    """R-E5: a reply of exactly the allowed lines is one."""
    (reply,) = read(b"250-x\r\n" * (LINES - 1) + b"250 x\r\n")
    assert reply.text.count("\n") == LINES - 1


@given(
    st.lists(st.sampled_from([b"250-a\r\n", b"250 2.0.0 b\r\n", b"354\r\n"]), max_size=5),
    st.lists(st.integers(0, 60), max_size=5),
)
def test_any_pieces(lines: list[bytes], cuts: list[int]) -> None:
    """However the octets are cut, the replies are the same."""
    wire = b"".join(lines)

    def replies(cuts: list[int]) -> list[Reply] | None:
        reader = ReplyReader()
        found = []
        try:
            for start, end in zip([0, *cuts], [*cuts, len(wire)], strict=True):
                found += reader.feed(wire[start:end])
        except NotSmtpError:
            return None
        assert reader.pending == (bool(lines) and lines[-1].startswith(b"250-"))
        return found

    assert replies(sorted(min(cut, len(wire)) for cut in cuts)) == replies([])


@given(st.binary(max_size=60) | st.from_regex(rb"\A([2-5][0-9]{2}[ -].{0,9}\r\n){1,4}\Z"))
def test_any_octets(wire: bytes) -> None:
    """R-E5: whatever comes, what goes on to a client is printable ASCII without line ends."""
    try:
        replies = read(wire)
    except NotSmtpError:
        return
    for reply in replies:
        assert all(" " <= char <= "~" for line in reply.lines() for char in line)
        assert 200 <= reply.code < 600
