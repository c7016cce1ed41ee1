# ruff: noqa: E501 -- units, several on a line
"""Time of what reads texts without a list: it grows with the text, whatever stands in it."""

import time

import pytest

from guard.detect.list_like import list_like
from guard.detect.mark import mark
from guard.detect.protected_numbers import protected_numbers
from tests.unit.detect.business import inspection, passage

UNITS = [
    *("a", "@", "a@", "a@b.co ", "a@b.co\n", "1", "1 ", "1-", "0 ", "4111 ", "4111 1111 1111 1111\n"),
    *("03-1234-5678 ", "東京都千代田区1-2-3\n", "〒123-4567 ", "氏名\t電話\t", "Tel,mail\n", "\n", "\t", " "),
    *("秘", "秘 ", "【秘】", "社外秘", "confidential\n", "CONFIDENTIAL ", "-----\n", "> > >\n", "From: "),
    *("This e-mail is strictly confidential. ", "本メールは社外秘 誤って ", "山田 太郎 ", "個人番号", "card "),
]  # fmt: skip


@pytest.mark.parametrize("unit", UNITS, ids=ascii)
@pytest.mark.parametrize("detector", [list_like, protected_numbers, mark])
def test_no_text_takes_squared_time(detector, unit: str) -> None:
    """400,000 letters of one kind are done in seconds; squared, they would take hours."""
    text = unit * (400_000 // len(unit))
    mail = inspection(text, files={"a.csv": (passage(text, "footer"),)})
    began = time.process_time()
    list(detector(mail))
    assert time.process_time() - began < 10
