"""Contacts and sent mail from files, as sources."""

import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from guard.config.sources import FileSource, MailSource
from guard.contacts.sources.changes import Broken, Change, Mark
from guard.model.contact import Contact, Exchange
from guard.model.errors import SourceAwayError, SourceError
from guard.sources import source_of
from guard.sources.files import unreadable

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


def read(kind: Any, path: Path, since: str = "") -> list[Change] | None:
    sent = kind in {"mbox", "maildir", "eml"}
    its = (MailSource if sent else FileSource)(name="x", kind=kind, path=path)
    changes = source_of(its).changes(since, now=NOW)
    return None if changes is None else list(changes)


def token(changes: list[Change] | None) -> str:
    assert changes
    assert isinstance(changes[-1], Mark)
    return changes[-1].token


def mail(number: int) -> bytes:
    return (
        f"From: hanako@ours.example\nTo: ann@north.example\nMessage-ID: <{number}@ours>\n\ntext\n"
    ).encode()


def numbers(changes: list[Change] | None) -> list[str]:
    return [each.message_id for each in changes or () if isinstance(each, Exchange)]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("csv", "name,email\nAnn,ann@north.example\n"),
        ("vcard", "BEGIN:VCARD\nFN:Ann\nEMAIL:ann@north.example\nEND:VCARD\n"),
        ("jsonl", json.dumps({"address": "ann@north.example", "name": "Ann"})),
    ],
)
def test_read_if_changed(tmp_path: Path, kind: str, text: str) -> None:
    """A file is read whole, and again only when it is another one."""
    path = tmp_path / "people"
    path.write_text(text)

    first = read(kind, path)
    assert [each.name for each in first or () if isinstance(each, Contact)] == ["Ann"]
    assert read(kind, path, token(first)) is None
    path.write_text(text + "\n")
    assert read(kind, path, token(first))


def test_folder_of_cards(tmp_path: Path) -> None:
    """A card that comes, or goes, is a change of the folder."""
    for name in ("a", "deep/b"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        card = f"BEGIN:VCARD\nFN:{name}\nEMAIL:x@north.example\nEND:VCARD\n"
        (tmp_path / f"{name}.vcf").write_text(card)
    first = read("vcard", tmp_path)
    assert [each.name for each in first or () if isinstance(each, Contact)] == ["a", "deep/b"]
    assert read("vcard", tmp_path, token(first)) is None
    (tmp_path / "a.vcf").unlink()
    assert len(read("vcard", tmp_path, token(first)) or ()) == 2
    (tmp_path / "deep/b.vcf").write_text("")
    (broken, _) = read("vcard", tmp_path) or ()
    assert isinstance(broken, Broken)
    assert f"{tmp_path}/deep/b.vcf:1:" in broken.message


@pytest.mark.parametrize("kind", ["csv", "vcard", "jsonl", "mbox", "maildir", "eml"])
def test_missing(tmp_path: Path, kind: str) -> None:
    """What is not there is named."""
    with pytest.raises(SourceError, match=rf"{tmp_path}/none: cannot be read \(No such file"):
        read(kind, tmp_path / "none")


@pytest.mark.parametrize(
    ("kind", "make", "message"),
    [
        ("mbox", Path.mkdir, "is a folder"),
        ("maildir", Path.touch, "is a file"),
        ("eml", Path.mkdir, "neither a Maildir nor a folder with .eml"),
        ("vcard", Path.mkdir, "has no .vcf file"),
        ("csv", Path.mkdir, "Is a directory"),
        ("mbox", lambda path: path.write_text("no mail"), "is no mbox"),
    ],
)
def test_other_kind(tmp_path: Path, kind: str, make: Any, message: str) -> None:
    """What is of another kind is named, and what to write."""
    make(tmp_path / "x")
    with pytest.raises(SourceError, match=message):
        read(kind, tmp_path / "x")


def test_trouble_that_may_pass(tmp_path: Path) -> None:
    """A file server that is away is trouble of another kind than a file that is not there."""
    assert isinstance(unreadable(tmp_path, OSError(116, "Stale file handle")), SourceAwayError)
    assert not isinstance(unreadable(tmp_path, PermissionError(13, "no")), SourceAwayError)


def test_mbox_goes_on(tmp_path: Path) -> None:
    """What was appended is read, from the mark on; a file that was rewritten, whole."""
    path = tmp_path / "sent"
    path.write_bytes(b"")
    empty = read("mbox", path)
    assert numbers(empty) == []

    def append(*which: int) -> None:
        with path.open("ab") as file:
            for number in which:
                file.write(b"From x Mon Nov  2 10:00:00 2026\n" + mail(number) + b"\n")

    append(1, 2)
    first = read("mbox", path, token(empty))
    assert numbers(first) == ["<1@ours>", "<2@ours>"]
    append(3)
    second = read("mbox", path, token(first))
    assert numbers(second) == ["<3@ours>"]
    assert numbers(read("mbox", path, token(second))) == []
    path.write_bytes(b"")
    append(2, 3)
    assert numbers(read("mbox", path, token(first))) == ["<2@ours>", "<3@ours>"]
    assert numbers(read("mbox", path, "nonsense")) == ["<2@ours>", "<3@ours>"]


def test_maildir_goes_on(tmp_path: Path) -> None:
    """Mail that was put there after the last reading is read, whatever its own times say."""
    for part in ("cur", "new", "tmp", ".Sent/cur"):
        (tmp_path / part).mkdir(parents=True)
    (tmp_path / "cur/1:2,S").write_bytes(mail(1))
    first = read("maildir", tmp_path)
    assert numbers(first) == ["<1@ours>"]
    later = str(int(token(first)) + 3600 * 10**9)

    assert numbers(read("maildir", tmp_path, later)) == []
    old = tmp_path / "tmp/2"
    old.write_bytes(mail(2))
    os.utime(old, (0, 0))
    shutil.move(old, tmp_path / ".Sent/cur/2:2,S")
    assert "<2@ours>" in numbers(read("maildir", tmp_path, token(first)))


def test_unreadable_mail(tmp_path: Path) -> None:
    """One file that cannot be read is told of; the rest comes."""
    (tmp_path / "a.eml").write_bytes(mail(1))
    (tmp_path / "b.eml").mkdir()
    (tmp_path / "c.EML").write_bytes(mail(3))
    (tmp_path / "d.eml").symlink_to(tmp_path / "nowhere")
    changes = read("eml", tmp_path)
    assert numbers(changes) == ["<1@ours>", "<3@ours>"]
