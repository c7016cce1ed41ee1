"""Settings of the places that lists come from: what each kind needs, and how errors are told."""

from pathlib import Path

import pytest

from guard.config import Settings, load
from guard.config.lists import ListFile, ListQuery
from guard.model.errors import SettingsError

WHOLE = """
[[list_source]]
name = "customers"
kind = "file"
path = "crm"
columns = { TEL2 = "phone", "備考" = "ignore" }

[[list_source]]
name = "prospects"
kind = "sql"
url = "postgresql://reader@db.example/crm"
password_file = "crm.password"
query = "SELECT id, name FROM leads"

[[list_source]]
name = "staff"
kind = "sql"
url = "sqlite:///staff.db"
query = "SELECT 1"
"""


def test_kinds(tmp_path: Path) -> None:
    """Each kind has keys of its own; paths start at the file's folder."""
    file = tmp_path / "guard.toml"
    file.write_text(WHOLE, "utf-8")
    customers, prospects, staff = load(file).list_source
    assert isinstance(customers, ListFile)
    assert isinstance(prospects, ListQuery)
    assert isinstance(staff, ListQuery)
    assert customers.path == tmp_path / "crm"
    assert customers.columns == {"TEL2": "phone", "備考": "ignore"}
    assert prospects.password_file == tmp_path / "crm.password"
    assert prospects.url == "postgresql://reader@db.example/crm"
    assert staff.url == f"sqlite:///{tmp_path}/staff.db"


def test_another_process_gets_the_same(tmp_path: Path) -> None:
    """What a child is told are the settings that its guard has."""
    file = tmp_path / "guard.toml"
    file.write_text(WHOLE + '\n[notices]\nfrom = "Guard <g@ours.example>"\n', "utf-8")
    settings = load(file)
    again = Settings.model_validate_json(settings.model_dump_json(by_alias=True))
    assert again == settings


@pytest.mark.parametrize(
    ("line", "instead", "told"),
    [
        ('kind = "file"', 'kind = "flie"', r':2:\d+ .*kind: "flie" is not one of .*mean "file"'),
        ('path = "crm"', "", r":2:\d+ .*path is missing"),
        ('"phone"', '"phon"', r':6:\d+ .*“TEL2”: “phon” is no kind of column .*mean "phone"'),
        ('name = "staff"', 'name = "customers"', r'two sources are for the list "customers"'),
        ('name = "staff"', 'name = "../staff"', r":\d+:\d+ .*name: write a name of letters"),
        ("reader@db", "reader:geheim@db", r"leave the password out of the address"),
        ('/crm"\npass', '/crm?password=geheim"\npass', r"leave the password out of the address"),
        ('"SELECT 1"', '"DELETE FROM x"', r"query: write a query that only reads"),
        ('query = "SELECT 1"', "", r"query is missing"),
    ],
)
def test_errors(tmp_path: Path, line: str, instead: str, told: str) -> None:
    """A slip is told with its place, and no password with it."""
    file = tmp_path / "guard.toml"
    assert line in WHOLE
    file.write_text(WHOLE.replace(line, instead), "utf-8")
    with pytest.raises(SettingsError, match=told) as refused:
        load(file)
    assert "geheim" not in str(refused.value)
