"""``guard lists``: what is said, where, and with which exit code."""

import asyncio
import json
import shutil
import sqlite3
import stat
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import crowd
import openpyxl
import pytest
from click.testing import CliRunner, Result

from guard.cli.lists import lists
from guard.lists.paths import MOST_SEGMENTS
from guard.model.errors import GuardError, SettingsError, SourceError
from guard.policy import shipped
from guard.store.database import Database
from guard.store.lists import ListFolder

PEOPLE = crowd.japanese(5, 40)

Guard = Callable[..., Result]


@pytest.fixture
def guard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Guard:
    """Give a function that runs the command in a folder with settings and a list of customers."""
    monkeypatch.chdir(tmp_path)
    Path("guard.toml").write_text("", "utf-8")
    text = crowd.JAPANESE_FORMS["csv"](PEOPLE)
    Path("crm.csv").write_bytes(text.encode("cp932"))
    runner = CliRunner()

    def run(*arguments: str) -> Result:
        return runner.invoke(lists, list(arguments), catch_exceptions=True)

    return run


def test_import(guard: Guard) -> None:
    """Key and folder are made; what was found goes to stderr, and no value is shown."""
    result = guard("import", "customers", "crm.csv")
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    for words in (
        "cp932, comma, header row 1",
        "氏名 → name",
        "40 rows kept",
        "0 without",
        "0 duplicates",
    ):
        assert words in result.stderr
    assert PEOPLE[0].email not in result.stderr
    assert stat.S_IMODE(Path("lists").stat().st_mode) == 0o700
    assert Path("guard.key").exists()


def test_test(guard: Guard) -> None:
    """Each file has a line with its rows of the list, as text, workbook or message."""
    guard("import", "customers", "crm.csv", "--quiet")
    part = PEOPLE[10:20]
    Path("leak.txt").write_text(crowd.JAPANESE_FORMS["form letter"](part), "utf-8")
    Path("clean.txt").write_text(crowd.innocent(1, 2)[0], "utf-8")
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for person in part:
        sheet.append([person.name, person.phone, person.email])
    book.save("leak.xlsx")
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@example.com", "b@example.net", "x"
    mail.set_content(f"{PEOPLE[0].name} {PEOPLE[0].email}\n")
    mail.add_attachment(
        Path("leak.xlsx").read_bytes(),
        maintype="application",
        subtype="octet-stream",
        filename="l.xlsx",
    )
    Path("leak.eml").write_bytes(mail.as_bytes())
    result = guard(
        "test", "customers", "--json", "./leak.txt", "clean.txt", "leak.xlsx", "leak.eml"
    )
    assert result.exit_code == 0, result.output
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    rows = list(range(11, 21))
    assert answers == [
        {
            "file": "./leak.txt",
            "state": "read",
            "reasons": [],
            "rows": rows,
            "count": 10,
            "possible": 0,
            "possible_rows": [],
        },
        {
            "file": "clean.txt",
            "state": "read",
            "reasons": [],
            "rows": [],
            "count": 0,
            "possible": 0,
            "possible_rows": [],
        },
        {
            "file": "leak.xlsx",
            "state": "read",
            "reasons": [],
            "rows": rows,
            "count": 10,
            "possible": 0,
            "possible_rows": [],
        },
        {
            "file": "leak.eml",
            "state": "read",
            "reasons": [],
            "rows": [1, *rows],
            "count": 11,
            "possible": 0,
            "possible_rows": [],
        },
    ]


def test_unreadable_file(guard: Guard) -> None:
    """A file that cannot be read whole is told, and ends with 1."""
    guard("import", "customers", "crm.csv", "--quiet")
    Path("odd.bin").write_bytes(bytes(range(256)) * 40)
    result = guard("test", "customers", "--json", "odd.bin")
    assert result.exit_code == 1
    (answer,) = [json.loads(line) for line in result.stdout.splitlines()]
    assert answer["state"] != "read"
    assert answer["reasons"]


def test_status(guard: Guard) -> None:
    """Each list has a line; one that cannot be used says why, and ends with 1."""
    assert guard("status", "--json").stdout == ""
    guard("import", "customers", "crm.csv", "--quiet")
    result = guard("status", "--json")
    (answer,) = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert (answer["name"], answer["rows"], answer["problem"]) == ("customers", 40, "")
    assert answer["found_by"][:3] == ["email", "phone", "id"]
    assert "40 rows" in guard("status").stdout
    Path("lists/customers.rows").write_bytes(b"")
    result = guard("status", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["problem"]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        pytest.param(["import", "../x", "crm.csv"], SourceError, id="name"),
        pytest.param(["import", "x", "guard.toml"], SourceError, id="empty file"),
        pytest.param(
            ["import", "x", "crm.csv", "--columns", "氏命=name"], SourceError, id="column"
        ),
        pytest.param(["test", "x", "crm.csv"], GuardError, id="no such list"),
        pytest.param(["status", "--config", "none.toml"], SettingsError, id="no settings"),
    ],
)
def test_refused(guard: Guard, arguments: list[str], error: type[GuardError]) -> None:
    """What cannot be done is one of Guard's own errors, which the command line puts into words."""
    result = guard(*arguments)
    assert isinstance(result.exception, error)
    assert not list(Path("lists").glob("*"))


def test_wrong_usage(guard: Guard) -> None:
    """A file that is not there is wrong usage."""
    assert guard("import", "customers", "none.csv").exit_code == 2
    assert guard("test", "customers").exit_code == 2


def write(path: str, people: Sequence[crowd.Person]) -> None:
    Path(path).write_bytes(crowd.JAPANESE_FORMS["csv"](people).encode("cp932"))


def rows_of(guard: Guard, name: str = "customers") -> int:
    (answer,) = (
        each
        for each in map(json.loads, guard("status", "--json").stdout.splitlines())
        if each["name"] == name
    )
    return int(answer["rows"])


def test_a_list_that_shrinks(guard: Guard) -> None:
    """An import that loses a fifth of the rows is refused with both counts, until it is right."""
    guard("import", "customers", "crm.csv", "--quiet")
    write("crm.csv", PEOPLE[:33])
    assert guard("import", "customers", "crm.csv", "--quiet").exit_code == 0
    write("crm.csv", PEOPLE[:26])
    result = guard("import", "customers", "crm.csv", "--quiet")
    assert isinstance(result.exception, SourceError)
    told = str(result.exception)
    assert "had 33 rows and would have 26 now" in told
    assert "--accept-fewer" in told
    assert rows_of(guard) == 33
    assert guard("import", "customers", "crm.csv", "--accept-fewer", "--quiet").exit_code == 0
    assert rows_of(guard) == 26


def test_a_kind_of_column_that_is_gone(guard: Guard) -> None:
    """Headers that changed must not silently leave less to be found by."""
    guard("import", "customers", "crm.csv", "--quiet")
    text = crowd.JAPANESE_FORMS["csv"](PEOPLE)
    Path("crm.csv").write_text(text.replace("電話", "番号欄", 1), "utf-8")
    lines = Path("crm.csv").read_text("utf-8").splitlines()
    header = lines[0].split(",")
    place = header.index("番号欄")
    cells = [line.split(",") for line in lines[1:]]
    rows = [",".join([*row[:place], "x" + row[place], *row[place + 1 :]]) for row in cells]
    Path("crm.csv").write_text("\n".join([lines[0], *rows]), "utf-8")
    result = guard("import", "customers", "crm.csv", "--quiet")
    assert isinstance(result.exception, SourceError)
    assert "had columns with phone" in str(result.exception)
    assert guard("import", "customers", "crm.csv", "--quiet", "--accept-fewer").exit_code == 0


def test_what_was_left_out(guard: Guard) -> None:
    """Empty, broken and double rows are counted, and the first are named."""
    lines = crowd.JAPANESE_FORMS["csv"](PEOPLE).splitlines()
    more = [lines[3], "x", "", "," * lines[0].count(",")]
    Path("crm.csv").write_text("\n".join([*lines, *more]) + "\n", "utf-8")
    result = guard("import", "customers", "crm.csv")
    assert result.exit_code == 0, result.output
    assert "40 rows kept" in result.stderr
    assert "1 duplicates · 2 empty · 1 broken" in result.stderr
    assert "duplicates: crm.csv row 41" in result.stderr
    assert "empty: crm.csv:44, crm.csv:45" in result.stderr
    assert "left out, broken: crm.csv:43: 1 cells" in result.stderr
    quiet = guard("import", "customers", "crm.csv", "--quiet")
    assert quiet.stderr == "left out, broken: crm.csv:43: 1 cells\n"


def test_several_files(guard: Guard) -> None:
    """Files of other columns are one list; rows are numbered through, and known as before."""
    Path("more").mkdir()
    write("more/a.csv", PEOPLE[:20])
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Email", "備考", "Name", "Phone"])
    for person in PEOPLE[20:]:
        sheet.append([person.email, "x", person.name, person.phone])
    book.save("more/b.xlsx")
    Path("more/readme.md").write_text("no list")
    result = guard("import", "customers", "more")
    assert result.exit_code == 0, result.output
    assert "40 rows kept" in result.stderr
    assert "passed over, no lists by their names: readme.md" in result.stderr
    (answer,) = map(json.loads, guard("status", "--json").stdout.splitlines())
    assert answer["parts"] == ["a.csv: 1-20", "b.xlsx: 21-40"]
    leak = "\n".join(f"{one.name} {one.email}" for one in PEOPLE[18:22])
    Path("leak.txt").write_text(leak, "utf-8")
    found = json.loads(guard("test", "customers", "--json", "leak.txt").stdout)
    assert found["rows"] == [19, 20, 21, 22]
    again = guard("import", "customers", "more/b.xlsx", "more/a.csv", "more/a.csv")
    assert "40 rows kept" in again.stderr
    assert "20 duplicates" in again.stderr
    assert "duplicates: a.csv row 1, a.csv row 2" in again.stderr


def test_columns_are_remembered(guard: Guard) -> None:
    """What somebody said once counts for the next import, until it is said anew or forgotten."""
    text = "なまえ,連絡,コード\n" + "".join(f"{p.name},{p.email},x\n" for p in PEOPLE)
    Path("crm.csv").write_text(text, "utf-8")
    told = guard("import", "customers", "crm.csv", "--columns", "なまえ=name")
    assert "なまえ → name   連絡 → email" in told.stderr
    again = guard("import", "customers", "crm.csv")
    assert again.exit_code == 0
    assert "なまえ → name   連絡 → email" in again.stderr
    assert "Columns as said before:   なまえ=name" in again.stderr
    Path("crm.csv").write_text(text.replace("なまえ", "お客様", 1), "utf-8")
    result = guard("import", "customers", "crm.csv", "--quiet")
    assert isinstance(result.exception, SourceError)
    assert "said at an import of “customers” before" in str(result.exception)
    assert "--columns ''" in str(result.exception)
    assert rows_of(guard) == 40
    Path("crm.csv").write_text(text.replace("なまえ", "氏名", 1), "utf-8")
    assert guard("import", "customers", "crm.csv", "--quiet", "--columns", "").exit_code == 0
    assert guard("import", "customers", "crm.csv", "--quiet").exit_code == 0


def test_stopped(guard: Guard, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C leaves the list as it was, and nothing half made."""
    guard("import", "customers", "crm.csv", "--quiet")
    before = Path("lists/customers.rows").read_bytes()

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    for place in ("guard.lists.build.write", "guard.lists.draft.Draft.add"):
        with monkeypatch.context() as patched:
            patched.setattr(place, stop)
            result = guard("import", "customers", "crm.csv", "--quiet")
        assert result.exit_code in {1, 130}
        assert "stopped; the list is as it was" in result.stderr
        assert Path("lists/customers.rows").read_bytes() == before
        assert sorted(path.name for path in Path("lists").iterdir()) == [".lock", "customers.rows"]


def test_forget(guard: Guard) -> None:
    """A list that is forgotten is gone, asked for first; the audit log keeps that it was there."""
    guard("import", "customers", "crm.csv", "--quiet")
    asked = guard("forget", "customers")
    assert asked.exit_code == 1
    assert Path("lists/customers.rows").exists()
    assert guard("forget", "customers", "--yes").exit_code == 0
    assert [path.name for path in Path("lists").iterdir()] == [".lock"]
    assert guard("status").stdout == ""
    assert guard("forget", "customers", "--yes").exit_code == 1
    with closing(sqlite3.connect("guard.db")) as file:
        rows = file.execute("SELECT event, actor, details FROM audit ORDER BY seq").fetchall()
    assert [event for event, *_ in rows] == ["list.imported", "list.forgotten"]
    assert all(actor.startswith("admin:") for _, actor, _ in rows)
    made, forgotten = (json.loads(details) for *_, details in rows)
    assert made["version"] == forgotten["version"]
    assert made["parts"] == ["crm.csv: 1-40"]


def test_forget_what_there_is_not(guard: Guard) -> None:
    """A slip is told before anything is asked, with the name that may be meant."""
    guard("import", "customers", "crm.csv", "--quiet")
    result = guard("forget", "custmers")
    assert result.exit_code == 1
    assert 'there is no list “custmers”; did you mean "customers"?' in result.stderr
    assert "Forget" not in result.stderr
    shutil.rmtree("lists")  # the index is lost, and the note of it can be forgotten all the same
    assert guard("forget", "customers", "--yes").exit_code == 0


def test_stopped_before_it_began(guard: Guard, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while settings and modules are loaded has its sentence, too."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("guard.config.load", stop)
    result = guard("import", "customers", "crm.csv")
    assert "customers: stopped; the list is as it was" in result.stderr


def test_long_names(guard: Guard) -> None:
    """The limit is said; at the limit a list can be made, in either script."""
    for name in ("a" * 101, "顧" * 34):
        result = guard("import", name, "crm.csv", "--quiet")
        assert "up to 100 Latin letters, or 33 Japanese ones" in str(result.exception)
    for name in ("a" * 100, "顧" * 33):
        assert guard("import", name, "crm.csv", "--quiet").exit_code == 0


def test_a_header_alone(guard: Guard) -> None:
    """Without rows it is said so; beside a file that has some it is no fault."""
    Path("none.csv").write_text("氏名,メール\n\n,\n", "utf-8")
    result = guard("import", "customers", "none.csv")
    assert "none.csv: no rows follow the header" in str(result.exception)
    shutil.copy("none.csv", "none2.csv")
    result = guard("import", "customers", "none.csv", "none2.csv")
    assert "none.csv, none2.csv: no rows follow the header" in str(result.exception)
    assert guard("import", "customers", "none.csv", "crm.csv", "--quiet").exit_code == 0


def test_possible_rows(guard: Guard) -> None:
    """Rows of which too little stands there are counted apart, and are no rows."""
    people = crowd.japanese(6, 4000)
    write("crm.csv", people)
    guard("import", "customers", "crm.csv", "--quiet")
    text = "\n".join(f"{one.name} {one.born:%Y/%m/%d}" for one in people[:20])
    Path("born.txt").write_text(text, "utf-8")
    answer = json.loads(guard("test", "customers", "--json", "born.txt").stdout)
    assert answer["count"] == len(answer["rows"]) < 20
    assert answer["possible"] > 0
    assert len(answer["possible_rows"]) == answer["possible"]
    assert not set(answer["possible_rows"]) & set(answer["rows"])
    said = guard("test", "customers", "born.txt").stdout
    assert f"\t{answer['count']} rows\tread\t" in said
    assert f"\t{answer['possible']} more may be chance, not counted\n" in said


def test_a_large_index_is_checked_whole(guard: Guard, monkeypatch: pytest.MonkeyPatch) -> None:
    """Status finds an octet that was changed, also where opening an index does not check all."""
    monkeypatch.setattr("guard.lists.index.AT_ONCE_BYTES", 100)
    guard("import", "customers", "crm.csv", "--quiet")
    assert guard("status").exit_code == 0
    path = Path("lists/customers.rows")
    octets = bytearray(path.read_bytes())
    octets[len(octets) // 4] ^= 1
    path.write_bytes(octets)
    result = guard("status", "--json")
    assert result.exit_code == 1
    assert "damaged" in json.loads(result.stdout)["problem"]


def test_owners(guard: Guard) -> None:
    """Whose a list is stands in the policy, and status shows it."""
    Path("policies").mkdir()
    Path("policies/a.yaml").write_text(
        "guard: 1\nus: {domains: [ours.example]}\nlists: {customers: {owner: 営業部}}\n", "utf-8"
    )
    guard("import", "customers", "crm.csv", "--quiet")
    assert json.loads(guard("status", "--json").stdout)["owner"] == "営業部"
    assert "of 営業部" in guard("status").stdout


def test_a_list_that_no_policy_mentions(guard: Guard) -> None:
    """A name that looks like a slip is hinted at; the list is imported all the same."""
    shutil.copytree(shipped(), "policies")
    assert "hint" not in guard("import", "customers", "crm.csv").stderr
    result = guard("import", "custmers", "crm.csv", "--quiet")
    assert result.exit_code == 0
    assert 'hint: no policy mentions a list “custmers” (did you mean "customers"?)' in result.stderr
    assert "write it under lists:" in guard("import", "x", "crm.csv", "--quiet").stderr
    assert Path("lists/custmers.rows").exists()


def test_an_import_is_remembered(guard: Guard) -> None:
    """What was imported stands in the store too: a list whose index is lost is not forgotten."""
    guard("import", "customers", "crm.csv", "--quiet")
    shutil.rmtree("lists")

    async def known() -> bool:
        database = await Database.open("sqlite:///guard.db")
        try:
            return await ListFolder(Path("lists"), b"k" * 32, "k1", database=database).has(
                "customers"
            )
        finally:
            await database.close()

    assert asyncio.run(known())
    result = guard("status", "--json")
    assert result.exit_code == 1
    answer = json.loads(result.stdout)
    assert answer["name"] == "customers"
    assert "is lost" in answer["problem"]


def test_add(guard: Guard) -> None:
    """Rows are added to a list, and take the place of those with their numbers; others stay."""
    guard("import", "customers", "crm.csv", "--quiet")
    moved = [replace(PEOPLE[3], phone="03-9999-0001", email="moved@x.example")]
    more = [*moved, *crowd.japanese(6, 5)]
    Path("new.csv").write_text(crowd.JAPANESE_FORMS["csv"](more), "utf-8")
    Path("old.csv").write_text(crowd.JAPANESE_FORMS["csv"](PEOPLE), "utf-8")
    for _ in range(MOST_SEGMENTS + 2):  # the last of them puts all in one file
        result = guard("import", "customers", "new.csv", "--add")
        assert result.exit_code == 0, result.output
        assert "6 rows kept as fingerprints in place of" in result.stderr
    (status,) = [json.loads(line) for line in guard("status", "--json").stdout.splitlines()]
    assert (status["problem"], status["rows"]) == ("", 45)
    (found,) = [
        json.loads(line)
        for line in guard("test", "customers", "new.csv", "--json").stdout.splitlines()
    ]
    assert found["count"] == 6
    (found,) = [
        json.loads(line)
        for line in guard("test", "customers", "old.csv", "--json").stdout.splitlines()
    ]
    assert found["count"] == 40


def test_what_was_added_is_told_in_few_words(guard: Guard, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that is added to each night names its first file and its last ones."""
    monkeypatch.setattr("guard.app.list_origins.MOST_PARTS", 3)
    guard("import", "customers", "crm.csv", "--quiet")
    Path("new.csv").write_text(crowd.JAPANESE_FORMS["csv"](crowd.japanese(6, 2)), "utf-8")
    for _ in range(2 * MOST_SEGMENTS):  # the last of them puts all in one file
        assert guard("import", "customers", "new.csv", "--add", "--quiet").exit_code == 0
    answer = json.loads(guard("status", "--json").stdout)
    assert answer["origin"] == "crm.csv, and last new.csv"
    assert answer["parts"] == ["crm.csv and 6 more: 1-52", "new.csv: 53-54", "new.csv: 55-56"]


def test_nothing_to_add_to(guard: Guard) -> None:
    """What was never imported cannot be added to, and the way out is said."""
    guard("import", "others", "crm.csv", "--quiet")
    result = guard("import", "customers", "crm.csv", "--add")
    assert isinstance(result.exception, SourceError)
    assert "guard lists import customers FILE" in str(result.exception)


def test_a_lost_key_is_not_replaced(guard: Guard) -> None:
    """Where a list stands, an import makes no new key: it would cut the list off from its own."""
    guard("import", "customers", "crm.csv", "--quiet")
    Path("guard.key").unlink()
    result = guard("import", "others", "crm.csv")
    assert isinstance(result.exception, GuardError)
    assert not Path("guard.key").exists()


def test_what_is_no_file_is_refused(guard: Guard) -> None:
    """A device, from which one could read for ever, is named and left alone."""
    result = guard("import", "customers", "/dev/zero")
    assert isinstance(result.exception, SourceError)
    assert "no regular file" in str(result.exception)
