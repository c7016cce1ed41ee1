"""Folding of what readers take as one."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from guard.names.kanji import GLYPHS, VARIANTS, one_family
from guard.names.spelling import looks_japanese, plain, romaji, seen, spoken

ANY = st.text(st.characters(), max_size=30)
"""Any Unicode, lone surrogates too."""

NAMES = st.text("山田太郎斎齋斉髙﨑々ヶノの之がかっゃーﾔﾏﾀﾞaouhntcsji'-ÜéŁя", max_size=12)


@given(ANY | NAMES)
@example("⼀ー之㐀")
@example("1日'々")
def test_folding_is_idempotent(text: str) -> None:
    """Folding what is folded changes nothing more."""
    assert plain(plain(text)) == plain(text)
    assert romaji(romaji(text)) == romaji(text)
    assert plain(seen(text)) == plain(text)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("齋󠄁藤", "齋藤"),
        ("佐々木", "佐佐木"),
        ("井ノ上", "井之上"),
        ("井ノ上", "井の上"),
        ("関ヶ原", "関ケ原"),
        ("関ヶ原", "関が原"),
        ("眞鍋", "真鍋"),
        ("嶌田", "島田"),
        ("龍澤", "竜沢"),
        ("惠子", "恵子"),
        ("榮", "栄"),
        ("冨岡", "富岡"),
        ("一條", "一条"),
        ("德永", "徳永"),
        ("神谷", "神谷"),
        ("圡屋", "土屋"),
        ("𠮷野", "吉野"),
        ("淸水", "清水"),
        ("黑澤", "黒沢"),
        ("瀨戶", "瀬戸"),
        ("靑栁", "青柳"),
        ("鄕", "郷"),
        ("斉藤", "斎藤"),
        ("ﾊﾟﾋﾟ", "ぱぴ"),
        ("Ｙａｍａｄａ", "yamada"),
    ],
)
def test_plain(a: str, b: str) -> None:
    """Glyphs of one character, marks of repetition, small kana between kanji are one."""
    assert plain(a) == plain(b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("ou", "o"),
        ("Ōta", "Oota"),
        ("Ôta", "Ohta"),
        ("Yūki", "Yuuki"),
        ("Jun'ichi", "Junichi"),
        ("Jun’ichi", "Zyuniti"),
        ("Hatchi", "Hacchi"),
        ("Issei", "Isei"),
        ("Kanna", "Kana"),
        ("Shimpei", "Sinpei"),
        ("Homma", "Honma"),
        ("Chizuru", "Tiduru"),
        ("みづき", "Mizuki"),
        ("ちづる", "Chizuru"),
        ("ゐのうえ", "Inoue"),
        ("きょうこ", "Kyoko"),
        ("ジュン", "Jun"),
        ("ヴィ", "bi"),
        ("さとー", "Sato"),
    ],
)
def test_romaji(a: str, b: str) -> None:
    """Systems of romanisation, long vowels, doubled letters and kana come to one."""
    assert romaji(a) == romaji(b)


@given(
    st.text(
        "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほんがぎゃゅょっー", max_size=8
    )
)
def test_spoken(kana: str) -> None:
    """The fast way to fold kana gives what the slow one gives."""
    assert spoken(kana) == romaji(kana)


@pytest.mark.parametrize(
    ("sound", "expected"),
    [("yamada", True), ("zyuniti", True), ("ken", True), ("smith", False), ("bell", False)],
)
def test_looks_japanese(sound: str, expected: bool) -> None:
    """What consists of Japanese syllables may be looked up as a Japanese name."""
    assert looks_japanese(sound) is expected


def test_glyphs() -> None:
    """No glyph is mapped to one that is itself mapped, and the older table is kept whole."""
    assert VARIANTS.items() <= GLYPHS.items()
    assert not {ord(to) for to in GLYPHS.values()} & set(GLYPHS)


def test_families() -> None:
    """Glyphs of one character are one family's; 斎藤 and 斉藤 are two, though found together."""
    assert one_family("齋藤", "斎藤")
    assert not one_family("斉藤", "斎藤")
    assert not one_family("坂本", "阪本")
