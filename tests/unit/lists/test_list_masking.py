"""What people are shown of a match."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guard.lists.masking import masked


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("name", "山田 太郎", "山田○○"),
        ("name", "山田太郎", "山田○○"),
        ("name", "林 誠", "林○"),
        ("name", "林誠", "林○"),
        ("name", "長谷川 花子", "長谷○○"),
        ("name", "john smith", "J*** S***"),
        ("email", "yamada@minami.example", "ya***@m***.example"),
        ("email", "taro@abc.co.jp", "ta***@a***.co.jp"),
        ("email", "ab@abc.com", "a***@a***.com"),
        ("email", "a@abc.com", "***@a***.com"),
        ("phone", "090-1234-5678", "090-****-5678"),
        ("phone", "09012345678", "090-****-5678"),
        ("phone", "03-1234-5678", "03-****-5678"),
        ("phone", "12345678", "12-****-78"),
        ("company", "北商事", "北***"),
        ("id", "c00123", "c0***"),
        ("birthday", "19800102", "19***"),
    ],
)
def test_masks(kind: str, value: str, shown: str) -> None:
    """Each kind is masked in its own way."""
    assert masked(kind, value) == shown


@settings(deadline=None)
@given(
    st.sampled_from(["name", "email", "phone", "company", "id", "birthday"]), st.text(min_size=1)
)
def test_nothing_is_shown_whole(kind: str, value: str) -> None:
    """Whatever the value, part of it is hidden."""
    shown = masked(kind, value)
    assert any(mark in shown for mark in "*○") or not value.strip()
