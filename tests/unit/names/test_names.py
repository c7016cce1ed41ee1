"""How alike two names, two domains and two addresses are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.names.compare import Alike, alike, compare
from guard.names.domains import domain, skeleton, slip
from guard.names.fold import person, plain, romaji
from guard.names.likeness import KINDS, Face, likeness
from guard.names.readings import SURNAMES


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("ﾔﾏﾀﾞ", "やまだ"),
        ("Ｓａｔｏ", "sato"),
        ("髙橋", "高橋"),
        ("山﨑", "山崎"),
        ("渡邉", "渡辺"),
        ("渡邊", "渡辺"),
        ("齋藤", "斎藤"),
        ("齊藤", "斉藤"),
        ("濵田", "浜田"),
        ("廣澤", "広沢"),
        ("中嶋", "中島"),
        ("Müller", "muller"),
        ("Łukasz", "lukasz"),
    ],
)
def test_plain(a: str, b: str) -> None:
    """Width, case, accents, kana script and kanji variants make no difference."""
    assert plain(a) == plain(b)


def test_plain_keeps_sounds_apart() -> None:
    """A voiced kana is another sound, not an accent."""
    assert plain("かと") != plain("がと")


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Ohno", "Ono"),
        ("Oono", "Ōno"),
        ("Satou", "Sato"),
        ("Shoji", "Syoji"),
        ("Sasaki Shinya", "Sasaki Sinya"),
        ("Tsuchiya", "Tutiya"),
        ("Fujii", "Huzi"),
        ("Namba", "Nanba"),
        ("Junichi", "Zyuniti"),
        ("Hattori", "Hatori"),
        ("ふじい", "Fujii"),
    ],
)
def test_romaji(a: str, b: str) -> None:
    """Ways to write one Japanese sound are folded to one."""
    assert romaji(a) == romaji(b)


@pytest.mark.parametrize(("a", "b"), [("Sato", "Saito"), ("Ota", "Oda"), ("Hoshino", "Oshino")])
def test_romaji_keeps_names_apart(a: str, b: str) -> None:
    """Other sounds stay other names."""
    assert romaji(a) != romaji(b)


@pytest.mark.parametrize(
    ("written", "words", "surname"),
    [
        ("山田太郎", ["山田", "太郎"], 0),
        ("山田　太郎 様", ["山田", "太郎"], 0),
        ("営業部 佐藤 健", ["佐藤", "健"], 0),
        ("Yamada, Taro", ["yamada", "taro"], 0),
        ("Taro YAMADA", ["taro", "yamada"], 1),
        ("Yamada Taro", ["yamada", "taro"], 0),
        ("Dr. Ann Bell (Sales)", ["ann", "bell"], 1),
        ("Bell, Ann / North", ["bell", "ann"], 0),
        ("someone@example.com", [], None),
        ("", [], None),
    ],
)
def test_person(written: str, words: list[str], surname: int | None) -> None:
    """Titles, posts and remarks go; the surname is found where it can be."""
    read = person(written)

    assert ([word.text for word in read.words], read.surname) == (words, surname)


@pytest.mark.parametrize(
    ("a", "b", "expected", "kind"),
    [
        ("山田太郎", "Taro Yamada", Alike.SAME, "same_reading"),
        ("ヤマダ タロウ", "山田 太郎", Alike.SAME, "same_reading"),
        ("髙橋 健一", "高橋健一", Alike.SAME, "kanji_variant"),
        ("高橋 健一", "高橋健一", Alike.SAME, "same_name"),
        ("Yamada, Taro", "taro yamada", Alike.SAME, "same_name"),
        ("Joe Reynolds", "Joseph Reynolds", Alike.SAME, "nickname"),
        ("T. Yamada", "Taro Yamada", Alike.SAME, "initials"),
        ("tyamada", "山田 太郎", Alike.SAME, "initials"),
        ("yamadat", "Taro Yamada", Alike.SAME, "initials"),
        ("taro_y", "Taro Yamada", Alike.SAME, "initials"),
        ("t.yamada", "yamada.taro", Alike.SAME, "initials"),
        ("佐藤 健一", "佐藤 健二", Alike.CONFUSABLE, "same_surname"),
        ("k.sato", "k.saito", Alike.CONFUSABLE, "near_name"),
        ("Ann Bell", "Ann Ball", Alike.CONFUSABLE, "near_name"),
        ("Ann Bell", "Ann Kowalski", Alike.UNRELATED, "same_given"),
        ("鈴木 花子", "田中 一郎", Alike.UNRELATED, "similar"),
        ("健", "剛", Alike.UNRELATED, "similar"),
    ],
)
def test_alike(a: str, b: str, expected: Alike, kind: str) -> None:
    """Names are compared word by word, in any order, and the way in which they agree is named."""
    found = alike(a, b)

    assert (found.alike, found.kind) == (expected, kind)
    assert alike(b, a) == found


def test_same_scores_above_confusable() -> None:
    """The same person scores above a confusable one, and that one above a stranger."""
    same = alike("T. Yamada", "Taro Yamada").score
    near = alike("佐藤 健一", "佐藤 健二").score
    far = alike("佐藤 健一", "田中 花子").score

    assert same > near > far


@given(st.text(max_size=40), st.text(max_size=40))
def test_compare_any_text(a: str, b: str) -> None:
    """Any two texts can be compared, both ways alike, with a score from 0 to 1."""
    found = compare(person(a), person(b))

    assert 0 <= found.score <= 1
    assert compare(person(b), person(a)) == found


@pytest.mark.parametrize(
    ("a", "b", "kind"),
    [
        ("kita-syoji.example", "kita-shoji.example", "romanisation"),
        ("abc.com", "abc.co.jp", "tld_swap"),
        ("acrne.com", "acme.com", "homoglyph"),
        ("асme.com", "acme.com", "homoglyph"),
        ("g00d.example", "good.example", "homoglyph"),
        ("exmaple.com", "example.com", "typo"),
        ("arnd.example", "arndb.example", "typo"),
        ("nishi.example", "nishi.exampl", "tld_swap"),
        ("mailnorth.example", "mail.north.example", "typo"),
        ("gmial.com", "gmail.com", "doppelganger"),
        ("us.north.example", "north.example", "subdomain"),
        ("north.example.com", "north.example", "prolonged"),
        ("north.co.jp.example.net", "north.co.jp", "prolonged"),
        ("a-sangyo.example", "b-sangyo.example", None),
        ("ibm.example", "ibn.example", None),
        ("yahoo.co.jp", "outlook.com", None),
        ("north.example", "minami.example", None),
    ],
)
def test_slip(a: str, b: str, kind: str | None) -> None:
    """Each slip in a domain has its name; two short or numbered names are not a slip."""
    found = slip(a, b)

    assert (found and found[0]) == kind


def test_registrable() -> None:
    """Public suffixes are ICANN's alone: what is hosted under one provider is one company."""
    assert domain("mail.abc.co.jp").registrable == "abc.co.jp"
    assert domain("one.pages.dev").registrable == "pages.dev"
    assert domain("localhost").registrable == "localhost"


def test_skeleton_is_stable() -> None:
    """Folding what is folded changes nothing more."""
    for text in ("kerne1.org", "rnail.example", "тоkyо.example", "vvest.example"):
        assert skeleton(skeleton(text)) == skeleton(text)


def face(text: str) -> Face:
    """Read ``Name <address>`` or a bare address."""
    name, _, address = text.rpartition("<")
    local, _, host = address.rstrip(">").partition("@")
    return Face(local, host, name.strip())


@pytest.mark.parametrize(
    ("a", "b", "kind", "closeness"),
    [
        ("sato@kita-syoji.example", "sato@kita-shoji.example", "romanisation", 98),
        ("sales@acrne.com", "sales@acme.com", "homoglyph", 100),
        ("yamda@minato.example", "yamada@minato.example", "typo_local", 89),
        ("Ken Sato <ksato@north.example>", "佐藤 健 <sato@south.example>", "same_reading", 96),
        ("info@north.example", "info@south.example", "shared_box", 92),
        ("hiro@north.example", "hiro@south.example", "same_local", 92),
        ("佐藤 花子 <hs@north.example>", "佐藤 健 <ks@south.example>", "same_surname", 93),
    ],
)
def test_likeness(a: str, b: str, kind: str, closeness: int) -> None:
    """Two mailboxes are alike by the part that is nearest, which is named."""
    found = likeness(face(a), face(b))

    assert found is not None
    assert found.kind == kind
    assert found.closeness == pytest.approx(closeness, abs=2)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("suzuki@north.example", "tanaka@south.example"),
        ("user1@north.example", "user2@south.example"),
        ("sato+x@north.example", "sato@north.example"),
        ("sato+x@north.example", "sato+y@north.example"),
    ],
)
def test_unlike(a: str, b: str) -> None:
    """Most pairs of people are not alike, or hardly."""
    found = likeness(face(a), face(b))

    assert found is None or found.kind == "similar" or found.closeness < 88


_NAMES = st.sampled_from(["", "佐藤 健", "Ann Bell", "Bell, Ann", *list(SURNAMES)[:20]])
_LOCALS = st.text("abcdeo01._-", min_size=1, max_size=12)


@given(_LOCALS, _LOCALS, _NAMES, _NAMES)
def test_likeness_both_ways(a: str, b: str, one: str, two: str) -> None:
    """Likeness is the same from both sides, of a known kind, and closeness is 0 to 100."""
    first, second = Face(a, "north.example", one), Face(b, "nroth.example", two)
    found = likeness(first, second)

    assert likeness(second, first) == found
    if found is not None:
        assert found.kind in KINDS
        assert 0 <= found.closeness <= 100
