"""What holds of any two texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.names.compare import Alike, alike, joined, local_forms
from guard.names.locals import box_person, local_readings
from guard.names.person import person

_PARTS = [
    *(
        "山田",
        "太郎",
        "佐藤",
        "斎藤",
        "斉藤",
        "健",
        "裕子",
        "祐子",
        "髙橋",
        "やまだ",
        "たろう",
        "ヤマダ",
    ),
    *(
        "Taro",
        "Yamada",
        "Sato",
        "Ken",
        "Smith",
        "John",
        "O'Brien",
        "van",
        "Berg",
        "Müller",
        "t",
        "y.",
    ),
    *(
        "様",
        "営業部",
        "株式会社北商事",
        " ",
        " ",
        ".",
        "_",
        ", ",
        "/",
        "(",
        ")",
        "@",
        "@kita.example",
    ),
]
NAMES = st.lists(st.sampled_from(_PARTS), max_size=6).map("".join)
ANY = st.text(st.characters(), max_size=30)


@given(NAMES | ANY, NAMES | ANY)
def test_both_ways(a: str, b: str) -> None:
    """Any two texts are compared, both ways alike, with a score from 0 to 1."""
    found = alike(a, b)

    assert 0 <= found.score <= 1
    assert alike(b, a) == found


@given(NAMES, NAMES)
def test_score_agrees_with_kind(a: str, b: str) -> None:
    """What is confusable scores from 0.5, what is the same higher still, strangers below."""
    found = alike(a, b)

    floors = {Alike.SAME: 0.7, Alike.CONFUSABLE: 0.5, Alike.UNRELATED: 0.0}
    assert found.score >= floors[found.alike]
    if found.alike is Alike.UNRELATED:
        assert found.score < 0.5


@given(NAMES)
def test_like_itself(text: str) -> None:
    """Who has a name has the same name as himself."""
    if person(text).words:
        assert alike(text, text).alike is Alike.SAME


@pytest.mark.parametrize(
    ("name", "local"),
    [
        ("山田 太郎", "tyamada"),
        ("山田 太郎", "yamadat"),
        ("山田 太郎", "taroy"),
        ("山田 太郎", "yamadataro"),
        ("安部 純子", "j.abe"),
        ("安部 千恵", "cabe"),
        ("佐藤 文子", "fsato"),
        ("John Smith", "jsmith"),
        ("John Smith", "smithj"),
    ],
)
def test_local_forms(name: str, local: str) -> None:
    """Local parts are made of a name with initials as those write them who use Hepburn."""
    assert joined(local) in local_forms(person(name))


@pytest.mark.parametrize(
    ("local", "words"),
    [
        ("taro.yamada", ["taro", "yamada"]),
        ("yamadataro", ["yamada", "taro"]),
        ("kenjisato", ["kenji", "sato"]),
        ("yamadat", ["yamada", "t"]),
        ("tyamada", ["t", "yamada"]),
        ("johnsmith", ["john", "smith"]),
        ("sato+news", ["sato"]),
    ],
)
def test_local_readings(local: str, words: list[str]) -> None:
    """A local part is parted at its dots, or where a name and an initial are joined."""
    assert words in [[word.text for word in read.words] for read in local_readings(local)]


@pytest.mark.parametrize(
    ("local", "words"),
    [
        ("taro.yamada", ["taro", "yamada"]),
        ("yamadataro", ["yamada", "taro"]),
        ("yamadat", ["yamada", "t"]),
        ("yamada", []),
        ("satoshi", []),
        ("keiri", []),
        ("info", []),
        ("jsmith", []),
    ],
)
def test_box_person(local: str, words: list[str]) -> None:
    """A box without a display name is read as a name where Japanese words are joined in it."""
    assert [word.text for word in box_person(local).words] == words
