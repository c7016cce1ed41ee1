"""Contacts and sent mail from files."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.contacts.events import Judge, read_events
from guard.contacts.sources import events_file, exchange_of, read_sent
from guard.contacts.sources.changes import Broken, refused
from guard.contacts.sources.table import read_table
from guard.model.contact import Contact, Exchange
from guard.model.errors import SourceError

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "euc_jp", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_table(encoding: str, delimiter: str) -> None:
    """Any usual encoding and separator is read; columns are found by their headings."""
    rows = [
        ["No", "会社名", "氏名", "フリガナ", "メールアドレス"],
        ["1", "北商事株式会社", "佐藤 健", "サトウ ケン", "sato@kita.example"],
        ["", "", "", "", ""],
        ["2", '"南, 物産"' if delimiter == "," else "南, 物産", "小野", "オノ", ""],
        ["3", "西", "髙橋" if encoding != "euc_jp" else "高橋", "タカハシ", "abe@nishi.example"],
    ]
    text = "\r\n".join(delimiter.join(row) for row in rows)

    contacts = list(refused(read_table(text.encode(encoding), "contacts.csv")))

    assert [one.address.text for one in contacts] == ["sato@kita.example", "abe@nishi.example"]
    assert (contacts[0].name, contacts[0].company) == ("佐藤 健", "北商事株式会社")


@pytest.mark.parametrize(
    ("header", "row", "name"),
    [
        ("姓,名,Eメール", "佐藤,健,s@kita.example", "佐藤 健"),
        ("First Name,Last Name,E-mail Address", "Ann,Bell,s@kita.example", "Bell Ann"),
        ("name,email", "Ann Bell,s@kita.example", "Ann Bell"),
        ("ｅｍａｉｌ", "s@kita.example", ""),
    ],
)
def test_headings(header: str, row: str, name: str) -> None:
    """Surname and given name in two columns make one name."""
    (contact,) = refused(read_table(f"{header}\n{row}\n".encode(), "contacts.csv"))

    assert contact.name == name


def test_several_addresses() -> None:
    """A cell with two addresses gives two contacts."""
    contacts = list(
        refused(read_table(b"name,email\nAnn,a@north.example; <mailto:b@north.example>", "x.csv"))
    )

    assert [one.address.text for one in contacts] == ["a@north.example", "b@north.example"]


def test_western() -> None:
    """Western text is not taken for half-width kana."""
    (contact,) = refused(
        read_table("name,email\nJürg Müller,j@north.example".encode("cp1252"), "x.csv")
    )

    assert contact.name == "Jürg Müller"


@pytest.mark.parametrize(
    ("octets", "line", "remedy"),
    [
        pytest.param(b"name,phone\nAnn,1\n", 1, "call it", id="no address column"),
        pytest.param(b"", 1, "call it", id="empty"),
        pytest.param(b"name,email\nAnn,a@x.example\nBob,bob at x\n", 3, "mend", id="no address"),
        pytest.param(b"name,email\nBell, Ann,a@x.example\n", 2, "quotes", id="stray separator"),
        pytest.param(
            "氏名,email\n佐藤,a@x.example\n".encode() + "小野,b@x.example\n".encode("cp932"),
            3,
            "UTF-8",
            id="two encodings",
        ),
        pytest.param(b'name,email\n"Ann,a@x.example\nB,b@x.example\n', 2, "quote", id="open quote"),
    ],
)
def test_bad_table(octets: bytes, line: int, remedy: str) -> None:
    """A table that cannot be read whole is refused, with the line and what to do."""
    with pytest.raises(SourceError, match=rf"^contacts\.csv:{line}: .*{remedy}"):
        list(refused(read_table(octets, "contacts.csv")))


@pytest.mark.parametrize(
    ("octets", "lines", "kept"),
    [
        pytest.param(b"email\na@x.example\nb at x\nc@x.example\n", [3], "ac", id="no address"),
        pytest.param(b"name,email\nA,B,a@x.example\nC,c@x.example\n", [2], "c", id="separator"),
        pytest.param(b'email\n"a@x.example\nb@x.example\n', [2], "b", id="open quote"),
        pytest.param(
            b'email\n"a@x.example" x\n"b@x.example"\n"c@x\n"d@x.example"\n',
            [2, 4],
            "bd",
            id="quotes",
        ),
        pytest.param(
            "氏名,email\n佐藤,a@x.example\n".encode()
            + "小野,b@x.example\n".encode("cp932")
            + "安部,c@x.example\n".encode(),
            [3],
            "ac",
            id="two encodings",
        ),
        pytest.param(b"email\n" + b"x" * 200_000 + b"\nb@x.example\n", [2], "b", id="long"),
    ],
)
def test_rest_of_a_bad_table(octets: bytes, lines: list[int], kept: str) -> None:
    """Each broken row is told with its line, and all others are read."""
    found = list(read_table(octets, "x.csv"))

    told = [each.message.split(": ")[0] for each in found if isinstance(each, Broken)]
    assert told == [f"x.csv:{line}" for line in lines]
    assert "".join(each.address.local for each in found if isinstance(each, Contact)) == kept


@pytest.mark.timeout(20)
def test_a_table_of_quotes() -> None:
    """Very many broken rows take no longer than as many good ones."""
    found = list(read_table(b"email\n" + b'"a"b\n' * 50_000 + b'"' * 100_001, "x.csv"))
    assert len(found) >= 50_000


@given(
    st.lists(st.sampled_from([b'"', b",", b"\n", b"\r", b"a@b.example", b"\x82\xa0"]), max_size=40)
)
def test_any_rows(parts: list[bytes]) -> None:
    """Rows come in order, whatever is wrong between them, and lines are counted on."""
    told = read_table(b"email,name\n" + b"".join(parts), "x")
    numbers = [int(each.message.split(":")[1]) for each in told if isinstance(each, Broken)]
    assert numbers == sorted(numbers)


@given(st.binary(max_size=200))
def test_any_table(octets: bytes) -> None:
    """Any octets are contacts or a `SourceError`."""
    try:
        contacts = list(refused(read_table(b"email,name\n" + octets, "contacts.csv")))
    except SourceError:
        return
    assert all(isinstance(one, Contact) for one in contacts)


def message(number: int, *, to: str = "Ann <ann@north.example>", day: int = 1) -> bytes:
    """Make a small message."""
    return (
        f"From: =?utf-8?q?=E8=8A=B1=E5=AD=90?= <hanako@ours.example>\nTo: {to}\n"
        f"Cc: taro@ours.example\nDate: {day} Nov 2026 10:00:00 +0900\n"
        f"Message-ID: <{number}@ours.example>\nIn-Reply-To: <q@north.example>\n"
        "Subject: x\n\nDear Ann,\n\nFrom here on\n"
    ).encode()


def test_exchange_of() -> None:
    """A message's people, time and thread are read; a date to come counts as now."""
    exchange = exchange_of(message(1), now=NOW)

    assert exchange is not None
    assert exchange.sender.name == "花子"
    assert [one.address.text for one in exchange.recipients] == [
        "ann@north.example",
        "taro@ours.example",
    ]
    assert exchange.references == ("<q@north.example>",)
    assert exchange.at == datetime(2026, 11, 1, 1, tzinfo=UTC)
    late = exchange_of(message(1, day=30), now=NOW)
    assert late is not None
    assert late.at == NOW
    assert exchange_of(b"Subject: from nobody\n\n", now=NOW) is None


def test_read_sent(tmp_path: Path) -> None:
    """Every kind of store gives the same mail."""
    mbox = tmp_path / "sent.mbox"
    mbox.write_bytes(b"".join(b"From x Mon Nov  2 2026\n" + message(n) + b"\n" for n in range(3)))
    maildir, folder = tmp_path / "Maildir", tmp_path / "folder"
    for part in ("cur", "new", "tmp", ".Sent/cur"):
        (maildir / part).mkdir(parents=True)
    (maildir / "cur/1:2,S").write_bytes(message(0))
    (maildir / "new/2").write_bytes(message(1))
    (maildir / ".Sent/cur/3:2,S").write_bytes(message(2))
    (folder / "deep").mkdir(parents=True)
    for number, name in enumerate(("a.eml", "b.eml", "deep/c.eml")):
        (folder / name).write_bytes(message(number))

    for path in (mbox, maildir, folder):
        sent = list(read_sent(path, now=NOW))
        assert [one.message_id for one in sent if isinstance(one, Exchange)] == [
            f"<{n}@ours.example>" for n in range(3)
        ], path


def test_read_sent_unknown(tmp_path: Path) -> None:
    """What is no mail store is refused by name."""
    for path in (tmp_path / "notes.txt", tmp_path):
        if path != tmp_path:
            path.write_text("hello")
        with pytest.raises(SourceError, match=r"not an mbox|neither a Maildir"):
            list(read_sent(path, now=NOW))
    damaged = tmp_path / "events.jsonl.gz"
    damaged.write_bytes(gzip.compress(b"{}")[:-3])
    with pytest.raises(SourceError, match="events"):
        list(read_sent(damaged, now=NOW))


def event(op: str, **more: object) -> str:
    """Make an event line."""
    sender = {"name": "花子", "address": "hanako@ours.example"}
    mail = {"id": "1@x", "ts": 1_700_000_000, "parent": None, "sender": sender, "to": [sender]}
    made = {"op": op, **({"message": mail} if op != "directory" else {}), **more}
    return json.dumps(made)


def test_events() -> None:
    """Contacts, mail and cases come in the order of the lines; broken mailboxes are left out."""
    people = [{"name": "Ann", "address": "ann@north.example"}, {"name": "", "address": "nobody"}]
    lines = [event("directory", contacts=people), event("learn"), "", event("judge", case="c1")]

    contact, learned, judged = read_events(lines, "events.jsonl")

    assert isinstance(contact, Contact)
    assert isinstance(learned, Exchange)
    assert isinstance(judged, Judge)
    assert judged.case == "c1"
    assert learned.at - datetime.fromtimestamp(0, UTC) == timedelta(seconds=1_700_000_000)


def test_a_case_is_never_lost() -> None:
    """A message to judge is given even where its sender is no address."""
    mail = {"ts": 0, "sender": {"address": "<>"}, "to": [{"address": "ann@north.example"}]}

    (judged,) = read_events([event("judge", case="c1", message=mail)], "events.jsonl")

    assert isinstance(judged, Judge)
    assert [one.address.text for one in judged.exchange.recipients] == ["ann@north.example"]


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '{"op": "send"}',
        '{"op": "judge"}',
        event("learn", message={}),
        event("learn", message={"sender": {"address": "a@b.example"}, "ts": 6.7e16}),
    ],
)
def test_no_event(line: str) -> None:
    """A line that is no event is named by file and number."""
    with pytest.raises(SourceError, match=r"^events\.jsonl:2: "):
        list(read_events([event("learn"), line], "events.jsonl"))


@pytest.mark.parametrize("line", [b"\xff\xfe{}", b"[" * 100_000])
def test_no_text(tmp_path: Path, line: bytes) -> None:
    """Octets that are no text, or nested without end, are named by file and line."""
    path = tmp_path / "events.jsonl"
    path.write_bytes(event("learn").encode() + b"\n" + line + b"\n")

    with pytest.raises(SourceError, match=r"events\.jsonl:2: "):
        list(events_file(path))


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.sampled_from(["directory", "learn", "judge"]), _JSON, _JSON, _JSON)
def test_any_event(op: str, message_: object, contacts: object, ts: object) -> None:
    """Any JSON is events or a `SourceError`."""
    whole = {"ts": ts, "sender": {"address": "a@b.example"}, "to": contacts, "cc": contacts}
    for mail in (message_, whole):
        made = json.dumps({"op": op, "case": ts, "message": mail, "contacts": contacts})
        try:
            list(read_events([made], "x"))
        except SourceError as error:
            assert str(error).startswith("x:1:")  # noqa: PT017 -- not raising is fine, too
