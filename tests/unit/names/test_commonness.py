"""How common surnames are."""

import pytest

from guard.names import commonness
from guard.names.fold import person
from guard.names.likeness import Face, likeness


@pytest.mark.parametrize(
    ("name", "common"),
    [
        ("佐藤 健", 2),
        ("Ken Sato", 2),
        ("サトウ ケン", 2),
        ("小松 健", 1),
        ("竹谷 健", 1),
        ("御手洗 健", 0),
        ("岩越 健", 0),
        ("Ann Bell", 0),
        ("", 0),
    ],
)
def test_surnames(name: str, common: int) -> None:
    """By kanji, kana or romaji; what the dictionary does not know is taken for rare."""
    assert commonness.of_surname(person(name)) == common


@pytest.mark.parametrize(("local", "common"), [("sato", 2), ("satou", 2), ("k.sato", 0), ("x", 0)])
def test_local_parts(local: str, common: int) -> None:
    """A local part counts where it is a surname and nothing else."""
    assert commonness.of_local(local) == common


def test_only_what_is_shared_is_common() -> None:
    """How common a surname is says something where it makes two alike, and only there."""
    sato, kenji = Face("sato.ken", "kita.example", "佐藤 健"), "佐藤 賢治"
    namesake = likeness(sato, Face("skenji", "minami.example", kenji))
    typed = likeness(sato, Face("szto.ken", "kita.example", "佐藤 健"))

    assert namesake is not None
    assert typed is not None
    assert (namesake.kind, namesake.common) == ("same_surname", 2)
    assert (typed.kind, typed.common) == ("typo_local", 0)
