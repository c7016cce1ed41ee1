"""Replies: what a server said, read and written."""

import pytest

from guard.model.reply import Reply


@pytest.mark.parametrize(
    ("code", "text", "enhanced", "rest"),
    [
        pytest.param(250, "2.0.0 Ok", "2.0.0", "Ok", id="one line"),
        pytest.param(550, "5.7.1 No\n5.7.1 never", "5.7.1", "No\nnever", id="every line has it"),
        pytest.param(250, "2.0.0", "2.0.0", "", id="nothing but the code"),
        pytest.param(250, "Ok", "", "Ok", id="none"),
        pytest.param(250, "4.2.0 Ok", "", "4.2.0 Ok", id="of another class"),
        pytest.param(220, "1.2.3.4 ready", "", "1.2.3.4 ready", id="an address is none"),
        pytest.param(250, "2.0.0\nOk", "2.0.0", "\nOk", id="first line has no more"),
        pytest.param(421, "", "", "", id="nothing"),
    ],
)
def test_read(code: int, text: str, enhanced: str, rest: str) -> None:
    """The enhanced status code is parted from the text, if it is one."""
    assert Reply.read(code, text) == Reply(code, enhanced, rest)


def test_lines_give_back_what_was_read() -> None:
    """Every line repeats the enhanced code, and all but the last go on."""
    reply = Reply.read(550, "5.7.1 No\n5.7.1 never")

    assert reply.lines() == ["550-5.7.1 No", "550 5.7.1 never"]
