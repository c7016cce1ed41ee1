"""Plain text is wrapped by display width."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.compose.wrap import width, wrap

LONG_ADDRESS = "a" * 60 + "@" + "b" * 60 + ".example"


@pytest.mark.parametrize(
    ("text", "columns", "expected"),
    [
        pytest.param("one two three", 8, ["one two", "three"], id="words"),
        pytest.param("日本語です", 6, ["日本語", "です"], id="full width counts two"),
        pytest.param("日本語、です", 6, ["日本", "語、で", "す"], id="no comma first"),
        pytest.param("日本「語」です", 6, ["日本", "「語」", "です"], id="no bracket last"),
        pytest.param(f"to {LONG_ADDRESS} now", 20, ["to", LONG_ADDRESS, "now"], id="address whole"),
        pytest.param("", 10, [""], id="empty"),
    ],
)
def test_wrap(text: str, columns: int, expected: list[str]) -> None:
    """Lines end where people would end them."""
    assert wrap(text, columns) == expected


@given(st.text(max_size=300))
def test_nothing_is_lost(text: str) -> None:
    """All but blanks is kept, in order."""
    assert "".join("".join(wrap(text, 20)).split()) == "".join(text.split())


@given(st.lists(st.from_regex(r"[a-z0-9@.]{1,20}", fullmatch=True), max_size=20))
def test_words_fill_lines(words: list[str]) -> None:
    """Words that fit on a line never pass the edge, and none is broken."""
    lines = wrap(" ".join(words), 20)

    assert all(width(line) <= 20 for line in lines)
    assert " ".join(lines).split() == words


@given(st.text(alphabet=st.characters(min_codepoint=0x3042, max_codepoint=0x3096), max_size=200))
def test_kana_fill_lines(text: str) -> None:
    """Japanese without small letters and marks never passes the edge."""
    plain = "".join(char for char in text if char not in "ぁぃぅぇぉっゃゅょ")

    assert all(width(line) <= 20 for line in wrap(plain, 20))
