"""Texts and files that look like a list of people, and those that only resemble one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.detect.list_like import LEAST, LEAST_IN_TEXT, list_like
from guard.lists.typed import typed_emails, typed_phones
from guard.lists.unkeyed import pieces, plain_chunk
from guard.model.finding import FINDINGS, ListLike
from tests.unit.detect.business import inspection, paper, passage, thread
from tests.unit.lists import crowd

PEOPLE = 40
UNSEEN = {"id and name", "phone that a spreadsheet stripped", "e-mail broken in two lines"}
"""Without headers, nothing in these says that somebody is meant."""


def of_file(text: str, place: str = "", first_row: int = 1) -> list[ListLike]:
    """What is said of one file."""
    return list(list_like(inspection(files={"a.csv": (passage(text, place, first_row),)})))


@pytest.mark.parametrize(
    ("form", "people"),
    [
        *((form, crowd.japanese(5, PEOPLE)) for form in crowd.JAPANESE_FORMS.items()),
        *((form, crowd.western(5, PEOPLE)) for form in crowd.WESTERN_FORMS.items()),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_forms_of_lists(form: tuple[str, crowd.Form], people: list[crowd.Person]) -> None:
    """However a list is written, its people are counted; what cannot be seen is known."""
    name, write = form
    found = of_file(write(people))

    assert bool(found) is (name not in UNSEEN)
    if found:
        assert 0.8 * PEOPLE <= found[0].count <= 1.2 * PEOPLE
        assert FINDINGS.validate_json(FINDINGS.dump_json(tuple(found))) == tuple(found)


def test_headers_say_what_digits_are() -> None:
    """Below 電話 stand telephone numbers, though a spreadsheet took their 0."""
    rows = "\n".join(f"石井 {n},90{n:08}" for n in range(12))
    (finding,) = of_file(f"表題\n\nお名前,TEL(携帯)\n{rows}\n合計,12")

    assert (finding.rows, finding.columns, finding.phones) == (12, ("name", "phone"), 0)
    assert finding.places == ("lines 3–15",)


def test_places_are_those_of_the_program() -> None:
    """A sheet has rows, which count from its first."""
    rows = "\n".join(f"石井 {n}\t03-5555-{n:04}\tabc" for n in range(9))
    (finding,) = of_file(f"氏名\t電話\t備考\n{rows}", "sheet “顧客”", 4)

    assert finding.places == ("sheet “顧客”, rows 4–13",)


@pytest.mark.parametrize(("count", "found"), [(LEAST - 1, 0), (LEAST, 1)])
def test_few_in_a_file(count: int, found: int) -> None:
    """From five on."""
    assert len(of_file("\n".join(f"a{n}@b{n}.example" for n in range(count)))) == found


@pytest.mark.parametrize(
    "line",
    [
        "石井 {n} 港区芝{n}-2",
        "〒100-000{n} 千代田区1-{n}",
        "a{n}@b.example",
        "石井 03-5555-000{n}",
        "ヤマダ,{n}",
    ],
)
@pytest.mark.parametrize("padding", ["", "。" * 5000])
def test_short_files(line: str, padding: str) -> None:
    """A short file of few people is looked at as a long one is."""
    head = "カナ,氏名" if line.startswith("ヤ") else ""
    text = "\n".join((head, *(line.format(n=n) for n in range(LEAST)), padding))
    assert [finding.count for finding in of_file(text)] == [LEAST]


def test_the_same_twice_counts_once() -> None:
    """Plain text and HTML, two readings, a list sent twice: one count."""
    text = crowd.JAPANESE_FORMS["csv"](crowd.japanese(5, 20))
    twice = inspection(files={"a.csv": (passage(text), passage(text.replace(",", " , ")))})
    (finding,) = list_like(twice)

    assert (finding.rows, finding.emails, finding.phones) == (20, 20, 20)


def test_people_of_the_mail_are_no_list() -> None:
    """Recipients, colleagues and quoted headers stand in every thread; strangers are told."""
    recipients = tuple(f"a{n}@partner.example" for n in range(12))
    ours = "\n".join(f"b{n}@example.co.jp" for n in range(12))
    quoted = "> Cc: " + "; ".join(f"c{n}@quoted.example" for n in range(12))
    text = "\n".join((*recipients, ours, quoted))
    domains = frozenset({"example.co.jp"})

    assert not list(list_like(inspection(text, to=recipients, our_domains=domains)))
    (finding,) = list_like(inspection(text, to=recipients[1:], our_domains=frozenset()))
    assert finding.emails == 13


@pytest.mark.parametrize("seed", range(24))
def test_papers_without_people(seed: int) -> None:
    """Goods, parcels, invoices, shifts, logs, and texts about telephones and addresses."""
    assert of_file(paper(seed)) == []


@pytest.mark.parametrize("seed", range(20))
def test_threads(seed: int) -> None:
    """Five mails with all their signatures."""
    assert list(list_like(inspection(thread(seed)))) == []


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("TEL:03-1234-5678", 1),
        ("(03)1234-5678", 1),
        ("電話０３－１２３４－５６７８まで", 1),
        ("+81 90-1234-5678", 1),
        ("+44 (0)20 7946 0103", 1),
        ("0044 20 7946 0103", 1),
        ("(555) 555-0123", 1),
        ("01 23 45 67 89", 1),
        ("03-1234-5678 / 03-1234-5679", 2),
        ("2026-11-23 10:00", 0),
        ("05-04-2026 12:30", 0),
        ("0012345678", 0),
        ("A0312345678", 0),
        ("2026-0312345678", 0),
        ("0.1234567890", 0),
        ("192.0.2.17", 0),
        ("1,000,000円", 0),
        ("14.0+20220101012345, 14~++20220101012", 0),
        ("<08 4a 00 01 02 03 04 05 06>", 0),
        ("4111 1111 1111 1111", 0),
    ],
)
def test_telephone_numbers(text: str, count: int) -> None:
    """What is typed as a number is one; dates, amounts and codes are none."""
    assert len(typed_phones(plain_chunk(text))) == count


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a.b+c@example.co.jp", ["a.b+c@example.co.jp"]),
        ("メールはa@b.exampleです", ["a@b.example"]),
        ("Write to a@b.example.", ["a@b.example"]),
        ("<mailto:a@b.example>,x@y.example;", ["a@b.example", "x@y.example"]),
        ("a@localhost @b.example c@", []),
        ("a@@b.example", []),
        ("@" * 200, []),
    ],
)
def test_addresses(text: str, found: list[str]) -> None:
    """ASCII letters with a dot behind the @."""
    chunk = plain_chunk(text)
    spans = typed_emails(chunk)
    shown = zip(spans.start.tolist(), spans.end.tolist(), strict=True)
    assert [chunk.letters.text(start, end) for start, end in shown] == found


def test_pieces_are_whole_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """No line is cut, none is lost, and each is numbered."""
    monkeypatch.setattr("guard.lists.unkeyed.PIECE", 50)
    text = "\n".join(f"line {n}" for n in range(40)) + "\n" + "x" * 120
    parts = list(pieces(text))

    assert "".join(part.text for part in parts) == text
    assert all(text.split("\n")[part.line].startswith(part.text[:5]) for part in parts[:-2])
    assert {part.text[-1] for part in parts[:-3]} == {"\n"}


_ALPHABET = st.sampled_from(
    [*"0123456789@.-+()/ \n\t,;|ａ０＠あア東区市", "氏名", "電話", "mail", "03-1234-5678", "a@b.co"]
)


@given(st.lists(_ALPHABET, max_size=200).map("".join) | st.text())
def test_any_text(text: str) -> None:
    """Any text is counted or is not; it never raises, and counts nothing that is not there."""
    lines = text.count("\n") + 1
    for finding in (*of_file(text), *list_like(inspection(text, subject=text))):
        assert finding.count >= (LEAST if finding.file else LEAST_IN_TEXT)
        assert finding.emails <= text.count("@") + text.count("＠")
        assert max(finding.rows, finding.lines) <= lines
