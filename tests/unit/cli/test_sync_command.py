"""``guard contacts sync``, ``import`` and ``learn``."""

import itertools
import json
import re
import signal
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from guard.app import sync as sync_module
from guard.cli.contacts import contacts
from guard.cli.errors import told
from guard.contacts.sources.changes import Change
from guard.model.address import Address
from guard.model.contact import Contact
from guard.model.errors import SourceError


def run(*words: str) -> Result:
    """Run a command as the program does: errors of ours become words and a code."""
    with told():
        return CliRunner().invoke(contacts, words)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two sources of contacts and one of mail, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "guard.toml").write_text(
        '[[source]]\nname = "crm"\nkind = "csv"\npath = "crm.csv"\n\n'
        '[[source]]\nname = "cards"\nkind = "vcard"\npath = "cards.vcf"\n\n'
        '[[source]]\nname = "sent"\nkind = "mbox"\npath = "sent.mbox"\n'
    )
    (tmp_path / "crm.csv").write_text("name,email\nAnn,ann@north.example\nBob,b@north.example\n")
    (tmp_path / "cards.vcf").write_text("BEGIN:VCARD\nFN:小野\nEMAIL:ono@s.example\nEND:VCARD\n")
    (tmp_path / "sent.mbox").write_text(
        "From x Mon Nov  2 10:00:00 2026\nFrom: a@ours.example\nTo: ann@north.example\n"
        "Message-ID: <1@ours>\n\n\nFrom x Mon Nov  2 10:00:00 2026\nFrom: a@ours.example\n\n"
    )
    return tmp_path


def test_sync(site: Path) -> None:
    """Each source has one line; a second time nothing is new."""
    result = run("sync")
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == [
        "crm: 2 contacts · 2 came, 0 changed, 0 went (0 taken out)",
        "cards: 1 contacts · 1 came, 0 changed, 0 went (0 taken out)",
        "sent: 1 mails counted, 0 known before · 1 left out",
    ]
    assert "sender or no recipient" in result.stderr
    result = run("sync", "--quiet")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
    assert run("sync", "crm").stdout == "crm: 2 contacts · unchanged\n"
    assert run("search", "小野").stdout == "ono@s.example\t小野\t\n"


def test_sync_json(site: Path) -> None:
    """For programs each line is an object."""
    rows = [json.loads(line) for line in run("sync", "--json").stdout.splitlines()]
    assert [(row["name"], row["end"], row["contacts"], row["mails"]) for row in rows] == [
        ("crm", "done", 2, 0), ("cards", "done", 1, 0), ("sent", "done", 0, 1),
    ]  # fmt: skip


def test_one_fails(site: Path) -> None:
    """What fails is told with the age of what stays; the others go on; the end is 1."""
    run("sync")
    (site / "crm.csv").write_text("name,email\nAnn,ann at north\n")
    (site / "cards.vcf").unlink()

    result = run("sync")

    assert result.exit_code == 1
    assert "guard: crm.csv:2: “ann at north” is not an e-mail address" in result.stderr
    assert re.search(
        r"guard: crm: 2 contacts stay, as of 20\d\d-.* \(0.0 hours ago\)", result.stderr
    )
    assert "cards.vcf: cannot be read (No such file" in result.stderr
    assert result.stdout.startswith("sent: 0 mails counted, 0 known before")
    result = run("sync", "crm", "--skip-broken")
    assert result.exit_code == 1
    assert "2 of 2 contacts are not there any more (100 %)" in result.stderr
    result = run("sync", "crm", "--skip-broken", "--accept-loss")
    assert result.exit_code == 0
    assert "left out: crm.csv:2:" in result.stderr


def test_stopped(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C leaves the contacts of a source as they were, reads no other, and ends with 130."""

    class Endless:
        def changes(self, since: str, *, now: datetime) -> Iterator[Change]:
            return self._contacts()

        def _contacts(self) -> Iterator[Change]:
            for number in itertools.count():
                if number == 1500:
                    signal.raise_signal(signal.SIGINT)
                yield Contact(address=Address.parse(f"p{number}@north.example"))

    monkeypatch.setattr(sync_module, "source_of", lambda _: Endless())
    result = run("sync")

    assert result.exit_code == 130
    assert result.stdout == ""
    assert "guard: crm: stopped; its contacts are as they were" in result.stderr
    monkeypatch.undo()
    monkeypatch.chdir(site)
    assert run("search", "north").stdout == ""
    assert run("sync", "crm").exit_code == 0


def test_only_away(site: Path) -> None:
    """Where trying again may help, the end is 75."""
    (site / "pw").write_text("x")
    with (site / "guard.toml").open("a") as file:
        file.write(
            '\n[[source]]\nname = "imap"\nkind = "imap"\naddress = "127.0.0.1:1"\nuser = "a"\n'
            'password_file = "pw"\n'
        )
    result = run("sync")
    assert result.exit_code == 75
    assert "guard: imap: 127.0.0.1:1 does not answer (Connection refused)" in result.stderr
    assert "crm: 2 contacts" in result.stdout


def test_status(site: Path) -> None:
    """How sources stand is told without reading them; also of those that are in no file now."""
    lines = run("sync", "--status").stdout.splitlines()
    assert lines[0] == "crm\tcsv\t0 contacts\t0 mails\tnever read"
    run("sync")
    (site / "crm.csv").unlink()
    run("sync", "crm")
    (site / "guard.toml").write_text('[[source]]\nname="crm"\nkind="csv"\npath="crm.csv"\n')
    crm, cards, _ = run("sync", "--status").stdout.splitlines()
    assert re.fullmatch(
        r"crm\tcsv\t2 contacts\t0 mails\tread .* \(0.0 hours ago\)\t.*cannot be read.*", crm
    )
    assert cards.endswith("\tok\tnot in guard.toml")
    (row,) = (
        json.loads(line) for line in run("sync", "crm", "--status", "--json").stdout.splitlines()
    )
    assert (row["contacts"], row["age_s"] < 60, row["in_settings"]) == (2, True, True)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [(["crn"], 2, 'no source is called crn; did you mean "crm"?'), ([], 1, "no [[source]]")],
)
def test_nothing_to_read(site: Path, words: list[str], code: int, said: str) -> None:
    """A name that is none is wrong usage; no source at all is said."""
    if not words:
        (site / "guard.toml").write_text("")
    result = run("sync", *words)
    assert (result.exit_code, said in result.stderr) == (code, True)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.vcf", "BEGIN:VCARD\nFN:小野\nEMAIL:ono@south.example\nEND:VCARD\n"),
        ("a.jsonl", '{"address": "ono@south.example", "name": "小野"}\n'),
        ("a.csv", "氏名,email\n小野,ono@south.example\n"),
    ],
)
def test_import(site: Path, name: str, text: str) -> None:
    """The name of a file says what it is; what was imported no source takes out."""
    (site / name).write_text(text)
    result = run("import", name)
    assert result.exit_code == 0, result.output
    assert "1 contacts imported" in result.stderr
    assert run("search", "小野").stdout == "ono@south.example\t小野\t\n"


def test_import_skips_what_is_broken(site: Path) -> None:
    """All or none, unless the rest is asked for; then what is left out is told."""
    bad = "".join(f"nobody{n}\n" for n in range(30))
    (site / "a.csv").write_text(f"email\n{bad}ono@south.example\n")
    result = CliRunner().invoke(contacts, ["import", "a.csv"])
    assert isinstance(result.exception, SourceError)
    assert run("search", "south").stdout == ""
    result = run("import", "a.csv", "--skip-broken")
    assert result.exit_code == 0
    assert len(re.findall(r"left out: a\.csv:\d+: ", result.stderr)) == 20
    assert "left out: 10 more" in result.stderr
    assert run("search", "south").stdout.startswith("ono@south.example")


def test_learn_once(site: Path) -> None:
    """The same mail counts once, wherever it comes from; broken ones are counted apart."""
    result = run("learn", "sent.mbox")
    assert "1 messages learned, 1 without sender or recipient" in result.stderr
    result = run("learn", "sent.mbox")
    assert "0 messages learned, 1 known before" in result.stderr
    assert "0 mails counted, 1 known before" in run("sync", "sent").stdout
