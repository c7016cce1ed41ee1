"""What a test gives: its mail as octets, its people as history, its rows as a list."""

import csv
import io
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from guard.extract.budget import Budget
from guard.extract.read import read
from guard.lists.headers import kind_of
from guard.model.address import Address, Mailbox
from guard.model.contact import Exchange, Relation
from guard.parse import parse
from guard.policy_tests.letter import THREAD, Letter, letter
from guard.policy_tests.people import Acquaintances
from guard.policy_tests.rows import People, Table, as_file, tables
from guard.policy_tests.schema import Known, Mail, RowsOf, Suite

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
YAMADA = Mailbox(address=Address.parse("yamada@example.co.jp"))


def written(folder: Path = Path(), **mail: Any) -> Letter:
    values = {"from": "yamada@example.co.jp", "to": "sato@kita.example"} | mail
    suite = Suite.model_validate({"tests": [{"it": "x", "mail": values, "expect": {"rules": []}}]})
    return letter(suite.tests[0].mail, folder=folder, tables=tables(suite), at=NOW)


@pytest.mark.parametrize(
    ("box", "name"),
    [
        ("sato@kita.example", ""),
        ("佐藤 一郎 <sato@kita.example>", "佐藤 一郎"),
        ('"Sato, Ichiro" <sato@kita.example>', "Sato, Ichiro"),
        ("Müller (Hanna) <sato@kita.example>", "Müller (Hanna)"),
        (f"{'とても長い名前' * 12} <sato@kita.example>", "とても長い名前" * 12),
    ],
)
def test_names_reach_the_header(box: str, name: str) -> None:
    """A name is read as it was written, whatever it is made of."""
    mail = written(to=[box, "B <b@kita.example>"])
    first, second = parse(mail.octets).to

    assert (first.address.text, first.name) == ("sato@kita.example", name)
    assert second.name == "B"


def test_people() -> None:
    """Everybody is in the envelope once, and nobody sees Bcc."""
    mail = written(cc="b@kita.example", bcc=["c@kita.example", "sato@kita.example"])
    message = parse(mail.octets)

    assert [one.text for one in mail.envelope.addresses] == [
        "sato@kita.example",
        "b@kita.example",
        "c@kita.example",
    ]
    assert ([one.address.text for one in message.cc], message.bcc) == (["b@kita.example"], ())
    assert mail.envelope.sender == YAMADA.address


def test_envelope_sender() -> None:
    """It is who From names, unless the test says otherwise; reports have none."""
    other = written(mail_from="bounces@example.co.jp").envelope.sender

    assert other == Address.parse("bounces@example.co.jp")
    assert written(mail_from="<>").envelope.sender is None


@pytest.mark.parametrize(
    ("login", "address"), [("yamada@example.co.jp", YAMADA.address), ("yamada", None)]
)
def test_login(login: str, address: Address | None) -> None:
    """A login that is an address is that person's."""
    submitter = written(login=login).submitter

    assert submitter is not None
    assert (submitter.login, submitter.address) == (login, address)
    assert written().submitter is None


def test_what_it_says() -> None:
    """Subject, text, HTML, further fields, and the thread that it answers."""
    mail = written(
        subject="お見積りの件",
        text="佐藤様",
        html="<p>佐藤様</p>",
        headers={"Auto-Submitted": "auto-replied"},
        thread_with="sato@kita.example",
    )
    message = parse(mail.octets)

    assert message.subject == "お見積りの件"
    assert [body.html for body in message.bodies] == [False, True]
    assert message.references == (THREAD,)
    assert ("Auto-Submitted", "auto-replied") in [(h.name, h.value) for h in message.headers]
    assert message.defects == ()
    assert [body.html for body in parse(written(html="<p>x</p>").octets).bodies] == [True]


def test_attachments(tmp_path: Path) -> None:
    """A file keeps its octets, words are UTF-8, and rows come as the kind of file that is named."""
    (tmp_path / "a.zip").write_bytes(bytes(range(256)))
    mail = written(
        tmp_path,
        attach=[
            {"file": "a.zip"},
            {"file": "a.zip", "name": "見積.eml"},
            {"name": "memo.txt", "text": "社外秘"},
            {"rows_of": {"list": "customers", "count": "3 rows"}},
        ],
    )
    files = {one.name: one.octets for one in parse(mail.octets).attachments}

    assert [*files] == ["a.zip", "見積.eml", "memo.txt", "customers.csv"]
    assert files["a.zip"] == files["見積.eml"] == bytes(range(256))
    assert files["memo.txt"].decode() == "社外秘"
    assert len(files["customers.csv"].splitlines()) == 4


def given(rows: list[dict[str, str]], *wanted: Mapping[str, Any]) -> dict[str, Table]:
    attach = [{"name": "a.csv", "rows_of": {"list": "customers", **one}} for one in wanted]
    mail = {"from": "a@example.co.jp", "to": "b@kita.example", "attach": attach}
    trial = {"it": "x", "mail": mail, "expect": {"rules": []}}
    return tables(Suite.model_validate({"given": {"lists": {"customers": rows}}, "tests": [trial]}))


MINAMI = {"会社名": "南工業", "氏名": "南 花子", "メール": "hanako@minami.example"}


def test_invented_rows_are_of_their_company() -> None:
    """The given ones come first; the others are people of the same company, each another."""
    table = given([MINAMI], {"company": "南工業", "count": 300})["customers"]
    rows = table.of("南工業", 300)

    assert table.headers == ("会社名", "氏名", "メール")
    assert rows[0] == tuple(MINAMI.values())
    assert {company for company, _, _ in rows} == {"南工業"}
    assert {email.partition("@")[2] for _, _, email in rows} == {"minami.example"}
    assert len({email for _, _, email in rows}) == 300


def test_asking_again_gives_the_same_rows() -> None:
    """What is attached is what is on the list."""
    table = given([], {"company": "Oak & Sons", "count": 5}, {"count": 8})["customers"]
    before = list(table.rows)

    assert table.of("Oak & Sons", 5) == table.of("Oak & Sons", 5)
    assert table.of("", 8) == before
    assert table.of("Oak & Sons", 2) == table.of("Oak & Sons", 5)[:2]
    assert table.rows == before


def test_two_companies_share_no_value() -> None:
    """Else a row of one could be taken for one of the other."""
    both = given([MINAMI], {"company": "南工業", "count": 20}, {"company": "北", "count": 20})
    emails = [row[2].partition("@")[0] for row in both["customers"].rows]

    assert len(set(emails)) == len(emails) == 40


@pytest.mark.parametrize(
    "header", ["id", "first", "last", "kana", "セイ", "メイ", "postcode", "address", "birthday"]
)
def test_every_column_is_filled(header: str) -> None:
    """Whatever columns a list has, invented rows have something in each."""
    table = Table([{"email": "a@kita.example", header: "x"}], People())

    assert kind_of(header) is not None
    assert all(table.of("", 2)[1])


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "A.XLSX"])
def test_files_of_rows(name: str) -> None:
    """Each kind of file is read like one of that kind."""
    wanted = RowsOf.model_validate({"list": "customers", "count": 3})
    table = Table([], People())
    octets = as_file(name, wanted, table)
    extract = read(name, octets, budget=Budget())

    text = "\n".join(passage.text for passage in extract.passages)
    assert all(cell in text for row in table.of("", 3) for cell in row if cell)
    if name.endswith("csv"):
        assert next(csv.reader(io.StringIO(octets.decode()))) == [*table.headers]


async def relation(sender: Mailbox, **known: Any) -> Relation:
    values = {"address": "sato@kita.example"} | known
    people = Acquaintances([Known.model_validate(values)], sender=YAMADA, now=NOW)
    recipient = Mailbox(address=Address.parse("sato@kita.example"))
    found = await people.acquaintance(Exchange(sender=sender, recipients=(recipient,), at=NOW))
    return found.recipients[0].relation


SUZUKI = Mailbox(address=Address.parse("suzuki@example.co.jp"))


async def test_written_by_the_sender() -> None:
    """Left out, it is the sender of the mail who wrote; the last three days ago, or as said."""
    own = await relation(YAMADA, written_to="42 times")
    old = await relation(YAMADA, written_to="2 times", ago="200 days")

    assert (own.by_sender, own.by_organisation) == (42, 42)
    assert own.last_at == NOW - timedelta(days=3)
    assert old.last_at is not None
    assert old.last_at.date() == date(2026, 5, 7)


async def test_written_by_others() -> None:
    """Whoever is named wrote, each so often."""
    values = {"written_to": 5, "by": ["suzuki@example.co.jp", "mori@example.co.jp"]}

    assert (await relation(YAMADA, **values)).by_sender == 0
    suzuki = await relation(SUZUKI, **values)
    assert (suzuki.by_sender, suzuki.by_organisation) == (5, 10)


async def test_known_from_a_directory() -> None:
    """Without a number nobody wrote."""
    assert (await relation(YAMADA)).by_organisation == 0


def test_how_much_may_be_given() -> None:
    """A slip of the finger must not learn a million mails, or invent a million rows."""
    for part, values in (
        (Known, {"address": "a@kita.example", "written_to": 5001}),
        (RowsOf, {"list": "customers", "count": "20001 rows"}),
    ):
        with pytest.raises(ValueError, match="or less"):
            part.model_validate(values)


def test_mail_is_whole() -> None:
    """A mail without sender or recipients, or half in a file, is none."""
    for wrong in ({"to": "a@kita.example"}, {"from": "a@kita.example"}, {"eml": "a", "text": "b"}):
        with pytest.raises(ValueError, match="error"):
            Mail.model_validate(wrong)
