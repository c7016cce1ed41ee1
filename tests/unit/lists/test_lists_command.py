"""``guard lists``: what is said, where, and with which exit code."""

import asyncio
import json
import shutil
import stat
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import crowd
import openpyxl
import pytest
from click.testing import CliRunner, Result

from guard.cli.lists import lists
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
        {"file": "./leak.txt", "state": "read", "reasons": [], "rows": rows, "count": 10},
        {"file": "clean.txt", "state": "read", "reasons": [], "rows": [], "count": 0},
        {"file": "leak.xlsx", "state": "read", "reasons": [], "rows": rows, "count": 10},
        {"file": "leak.eml", "state": "read", "reasons": [], "rows": [1, *rows], "count": 11},
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


def test_a_list_that_shrinks(guard: Guard) -> None:
    """An import that loses more than a fifth of the rows is done, and says so with both counts."""
    guard("import", "customers", "crm.csv", "--quiet")
    for count, warned in ((33, False), (20, True), (20, False)):
        text = crowd.JAPANESE_FORMS["csv"](PEOPLE[:count])
        Path("crm.csv").write_bytes(text.encode("cp932"))
        result = guard("import", "customers", "crm.csv", "--quiet")
        assert result.exit_code == 0
        assert ("had 33 rows before and has 20 now" in result.stderr) is warned
        assert bool(result.stderr) is warned


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
