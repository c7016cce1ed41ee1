"""Rows found in text: all that leave, none that do not."""

# ruff: noqa: E501, S311 -- rows of invented data, each best read on one line

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import crowd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guard.lists.build import build
from guard.lists.columns import assign
from guard.lists.hits import Ours
from guard.lists.index import ListIndex
from guard.lists.paths import index_path
from guard.lists.prepared import Prepared
from guard.lists.scan import EMAILS_ALONE, STAFF, Search
from guard.model.address import Address
from guard.model.extract import Passage

SIZE = 1500
ALONE = ["all e-mails, nothing else"]


@pytest.fixture(scope="module")
def japanese(tmp_path_factory: pytest.TempPathFactory) -> ListIndex:
    return crowd.make_index(tmp_path_factory.mktemp("ja"), crowd.japanese(7, SIZE))[0]


@pytest.fixture(scope="module")
def western(tmp_path_factory: pytest.TempPathFactory) -> ListIndex:
    return crowd.make_index(tmp_path_factory.mktemp("en"), crowd.western(7, SIZE))[0]


@pytest.mark.parametrize("form", crowd.JAPANESE_FORMS)
def test_recall_japanese(japanese: ListIndex, form: str) -> None:
    """Every row is found in each form, and no other."""
    _recall(japanese, crowd.japanese(7, SIZE), crowd.JAPANESE_FORMS[form], form)


@pytest.mark.parametrize("form", crowd.WESTERN_FORMS)
def test_recall_western(western: ListIndex, form: str) -> None:
    """Every row is found in each form, and no other."""
    _recall(western, crowd.western(7, SIZE), crowd.WESTERN_FORMS[form], form)


def _recall(
    index: ListIndex,
    people: list[crowd.Person],
    form: Callable[[Sequence[crowd.Person]], str],
    name: str,
) -> None:
    hits = crowd.found(index, form(people[100:160]))
    assert sorted(hit.row for hit in hits) == list(range(101, 161))
    for place in range(100, 110):
        rows = [hit.row for hit in crowd.found(index, form([people[place]]))]
        assert rows == ([] if name in ALONE else [place + 1])


def test_no_false_alarms(japanese: ListIndex, western: ListIndex) -> None:
    """Business mails of other people, with names of the same pool, alarm never."""
    for mail in crowd.innocent(40, 400):
        assert crowd.found(japanese, mail) == ()
        assert crowd.found(western, mail) == ()


PROSE = (
    "お世話になっております。来週の打合せについて、佐藤太郎様と鈴木花子様のご予定を伺えますでしょうか。"
    "資料は20部、費用は123,456円の見込みです。2026年11月23日までにお返事いただければ幸いです。\n"
    "We shall meet John Smith and Mary Brown on 23 November 2026 at 10:30; the order 123456 has 78 parts.\n"
)


def test_names_alone_never_alarm(japanese: ListIndex, western: ListIndex) -> None:
    """Names, dates and numbers of everybody's are no row, however many there are."""
    text = PROSE + "\n".join(f"{p.name}様 {p.company}" for p in crowd.japanese(7, 300))
    assert crowd.found(japanese, text) == ()
    assert crowd.found(western, PROSE + "\n".join(p.name for p in crowd.western(7, 300))) == ()


def test_phones_alone_never_alarm(japanese: ListIndex) -> None:
    """Numbers are hit by chance: without a second field they say nothing."""
    people = crowd.japanese(7, SIZE)
    assert crowd.found(japanese, "\n".join(p.phone for p in people)) == ()


@pytest.mark.parametrize(("count", "found"), [(EMAILS_ALONE - 1, 0), (EMAILS_ALONE, EMAILS_ALONE)])
def test_emails_alone_count_from_ten(japanese: ListIndex, count: int, found: int) -> None:
    """One address is a contact, ten are a list; such hits have one field."""
    people = crowd.japanese(7, SIZE)
    hits = crowd.found(japanese, "; ".join(p.email for p in people[:count]))
    assert [hit.fields for hit in hits] == [("email",)] * found


@pytest.mark.parametrize(("count", "found"), [(9, 0), (10, 10)])
def test_a_list_of_emails_alone(tmp_path: Path, count: int, found: int) -> None:
    """A newsletter's list has nothing but addresses, and is a list."""
    index = _listed(tmp_path, "メール", [(f"u{n}@firm{n}.example",) for n in range(30)])
    text = "\n".join(f"u{n}@firm{n}.example" for n in range(count))
    assert len(crowd.found(index, text)) == found


def test_emails_of_recipients_are_no_list(japanese: ListIndex) -> None:
    """Addresses that the mail goes to anyway may stand in its text."""
    people = crowd.japanese(7, SIZE)[: EMAILS_ALONE + 5]
    recipients = [Address.parse(person.email) for person in people[:6]]
    text = "To: " + ", ".join(person.email for person in people)
    assert crowd.found(japanese, text, recipients=recipients) == ()


def test_name_within_the_email_is_no_second_field(tmp_path: Path) -> None:
    """john.smith@… says its name and its company by itself."""
    person = replace(
        crowd.western(7, 1)[0],
        first="John",
        last="Smith",
        company="Acme",
        email="john.smith@acme.example",
    )
    index, _ = crowd.make_index(tmp_path, [person])
    for text in (
        "john.smith@acme.example",
        "write to <john.smith@acme.example>, or mailto:john.smith@acme.example",
        "x" * 380 + " john.smith@acme.example " + "y" * 380,
        "x" * 395 + " john.smith@acme.example",
    ):
        assert crowd.found(index, text) == ()
    assert len(crowd.found(index, "John Smith <john.smith@acme.example>")) == 1


@pytest.mark.parametrize(
    ("gap", "hits"),
    [
        pytest.param("\n", 1, id="next line"),
        pytest.param("\n" + "資料の件です。\n" * 20, 1, id="some lines"),
        pytest.param("\n" + "資料の件です。\n" * 300, 0, id="far away"),
        pytest.param("資料の件です。" * 200, 1, id="same line"),
        pytest.param("資料の件です。" * 2000, 0, id="endless line"),
    ],
)
def test_nearby(japanese: ListIndex, gap: str, hits: int) -> None:
    """The second field stands on the same line or within some hundred characters."""
    person = crowd.japanese(7, SIZE)[5]
    assert len(crowd.found(japanese, f"{person.email}{gap}{person.last}{person.first}")) == hits
    assert len(crowd.found(japanese, f"{person.last}{person.first}{gap}{person.email}")) == hits


def test_second_field_of_another_row(japanese: ListIndex) -> None:
    """The name of one row beside the telephone of another is no row."""
    people = crowd.japanese(7, SIZE)
    other = next(p for p in people if p.last != people[0].last)
    assert crowd.found(japanese, f"{other.last}{other.first} {people[0].phone}") == ()


@pytest.mark.parametrize("name", ["{0.last}{0.first}", "{0.last}様", "{0.kana}"])
def test_exchanged_telephones(japanese: ListIndex, name: str) -> None:
    """Of names that each stand beside another's telephone, no row is certain."""
    chosen = {person.last: person for person in crowd.japanese(7, SIZE)}
    people = list(chosen.values())[:4]
    names = [name.format(person) for person in people]
    phones = [person.phone for person in people]

    def rows(telephones: Sequence[str], between: str = "\n") -> int:
        lines = (f"{who} {phone}" for who, phone in zip(names, telephones, strict=False))
        return len(crowd.found(japanese, between.join(lines)))

    assert rows(phones) == 4
    assert rows([phones[1], phones[0]]) == 0
    assert rows([phones[3], *phones[:3]]) == 0
    assert rows([phones[1], phones[0]], "\n資料の件です。\n") == 0


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param(["{0.name}\n", "{0.phone} "], id="name, line break, phone"),
        pytest.param(["{0.phone}\n", "{0.name} "], id="phone, line break, name"),
        pytest.param(["{0.name}\n{0.phone}\n"], id="a cell a line"),
        pytest.param(["{0.name} {0.born}\n", "{0.id} {0.phone} "], id="wrapped"),
    ],
)
def test_records_across_lines(japanese: ListIndex, cells: list[str]) -> None:
    """A neighbour's name on the line takes nothing from a record that a line break parts."""
    people = crowd.japanese(7, SIZE)[20:30]
    text = "".join(cell.format(person) for person in people for cell in cells)
    assert len(crowd.found(japanese, text)) == 10


def test_names_in_one_line_and_telephones_in_the_next(japanese: ListIndex) -> None:
    """Where the line of a telephone names nobody, those of the line before may be meant."""
    one, other = crowd.japanese(7, SIZE)[5], crowd.japanese(7, SIZE)[9]
    text = f"{one.name}様、{other.name}様\n電話は順に {one.phone}、{other.phone}"
    assert len(crowd.found(japanese, text)) == 2


def test_shared_desk(tmp_path: Path) -> None:
    """Of a company's people with one telephone, only those are found that are named."""
    people = [
        replace(
            person, phone="03-5555-0000", company="株式会社北商事", address="東京都港区本町1-2-3"
        )
        for person in crowd.japanese(11, 12)
    ]
    people = [replace(p, first=f"{'一二三四五六七八九十百千'[n]}郎") for n, p in enumerate(people)]
    index, _ = crowd.make_index(tmp_path, people)
    signature = "株式会社北商事\n東京都港区本町1-2-3\nTEL 03-5555-0000\n"
    assert crowd.found(index, signature) == ()
    hits = crowd.found(index, f"{people[4].last}{people[4].first}様\n{signature}")
    assert [hit.row for hit in hits] == [5]


def test_weak_customer_numbers(tmp_path: Path) -> None:
    """A number that anything hits needs two more fields, or a table of such rows."""
    people = [replace(person, id=str(1001 + n)) for n, person in enumerate(crowd.japanese(3, 60))]
    index, _ = crowd.make_index(tmp_path, people)
    one = people[7]
    assert crowd.found(index, f"{one.id} {one.name}") == ()
    assert len(crowd.found(index, f"{one.id} {one.name} {one.company}")) == 1
    table = "\n".join(f"{person.id}\t{person.name}" for person in people[:30])
    assert len(crowd.found(index, table)) == 30


@pytest.mark.parametrize(
    ("headers", "row", "text"),
    [
        ("姓,名,メール", "山田,太郎,taro@kita.example", "山田太郎 taro@kita.example"),
        ("セイ,メイ,電話", "ヤマダ,タロウ,03-1234-5678", "ﾔﾏﾀﾞ ﾀﾛｳ (03)1234-5678"),
        ("last,first,email", "Smith,John,js@acme.example", "John Smith, js@acme.example"),
        ("氏名,電話,携帯", "山田太郎,03-1234-5678,090-1111-2222", "山田太郎 090 1111 2222"),
        (
            "name,email,email2",
            "John Smith,a@acme.example,b@acme.example",
            "John Smith b@acme.example",
        ),
        ("name,email", "John Smith,a@acme.example;b@acme.example", "John Smith b@acme.example"),
        ("会社名,メール", "㈱北商事,taro@kita.example", "北商事 taro@kita.example"),
    ],
)
def test_columns_of_lists(tmp_path: Path, headers: str, row: str, text: str) -> None:
    """Parts of names join, and every telephone and address of a row leads to it."""
    columns = assign(headers.split(","), [], {}, "x.csv")
    build(
        [(1, row.split(","))],
        columns,
        folder=tmp_path,
        name="x",
        key=crowd.KEY,
        key_id="k1",
        now=crowd.NOW,
    )
    index = ListIndex.open(index_path(tmp_path, "x"), crowd.KEY, "k1")
    assert [hit.row for hit in crowd.found(index, text)] == [1]


def test_list_of_companies_and_names(tmp_path: Path) -> None:
    """A list without any number is found by its companies, each with its person."""
    people = crowd.japanese(7, 200)
    columns = assign(["会社名", "氏名"], [], {}, "x.csv")
    rows = [(n, [f"株式会社{p.first}{p.last}商店", p.name]) for n, p in enumerate(people, start=1)]
    build(
        rows, columns, folder=tmp_path, name="x", key=crowd.KEY, key_id="k1", now=crowd.NOW
    )  # fmt: skip
    index = ListIndex.open(index_path(tmp_path, "x"), crowd.KEY, "k1")
    text = "\n".join(f"{cells[0]}\t{cells[1]}" for _, cells in rows)
    found = {hit.row for hit in crowd.found(index, text)}
    assert len(found) == len({tuple(cells) for _, cells in rows})
    assert crowd.found(index, "\n".join(person.name for person in people)) == ()
    assert crowd.found(index, PROSE * 20) == ()


def test_one_row_is_one_hit(japanese: ListIndex) -> None:
    """A row that stands in a text often counts once, at its first place."""
    person = crowd.japanese(7, SIZE)[3]
    line = f"{person.name},{person.email},{person.phone}\n"
    hits = crowd.found(japanese, "\n" + line * 50)
    assert [(hit.row, hit.line) for hit in hits] == [(4, 2)]


def test_limit(japanese: ListIndex) -> None:
    """At the limit the search ends, over all texts together, and says so."""
    people = crowd.japanese(7, SIZE)
    text = Prepared(Passage(place="", text=crowd.JAPANESE_FORMS["csv"](people[:60])))
    search = Search(japanese, max_rows=100)
    first, second, third = search.hits(text), search.hits(text), search.hits(text)
    assert (len(first), len(second), len(third)) == (60, 40, 0)
    assert [hit.more for hit in (*first, *second)] == [False] * 99 + [True]
    assert not any(hit.more for hit in Search(japanese, max_rows=100).hits(text))


def test_own_rows_do_not_use_up_the_limit(tmp_path: Path) -> None:
    """A recipient's own rows, however many, hide no rows of others behind them."""
    own = [
        replace(p, email=f"x{n}@kita-shoji.example") for n, p in enumerate(crowd.japanese(1, 30))
    ]
    others = crowd.japanese(2, 5)
    index, _ = crowd.make_index(tmp_path, [*own, *others])
    recipient = Address.parse("keiri@kita-shoji.example")
    hits = crowd.found(
        index, crowd.JAPANESE_FORMS["csv"]([*own, *others]), recipients=[recipient], max_rows=5
    )
    assert [hit.row for hit in hits] == list(range(1, 36))
    assert [hit.row for hit in hits if not hit.belongs_to] == [31, 32, 33, 34, 35]


def test_places_and_samples(japanese: ListIndex) -> None:
    """A hit says where its row stands, and shows it masked."""
    person = replace(crowd.japanese(7, SIZE)[0])
    text = f"見出し\n\n{person.name}\t{person.phone}"
    passage = Passage(place="sheet “顧客”", text=text, first_row=5)
    (hit,) = Search(japanese).hits(Prepared(passage))
    assert (hit.place, hit.line, hit.number) == ("sheet “顧客”", 3, 7)
    assert hit.fields == ("phone", "name")
    assert (
        hit.sample
        == f"{person.last[:2]}{'○' * len(person.first)} {person.phone[:3]}-****-{person.phone[-4:]}".replace(
            f"{person.phone[:3]}-", f"{person.phone.split('-')[0][:3]}-"
        )
    )


@pytest.mark.parametrize("form", crowd.JAPANESE_FORMS)
def test_samples_show_no_value(japanese: ListIndex, form: str) -> None:
    """No whole value is ever shown."""
    people = crowd.japanese(7, SIZE)[200:230]
    for hit in crowd.found(japanese, crowd.JAPANESE_FORMS[form](people)):
        person = crowd.japanese(7, SIZE)[hit.row - 1]
        digits = "".join(filter(str.isdigit, person.phone))
        for value in (person.name, person.email, person.phone, digits, person.kana, person.address):
            assert value not in hit.sample
            assert value.replace(" ", "") not in hit.sample.replace(" ", "")


@pytest.mark.parametrize(
    ("recipient", "company", "own"),
    [
        pytest.param("taro@kita-shoji.example", "", True, id="same address"),
        pytest.param("TARO@Kita-Shoji.example", "", True, id="another case"),
        pytest.param("keiri@kita-shoji.example", "", True, id="same domain"),
        pytest.param("keiri@tokyo.kita-shoji.example", "", True, id="below the domain"),
        pytest.param("keiri@minami.example", "", False, id="another domain"),
        pytest.param("keiri@kita-syoji.example", "", False, id="resembling domain"),
        pytest.param("taro.private@gmail.com", "(株)北商事", True, id="known company"),
        pytest.param("taro.private@gmail.com", "南工業", False, id="another company"),
    ],
)
def test_whose_row(tmp_path: Path, recipient: str, company: str, own: bool) -> None:
    """A row belongs to its person and to the people of its company."""
    person = replace(
        crowd.japanese(7, 1)[0], email="taro@kita-shoji.example", company="株式会社北商事"
    )
    index, _ = crowd.make_index(tmp_path, [person])
    address = Address.parse(recipient)
    others = Address.parse("someone@nishi.example")
    (hit,) = crowd.found(
        index,
        f"{person.name} {person.email}",
        recipients=[others, address],
        companies={address.key: company},
    )
    assert hit.belongs_to == ({address.key} if own else frozenset())


def test_free_mail_is_no_company(tmp_path: Path) -> None:
    """Two people with addresses at one free provider have nothing in common."""
    person = replace(crowd.japanese(7, 1)[0], email="taro@gmail.com", company="")
    index, _ = crowd.make_index(tmp_path, [person])
    other, same = Address.parse("hanako@gmail.com"), Address.parse("taro@gmail.com")
    (hit,) = crowd.found(index, f"{person.name} {person.email}", recipients=[other, same])
    assert hit.belongs_to == {same.key}


def test_a_signature_is_no_row(tmp_path: Path) -> None:
    """The sender's own row never counts, and rows of our own people from ten on only."""
    staff = [replace(p, email=f"s{n}@ours.example") for n, p in enumerate(crowd.japanese(1, 12))]
    others = crowd.japanese(2, 5)
    index, _ = crowd.make_index(tmp_path, [*staff, *others])
    ours = Ours(sender=Address.parse("s0@ours.example"), domains=frozenset({"ours.example"}))
    form = crowd.JAPANESE_FORMS["csv"]

    def rows(people: Sequence[crowd.Person]) -> list[int]:
        return [hit.row for hit in crowd.found(index, form(people), ours=ours)]

    assert rows([*staff[:STAFF], *others]) == [13, 14, 15, 16, 17]
    assert rows([*staff[: STAFF + 1], *others])[:-5] == list(range(2, STAFF + 2))
    assert [hit.row for hit in crowd.found(index, form(staff[:2]))] == [1, 2]


NAMES = [f"{last}{first}" for last in crowd.SURNAMES for first in crowd.GIVEN]


def _listed(folder: Path, headers: str, rows: list[tuple[str, ...]]) -> ListIndex:
    columns = assign(headers.split(","), [], {}, "x.csv")
    build(
        enumerate(rows, start=1), columns, folder=folder, name="x", key=crowd.KEY, key_id="k1",
        now=crowd.NOW,
    )  # fmt: skip
    return ListIndex.open(index_path(folder, "x"), crowd.KEY, "k1")


def test_order_numbers_are_no_customers(tmp_path: Path) -> None:
    """Numbers from where customer numbers are, beside names that many have, are no rows."""
    r = random.Random(3)
    rows = [(str(100_000 + 3 * n), r.choice(NAMES), f"会社{r.randrange(10)}") for n in range(3000)]
    index = _listed(tmp_path, "顧客番号,氏名,会社名", rows)
    orders = [
        f"伝票 {r.randrange(100_000, 109_000)} {r.choice(NAMES)}様 4321円" for _ in range(500)
    ]
    assert len(crowd.found(index, "\n".join(orders))) <= 1
    leaked = rows[500:560]
    found = crowd.found(index, "\n".join(f"{row[0]} {row[1]}" for row in leaked))
    assert [hit.row for hit in found] == list(range(501, 561))


def test_a_table_of_short_numbers(tmp_path: Path) -> None:
    """Numbers of four digits with common names are rows where there are many, and only then."""
    r = random.Random(4)
    rows = [(str(1000 + 4 * n), r.choice(NAMES)) for n in range(2000)]
    index = _listed(tmp_path, "顧客番号,氏名", rows)
    table = "\n".join(f"{row[0]} {row[1]}" for row in rows[300:400])
    assert [hit.row for hit in crowd.found(index, table)] == list(range(301, 401))
    assert crowd.found(index, f"{rows[77][0]} {rows[77][1]}") == ()
    others = "\n".join(f"{r.randrange(1000, 9999)} {r.choice(NAMES)}" for _ in range(100))
    assert crowd.found(index, others) == ()


def test_a_shared_telephone_and_names_on_every_line(tmp_path: Path) -> None:
    """Of people with one telephone each is found on the line of the own name, and no other."""
    r = random.Random(5)
    rows = [(r.choice(NAMES), f"03-{5000 + r.randrange(600)}-0000") for _ in range(3000)]
    rows = list(dict.fromkeys(rows))
    index = _listed(tmp_path, "氏名,電話", rows)
    text = "\n".join(f"{row[0]} {row[1]}" for row in rows[500:560])
    assert [hit.row for hit in crowd.found(index, text)] == list(range(501, 561))


def test_possible_rows_are_told_apart(tmp_path: Path) -> None:
    """A weak number with a name is no row for certain, and yet it may be one."""
    people = [replace(person, id=str(1001 + n)) for n, person in enumerate(crowd.japanese(3, 60))]
    index, _ = crowd.make_index(tmp_path, people)
    text = Prepared(Passage(place="", text=f"{people[7].id} {people[7].name}"))
    (hit,) = Search(index).hits(text)
    assert (hit.row, hit.certain) == (8, False)


@settings(deadline=None)
@given(st.text(alphabet=st.characters(), max_size=300))
def test_any_text_is_searched(japanese: ListIndex, text: str) -> None:
    """No text is too odd, and none that is made up holds a row."""
    assert crowd.found(japanese, text) == ()


@settings(deadline=None)
@given(before=st.text(max_size=80), after=st.text(max_size=80), row=st.integers(0, SIZE - 1))
def test_found_between_anything(japanese: ListIndex, before: str, after: str, row: int) -> None:
    """A row is found whatever stands on the lines around it."""
    person = crowd.japanese(7, SIZE)[row]
    text = f"{before}\n{person.last}{person.first} {person.email}\n{after}"
    assert row + 1 in {hit.row for hit in crowd.found(japanese, text)}


@pytest.mark.parametrize(
    "text",
    ["@" * 20000, "a" * 200000, "1" * 200000, "1-" * 50000, "a-" * 50000, "1 " * 50000, "(" * 50000, "ア" * 50000,
     "a@b.c" * 5000, "\n" * 100000, "山" * 50000],
    ids=["at", "letters", "digits", "hyphened digits", "hyphened letters", "spaced digits", "brackets", "kana",
         "addresses", "line feeds", "kanji"],
)  # fmt: skip
def test_monotonous_texts_end(japanese: ListIndex, text: str) -> None:
    """Texts that drive patterns back and forth are searched in the suite's time limit."""
    assert crowd.found(japanese, text) == ()
