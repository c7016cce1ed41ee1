"""A surname or given name alone beside what one row has: it confirms, and alone it is nothing."""

import csv
import random
from pathlib import Path

import crowd
import pytest

from guard.lists.build import build
from guard.lists.columns import assign
from guard.lists.index import ListIndex
from guard.lists.paths import index_path

SIZE = 3000
JAPANESE = [
    "{last}様 {phone}",
    "{last} {phone}",
    "・{last}さん（{phone}）：折返し済み",
    "担当の{last}さんの会員番号は{id}です。",
    "{last}部長 <{email}>",
    "{first}さん {phone}",
    "{last}様\n\nお世話になっております。\nご登録の番号は{phone}です。",
    "〒{postcode}\n{address}\n{last} 様",
]
WESTERN = [
    "Dear Mr {last},\n\nplease confirm {phone} as your number.",
    "Dear Mr Adam-{last},\n\nplease confirm {phone}.",
    "Dear Ms de {last},\n\nplease confirm {phone}.",
    "{last}, {phone}",
    "- Ms. {last}: {phone}",
    "{last} <{email}>",
    "{id} {last}",
    "{first}, {phone}",
    "{initial}. {last} {phone}",
    "please call {upper} on {phone}",
    "{last}, {address}, {postcode}",
]


@pytest.fixture(scope="module")
def indexes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ListIndex]:
    folder = tmp_path_factory.mktemp("surnames")
    return {
        name: crowd.make_index(folder, people, name=name)[0]
        for name, people in (("ja", crowd.japanese(7, SIZE)), ("en", crowd.western(8, SIZE)))
    }


@pytest.mark.parametrize(
    ("language", "form"),
    [*(("ja", form) for form in JAPANESE), *(("en", form) for form in WESTERN)],
)
def test_a_part_of_the_name_confirms(
    indexes: dict[str, ListIndex], language: str, form: str
) -> None:
    """One row alone is found, and no other."""
    people = crowd.japanese(7, SIZE) if language == "ja" else crowd.western(8, SIZE)
    for row in (4, 400, 2000):
        one = people[row]
        text = form.format(
            last=one.last, first=one.first, initial=one.first[0], upper=one.last.upper(),
            phone=one.phone, id=one.id, email=one.email, postcode=one.postcode,
            address=one.address,
        )  # fmt: skip
        hits = crowd.found(indexes[language], text)
        assert [hit.row for hit in hits] == [row + 1], text
        assert not {"name", "kana"} & set(hits[0].fields)


@pytest.mark.parametrize(
    "form",
    [
        pytest.param("{other}様 {phone}", id="another surname"),
        pytest.param("{last}次郎様 {phone}", id="surname within another name"),
        pytest.param("大{last}川 {phone}", id="surname within a longer one"),
        pytest.param("{last}\n{phone}", id="surname alone on another line"),
        pytest.param("{last}様 {born}", id="beside a birthday"),
        pytest.param("{last}様 〒{postcode}", id="beside a postal code alone"),
    ],
)
def test_what_does_not_confirm(indexes: dict[str, ListIndex], form: str) -> None:
    """Letters within other words are no surname, and what many have is confirmed by no surname."""
    people = crowd.japanese(7, SIZE)
    one = next(person for person in people[10:] if person.last == "山田")
    text = form.format(
        last=one.last, other="森", phone=one.phone, postcode=one.postcode,
        born=crowd.era(one.born),
    )  # fmt: skip
    assert crowd.found(indexes["ja"], text) == ()


def test_words_are_no_surnames(indexes: dict[str, ListIndex]) -> None:
    """A word without a capital is a word, but behind a title."""
    people = crowd.western(8, SIZE)
    one = next(person for person in people if person.last == "Brown")
    assert crowd.found(indexes["en"], f"the brown one, {one.phone}") == ()
    assert len(crowd.found(indexes["en"], f"mr brown, {one.phone}")) == 1


def test_order_numbers_beside_surnames_are_no_rows(tmp_path: Path) -> None:
    """Numbers from where customer numbers are, beside surnames that many have, are no rows."""
    r = random.Random(3)  # noqa: S311 -- invented data
    rows = [
        (str(100_000 + 3 * n), f"{r.choice(crowd.SURNAMES)} {r.choice(crowd.GIVEN)}")
        for n in range(3000)
    ]
    index = _listed(tmp_path, "顧客番号,氏名", rows)
    orders = [
        f"伝票 {r.randrange(100_000, 109_000)} {r.choice(crowd.SURNAMES)}様 4321円"
        for _ in range(500)
    ]
    assert crowd.found(index, "\n".join(orders)) == ()
    for order in orders:
        assert crowd.found(index, order) == ()


def test_a_family_with_one_telephone(tmp_path: Path) -> None:
    """Whoever is named whole is meant; a surname names two at most."""
    names = ["山田 太郎", "山田 花子", "佐藤 一郎"]
    rows = [(name, "03-5555-1234") for name in names]
    index = _listed(tmp_path, "氏名,電話", [*rows, ("鈴木 健", "03-5555-9876")])

    def found(text: str) -> list[int]:
        return sorted(hit.row for hit in crowd.found(index, text))

    assert found("山田花子様 03-5555-1234") == [2]
    assert found("山田様 03-5555-1234") == [1, 2]
    assert found("佐藤様 03-5555-1234") == [3]
    assert found("花子さん 03-5555-1234") == [2]


@pytest.mark.parametrize(
    ("headers", "row", "text"),
    [
        ("氏名,電話", "長谷川健,03-1234-5678", "長谷川様 03-1234-5678"),
        ("氏名,電話", "東雲太郎,03-1234-5678", "東雲さん 03-1234-5678"),
        ("姓,名,電話", "小鳥遊,一,03-1234-5678", "小鳥遊さん 03-1234-5678"),
        ("フリガナ,電話", "ヤマダ タロウ,03-1234-5678", "やまださん 03-1234-5678"),
        ("name,phone", '"Smith, John",020 7946 0123', "Mr Smith: 020 7946 0123"),
        ("name,phone", "Dr. John Smith,020 7946 0123", "Mr Smith: 020 7946 0123"),
        ("last,first,phone", "de Souza,Ana,020 7946 0123", "Ms de Souza: 020 7946 0123"),
    ],
)
def test_surnames_of_lists(tmp_path: Path, headers: str, row: str, text: str) -> None:
    """A name is parted where the list does not."""
    (cells,) = csv.reader([row])
    index = _listed(tmp_path, headers, [tuple(cells)])
    assert [hit.row for hit in crowd.found(index, text)] == [1]


def _listed(folder: Path, headers: str, rows: list[tuple[str, ...]]) -> ListIndex:
    columns = assign(headers.split(","), [], {}, "x.csv")
    build(
        enumerate(rows, start=1), columns, folder=folder, name="x", key=crowd.KEY, key_id="k1",
        now=crowd.NOW,
    )  # fmt: skip
    return ListIndex.open(index_path(folder, "x"), crowd.KEY, "k1")
