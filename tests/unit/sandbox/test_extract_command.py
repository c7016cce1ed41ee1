"""``guard extract`` on the command line."""

import json
from email.message import EmailMessage
from pathlib import Path

import pytest
from click.testing import CliRunner

from guard.cli.extract import extract


def test_lines_of_json(tmp_path: Path) -> None:
    """A line a file, named as given; exit code 1, for one of them cannot be read."""
    good, bad = tmp_path / "顧客.csv", tmp_path / "b.pdf"
    good.write_bytes("山田,かな".encode("cp932"))
    bad.write_bytes(b"%PDF-1.7")
    result = CliRunner().invoke(extract, [str(good), str(bad), "--json"])
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(line["file"], line["state"], line["reasons"], line["text"]) for line in lines] == [
        (str(good), "read", [], "山田,かな"),
        (str(bad), "unreadable", ["corrupt"], ""),
    ]
    assert all(line["seconds"] >= 0 for line in lines)
    assert result.exit_code == 1


def test_places_of_a_mail(tmp_path: Path) -> None:
    """Without --json people read the text under its places, the attachments' too."""
    message = EmailMessage()
    message["Subject"] = "見積"
    message["From"] = "a@example.com"
    message.set_content("本文")
    message.add_attachment("行".encode(), maintype="text", subtype="csv", filename="a.csv")
    path = tmp_path / "mail.eml"
    path.write_bytes(message.as_bytes())
    result = CliRunner().invoke(extract, [str(path)])
    assert result.exit_code == 0
    assert f"{path}: read" in result.stdout
    for piece in ("[header]", "Subject: 見積", "[part 1]", "本文", "[mail.eml/a.csv]", "行"):
        assert piece in result.stdout


def test_missing_file() -> None:
    """A file that is not there is a mistake in the command: exit code 2, and its name."""
    result = CliRunner().invoke(extract, ["no-such-file"])
    assert result.exit_code == 2
    assert "no-such-file" in result.stderr
    assert result.stdout == ""


def test_a_file_is_named_as_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks by ``./a.txt`` finds the answer under that name."""
    monkeypatch.chdir(tmp_path)
    Path("a.txt").write_text("words", "utf-8")
    result = CliRunner().invoke(extract, ["./a.txt", "--json"])
    assert json.loads(result.stdout)["file"] == "./a.txt"


def test_password_file(tmp_path: Path) -> None:
    """Passwords stand in files, not among the arguments, which everybody on the machine sees."""
    locked = Path(__file__).parents[2] / "samples/archives/aes.zip"
    closed = CliRunner().invoke(extract, [str(locked), "--json"])
    assert json.loads(closed.stdout)["reasons"] == ["encrypted"]

    key = tmp_path / "password"
    key.write_text("secret\nsecond line\n")
    opened = CliRunner().invoke(extract, [str(locked), "--json", "--password-file", str(key)])
    line = json.loads(opened.stdout)
    assert (line["state"], opened.exit_code) == ("read", 0)
    assert "jiro@example.com" in line["text"]


def test_a_password_in_no_known_encoding(tmp_path: Path) -> None:
    """The file is wrong, not Guard: exit code 2 and words, without what stands in it."""
    key = tmp_path / "password"
    key.write_bytes("パスワード".encode("cp932"))
    result = CliRunner().invoke(extract, [str(key), "--password-file", str(key)])
    assert result.exit_code == 2
    assert "UTF-8" in result.stderr
    assert "\\x" not in result.stderr
