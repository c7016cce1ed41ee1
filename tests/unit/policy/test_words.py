"""Values as people write them."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from guard.model.extract import Reason
from guard.policy import words
from guard.policy.globs import Glob
from guard.policy.written import written


@pytest.mark.parametrize(
    ("kind", "written", "meant"),
    [
        (words.Duration, "1 minute", timedelta(minutes=1)),
        (words.Duration, "15 minutes", timedelta(minutes=15)),
        (words.Duration, "0 seconds", timedelta()),
        (words.Duration, "400 days", timedelta(days=400)),
        (words.Rows, "5 rows", 5),
        (words.Rows, "1 row", 1),
        (words.Rows, 30, 30),
        (words.Domains, "5 domains", 5),
        (words.Percent, "2 percent", 0.02),
        (words.Budget, "0.3 percent", 0.003),
        (words.Day, "2027-03-31", date(2027, 3, 31)),
        (words.Domain, "Example.CO.JP", "example.co.jp"),
        (words.Domain, "xn--r8jz45g.example", "例え.example"),
        (words.Columns, "name + company", "name+company"),
        (words.Reasons, "encrypted", frozenset({Reason.ENCRYPTED})),
        (words.Reasons, ["corrupt", "crash"], frozenset({Reason.CORRUPT, Reason.CRASH})),
        (words.Reasons, True, frozenset(Reason)),
    ],
)
def test_taken(kind: Any, written: object, meant: object) -> None:
    """Words are taken for what they mean."""
    assert TypeAdapter(kind).validate_python(written) == meant


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        (words.Duration, "15 mins"),
        (words.Duration, "15minutes"),
        (words.Duration, "-1 minutes"),
        (words.Duration, "１５ minutes"),
        (words.Duration, 15),
        (words.Rows, "0 rows"),
        (words.Rows, "5 domains"),
        (words.Rows, True),
        (words.Rows, 5.0),
        (words.Budget, "0 percent"),
        (words.Budget, "0.3"),
        (words.Percent, "101 percent"),
        (words.Closeness, 49),
        (words.Closeness, "88"),
        (words.YesNo, "yes"),
        (words.YesNo, 1),
        (words.Day, "31.3.2027"),
        (words.Day, "2027-02-30"),
        (words.Domain, "co.jp"),
        (words.Domain, "*.example.jp"),
        (words.Domain, ""),
        (words.Domain, None),
        (words.TimeZone, "../../etc/passwd"),
        (words.TimeZone, ""),
        (words.Reasons, False),
        (words.Reasons, []),
        (words.AddressGlob, "partner.example"),
        (words.AddressGlob, 5),
        (words.AddressGlob, "*@partner.example."),
        (words.AddressGlob, "*@xn--a.example"),
        (words.Domain, "example.co.jp."),
    ],
)
def test_refused(kind: Any, written: object) -> None:
    """What is not in the language is an error with words of ours, never a guess."""
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(written)

    assert [error["type"] for error in caught.value.errors()] == [words.WRONG]


@pytest.mark.parametrize(
    ("pattern", "name", "matches"),
    [
        ("*@partner.example", "sato@partner.example", True),
        ("*@partner.example", "sato@PARTNER.example", True),
        ("*@partner.example", "sato@partner.example.test", False),
        ("*@partner.example", "sato@sub.partner.example", False),
        ("*@*.partner.example", "sato@sub.partner.example", True),
        ("sato@partner.example", "ｓａｔｏ@partner.example", False),
        ("s?to@partner.example", "sato@partner.example", True),
        ("s?to@partner.example", "sto@partner.example", False),
        ("[a-z]*@partner.example", "sato@partner.example", False),
        ("顧客*.xlsx", "顧客名簿.XLSX", True),
        ("ガ*", "ガス", True),
        ("*", "", True),
    ],
)
def test_glob(pattern: str, name: str, matches: bool) -> None:
    """Only ``*`` and ``?`` mean more than themselves, and a pattern covers the whole name."""
    assert Glob(pattern).matches(name) is matches


@given(st.text(), st.text())
def test_glob_takes_what_it_was_made_of(before: str, after: str) -> None:
    """Any text is a pattern, and matches itself with something put in for a star."""
    assert Glob(f"{before}*{after}").matches(f"{before} {after}")


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (words.Duration, "30 seconds"),
        (words.Duration, "1 minute"),
        (words.Duration, "24 hours"),
        (words.Duration, "400 days"),
        (words.WaitingTime, "4 working hours"),
        (words.WaitingTime, "2 working days"),
        (words.Budget, "0.3 percent"),
        (words.Percent, "2 percent"),
        (words.Day, "2027-03-31"),
        (words.Reasons, ["corrupt", "crash"]),
        (words.Then, "hold"),
        (words.Rung, "second_person"),
        (words.AddressGlob, "*@partner.example"),
        (words.DayHours, "18:00-08:00"),
        (words.Phrases, "price list"),
        (words.YesNo, False),
        (words.Closeness, 88),
    ],
)
def test_written(kind: Any, said: object) -> None:
    """A value is written in the words that it was read from."""
    assert written(TypeAdapter(kind).validate_python(said)) == said
