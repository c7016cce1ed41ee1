"""How display names are read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.names.person import NOBODY, person
from guard.names.readings import given_odds, spoken_costs, surname_odds


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("山田太郎", "山田 太郎"),
        ("佐々木希", "佐佐木 希"),
        ("林健", "林 健"),
        ("五十嵐二郎", "五十嵐 二郎"),
        ("長谷川潤", "長谷川 潤"),
        ("東海林太郎", "東海林 太郎"),
        ("林太郎", "林 太郎"),
        ("佐藤大翔", "佐藤 大翔"),
        ("佐藤ひろみ", "佐藤 ひろみ"),
        ("越智智仁", "越智 智仁"),
        ("鐵本天馬", "鉄本 天馬"),
        ("やまだたろう", "やまだ たろう"),
        ("小林", "小林"),
        ("長谷川", "長谷川"),
        ("健太", "健太"),
        ("営業部長 佐藤様", "佐藤"),
        ("営業部長佐藤様", "佐藤"),
        ("佐藤部長", "佐藤"),
        ("東京支店長 佐藤", "佐藤"),
        ("株式会社北商事 営業部 佐藤一郎", "佐藤 一郎"),
        ("北商事株式会社 佐藤一郎", "佐藤 一郎"),
        ("株式会社 北商事 佐藤一郎", "佐藤 一郎"),
        ("㈱北商事　佐藤", "佐藤"),
        ("佐藤/北商事", "佐藤"),
        ("北商事／佐藤", "佐藤"),
        ("佐藤＠北商事", "佐藤"),
        ("佐藤(北商事)", "佐藤"),
        ("(佐藤)", "佐藤"),
        ("阿部 健", "阿部 健"),
        ("営業部 服部 豊", "服部 豊"),
        ("仁科様", "仁科"),
        ("Mr.山田", "山田"),
        ("山田太郎 Taro Yamada", "山田 太郎"),
        ("Sato (Sales)", "sato"),
        ("SATO Ichiro", "sato ichiro"),
        ("Dr. Jane Smith, PhD", "jane smith"),
        ("Jane Smith, Ph.D., CPA", "jane smith"),
        ("Smith Jane [EXT]", "smith jane"),
        ("Smith, Jane, North Ltd", "smith jane"),
        ("Jane Smith - North Inc.", "jane smith"),
        ("North Ltd / Jane Smith", "jane smith"),
        ("Sato-san", "sato"),
        ("Jan van der Berg", "jan vanderberg"),
        ("van der Berg, Jan", "vanderberg jan"),
        ("Anne-Marie O'Hara", "annemarie ohara"),
        ("John Smith III", "john smith"),
        ("Юрий Ёлкин", "yurii elkin"),
        ("営業部", "営業部"),
        ("123", ""),
        ("", ""),
    ],
)
def test_words(written: str, words: str) -> None:
    """Companies, posts, titles and remarks go, and what stands together is parted."""
    assert " ".join(word.text for word in person(written).words) == words


@pytest.mark.parametrize(
    ("written", "surname"),
    [
        ("山田 太郎", 0),
        ("太郎 山田", 1),
        ("たろう やまだ", 1),
        ("ジョン・スミス", 1),
        ("Ken Sato", 1),
        ("Sato Ken", 0),
        ("SATO Ken", 0),
        ("Ken SATO", 1),
        ("Mori Ogai", 0),
        ("John Smith", 1),
        ("Smith, John", 0),
        ("T. Yamada", 1),
        ("Yamada T.", 0),
        ("Zhang Wei", 0),
        ("Bob Zhang", 1),
    ],
)
def test_surname(written: str, surname: int) -> None:
    """The dictionary, capitals, commas and habits tell which word is the surname."""
    assert person(written).surname == surname


def test_odds() -> None:
    """Every reading is known, with how likely it is."""
    assert [reading for reading, _ in surname_odds("東")] == ["azuma", "higasi"]
    assert dict(given_odds("祐子"))["yuko"] > 0.9 > dict(given_odds("祐子"))["satiko"]
    assert sum(chance for _, chance in given_odds("健")) == pytest.approx(1, abs=0.1)
    assert surname_odds("珎珎珎") == ()


def test_spoken_costs() -> None:
    """A sound is commoner as the kind of name that it mostly is."""
    surname, given_name = spoken_costs("yamada")
    assert surname < given_name
    surname, given_name = spoken_costs("taro")
    assert given_name < surname


def test_ivs_is_not_seen() -> None:
    """A selector of variants behind a kanji changes nothing."""
    assert person("齋󠄁藤 学") == person("齋藤 学")


@given(st.text(st.characters(), max_size=40))
def test_any_text(text: str) -> None:
    """Any text is read, if only as nobody; what is said of it holds together."""
    read = person(text)

    assert (read == NOBODY) == (not read.words)
    assert 0 <= read.first <= 1
    assert read.surname is None or 0 <= read.surname < len(read.words)
    for word in read.words:
        assert word.text
        assert word.sound in word.heard
        assert all(0 < chance <= 1.001 for _, chance in word.odds)
