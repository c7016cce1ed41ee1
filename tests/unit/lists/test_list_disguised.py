"""Values that are written for people, or for other programs, and are the same as in the list."""

import random
from pathlib import Path

import crowd
import pytest

from guard.lists.arrays import Spans
from guard.lists.build import build
from guard.lists.chunk import Chunk
from guard.lists.codes import ids
from guard.lists.columns import assign
from guard.lists.hashing import Hashing
from guard.lists.index import ListIndex, hashing_of
from guard.lists.paths import index_path
from guard.lists.places import addresses
from guard.lists.prepared import Prepared
from guard.lists.scan import Search
from guard.model.extract import Passage

SIZE = 300
KANJI = str.maketrans("0123456789", "〇一二三四五六七八九")
EMAILS = [
    "{local} @ {domain}",
    "{local}@ {domain}",
    "{local}%40{domain}",
    "https://crm.example/?m={local}%40{domain}&x=1",
    "{local}(at){domain}",
    "{local} [at] {domain}",
    "{local} [AT] {dotted}",
    "{local}（at）{domain}まで",
    "{local}<at>{domain}",
    "{parted}(at){domain}",
    "{local}+shop@{domain}",
    "mailto:{local}@{domain}?subject=x",
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> ListIndex:
    return crowd.make_index(tmp_path_factory.mktemp("disguised"), crowd.japanese(7, SIZE))[0]


@pytest.mark.parametrize("form", EMAILS)
def test_emails(index: ListIndex, form: str) -> None:
    """An address is found however its @ is written, and is no second field by its own letters."""
    for row in (5, 77, 150):
        one = crowd.japanese(7, SIZE)[row]
        local, _, domain = one.email.partition("@")
        written = form.format(
            local=local, domain=domain, dotted=domain.replace(".", " [dot] "),
            parted=local.replace(".", "(dot)"),
        )  # fmt: skip
        hits = crowd.found(index, f"{one.name} {written}")
        assert [hit.row for hit in hits] == [row + 1]
        assert "email" in hits[0].fields
        assert crowd.found(index, written) == ()


@pytest.mark.parametrize(
    "text", ["look at acme.example", "5 @ 3", "(at) [at]", "%40", "a@+b", "+@"]
)
def test_no_addresses(index: ListIndex, text: str) -> None:
    """What is no address is none."""
    assert crowd.found(index, text) == ()


def test_a_name_in_a_disguised_address_is_no_second_field(tmp_path: Path) -> None:
    """john.smith [at] … says its name by itself, as john.smith@… does."""
    index = _listed(tmp_path, "name,email", [("John Smith", "john.smith@acme.example")])
    for at in ("@", " [at] ", "%40", "(at)", " @ ", "+news@"):
        text = f"John.Smith{at}acme.example"
        assert crowd.found(index, text) == (), text
        assert len(crowd.found(index, f"J. Smith {text}")) == 1, text


@pytest.mark.parametrize("at", [" [at] ", "%40", " @ ", "(at)"])
def test_samples_show_little(index: ListIndex, at: str) -> None:
    """Of a disguised address one letter is shown."""
    one = crowd.japanese(7, SIZE)[5]
    local, _, domain = one.email.partition("@")
    (hit,) = crowd.found(index, f"{one.name} {local}{at}{domain}")
    assert domain not in hit.sample
    assert local[1:] not in hit.sample


def test_tags_of_the_list(tmp_path: Path) -> None:
    """taro+shop@… of the list is taro@… as well."""
    index = _listed(tmp_path, "name,email", [("山田太郎", "taro+shop@kita.example")])
    for email in ("taro@kita.example", "taro+shop@kita.example", "taro+x@kita.example"):
        assert len(crowd.found(index, f"山田太郎 {email}")) == 1
    assert crowd.found(index, "山田太郎 shop@kita.example") == ()


def test_telephones(index: ListIndex) -> None:
    """Kanji digits and の are read."""
    for row in (5, 77, 150):
        one = crowd.japanese(7, SIZE)[row]
        for written in (
            one.phone.translate(KANJI),
            one.phone.replace("-", "").translate(KANJI),
            one.phone.replace("-", "の"),
            one.phone.translate(KANJI).replace("-", "の"),
            one.phone.translate(KANJI).replace("-", "ー"),
        ):
            text = f"{one.name}様の電話は{written}です。二〇二六年のことです。"
            assert [hit.row for hit in crowd.found(index, text)] == [row + 1], written
            assert crowd.found(index, f"電話は{written}です。") == ()


def test_maiden_names(index: ListIndex) -> None:
    """A name of before in brackets does not part a name."""
    one = crowd.japanese(7, SIZE)[5]
    for inner in ("旧姓佐々木", "旧姓：佐々木", "旧姓 渡辺"):
        (hit,) = crowd.found(index, f"{one.last}（{inner}）{one.first} {one.phone}")
        assert (hit.row, "name" in hit.fields) == (6, True)


def _codes(text: str) -> set[str]:
    chunk = Chunk(text, _hashing())
    found = ids(chunk)
    return {
        "".join(filter(str.isalnum, chunk.letters.text(int(start), int(end))))
        for start, end in zip(found.start, found.end, strict=True)
    }


LONG = "x " * 20


@pytest.mark.parametrize(
    ("text", "code", "there"),
    [
        ("No. 1,234,567 is", "1234567", True),
        ("1,234", "1234", True),
        ("1,234,56", "123456", False),
        ("12,34", "1234", False),
        ("1234,567", "1234567", False),
        (f"{LONG}C-100\n> 23 x", "c10023", True),
        (f"{LONG}100\n>> 23456", "10023456", True),
        (f"{LONG}C-\n10023", "c10023", True),
        ("short C-100\n> 23", "c10023", False),
        (f"{LONG}some\n> words", "somewords", False),
    ],
)
def test_numbers_that_are_parted(text: str, code: str, there: bool) -> None:
    """Commas part thousands, and lines that a program broke part anything."""
    assert (code in _codes(text)) == there


def test_amounts_are_no_customers(tmp_path: Path) -> None:
    """Amounts with commas beside names are no rows, though numbers of the list are as long."""
    r = random.Random(3)  # noqa: S311 -- invented data
    names = [f"{last}{first}" for last in crowd.SURNAMES for first in crowd.GIVEN]
    rows = [(str(1_000_000 + 7 * n), r.choice(names)) for n in range(3000)]
    index = _listed(tmp_path, "顧客番号,氏名", rows)
    lines = [f"{r.choice(names)}様 {r.randrange(1_000_000, 1_021_000):,}円" for _ in range(300)]
    assert len(crowd.found(index, "\n".join(lines))) <= 1
    text = "\n".join(f"{int(number):,} {name}" for number, name in rows[500:560])
    assert len(crowd.found(index, text)) == 60


@pytest.mark.parametrize(
    ("listed", "written"),
    [
        ("12 Oak Street", "12 Oak St."),
        ("Flat 3, 12 Oak Street", "12 Oak Street"),
        ("12 Oak Street", "12 Oak Street, Apt. 4"),
        ("Unit 7 12 Oak Road", "Unit 7, 12 Oak Rd"),
        ("Hauptstraße 12", "Hauptstr. 12"),
        ("Hauptstr. 12", "HAUPTSTRASSE 12"),
        ("Lange Straße 5", "Lange Strasse 5"),
    ],
)
def test_western_addresses(listed: str, written: str) -> None:
    """House number and street agree, whatever flat stands in front, and Straße or Str."""
    (whole, *_) = _values(addresses(Chunk(listed, _hashing()), whole=True))
    assert whole in _values(addresses(Chunk(written, _hashing())))


def _values(found: Spans) -> list[int]:
    return found.value[found.start.argsort(kind="stable")].tolist()


def _hashing() -> Hashing:
    return hashing_of(crowd.KEY)


@pytest.mark.parametrize(
    "text", ["a @ " * 30_000, "〇" * 100_000, "a+b@c.d " * 15_000, "1の" * 60_000]
)
def test_monotonous_texts_end(index: ListIndex, text: str) -> None:
    """Texts that are all disguise are searched in the suite's time limit."""
    assert Search(index).hits(Prepared(Passage(place="", text=text))) == ()


def _listed(folder: Path, headers: str, rows: list[tuple[str, ...]]) -> ListIndex:
    columns = assign(headers.split(","), [], {}, "x.csv")
    build(
        enumerate(rows, start=1), columns, folder=folder, name="x", key=crowd.KEY, key_id="k1",
        now=crowd.NOW,
    )  # fmt: skip
    return ListIndex.open(index_path(folder, "x"), crowd.KEY, "k1")
