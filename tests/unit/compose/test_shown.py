"""Strangers' text is shown so that it hides nothing."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.compose.shown import shown, unlinked


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("11月分お見積り", "11月分お見積り", id="Japanese stays"),
        pytest.param("a\r\nBcc: x@y.example", "a Bcc: x@y.example", id="lines are joined"),
        pytest.param("\u202egpj.exe", "⟨U+202E⟩gpj.exe", id="right-to-left override"),
        pytest.param("pay\u200bpal", "pay⟨U+200B⟩pal", id="zero width"),
        pytest.param("a\x00b", "a⟨U+0000⟩b", id="null"),
        pytest.param("a\u3164b", "a⟨U+3164⟩b", id="blank letter"),
        pytest.param("\U0001f468\u200d\U0001f469", "\U0001f468\u200d\U0001f469", id="joined emoji"),
        pytest.param("a\u200db", "a⟨U+200D⟩b", id="joiner between letters"),
        pytest.param("", "", id="empty"),
    ],
)
def test_shown(text: str, expected: str) -> None:
    """What draws nothing is written out; everything else stays as it is."""
    assert shown(text) == expected


@given(st.text(max_size=400), st.integers(min_value=1, max_value=80))
def test_any_text_becomes_one_short_clear_line(text: str, limit: int) -> None:
    """Whatever comes, the line is within its limit and without controls and format characters."""
    line = shown(text, limit)

    assert len(line) <= limit
    categories = {unicodedata.category(char) for char in line if char != "\u200d"}
    assert not categories & {"Cc", "Cf", "Cs", "Zl", "Zp"}


def test_very_long_text_is_cut() -> None:
    """Ten thousand characters end in an ellipsis, and white space does not eat the limit."""
    assert shown("x" * 10_000, 20) == "x" * 19 + "…"
    assert shown(" " * 10_000 + "x", 20).endswith("…")


def test_unlinked() -> None:
    """No mail program makes a link of a stranger's address."""
    assert unlinked("see https://evil.example/x") == "see https: //evil.example/x"
