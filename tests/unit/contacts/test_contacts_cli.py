"""The commands of ``guard contacts``."""

import json
import signal
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from guard.cli import intake
from guard.cli.contacts import contacts
from guard.contacts import sources as contact_sources
from guard.contacts.events import Event
from guard.model.contact import Contact
from guard.model.errors import SourceError
from guard.store.contacts import ContactStore

HANAKO = {"name": "花子", "address": "hanako@ours.example"}
SATO = {"name": "佐藤 健", "address": "sato@kita-shoji.example"}
SLIP = {"name": "佐藤 健", "address": "sato@kita-syoji.example"}


def run(*words: str) -> list[str]:
    """Run a command that must succeed; gives the lines on stdout."""
    result = CliRunner().invoke(contacts, words, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()


def mail(number: int, to: dict[str, str]) -> dict[str, Any]:
    """Make the message of an event."""
    at = 1_700_000_000 + number * 86_400
    return {
        "id": f"{number}@ours",
        "ts": at,
        "parent": None,
        "sender": HANAKO,
        "to": [to],
        "cc": [],
    }


@pytest.fixture
def events(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A habit of twelve mails, then one right and one wrong to judge; in an empty folder."""
    monkeypatch.chdir(tmp_path)
    lines: list[dict[str, Any]] = [{"op": "directory", "contacts": []}]
    lines += [{"op": "learn", "message": mail(n, SATO)} for n in range(12)]
    lines += [
        {"op": "judge", "case": f"c{n}", "message": mail(13, to)}
        for n, to in enumerate((SATO, SLIP))
    ]
    lines += [
        {"op": "judge", "case": "c2", "message": mail(13, {"name": "", "address": "no address"})}
    ]
    path = tmp_path / "events.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return path


def test_judge(events: Path) -> None:
    """Each case has one verdict line, in order; nothing is written."""
    verdicts = [json.loads(line) for line in run("judge", str(events))]

    assert [one["case"] for one in verdicts] == ["c0", "c1", "c2"]
    assert [one["hold"] for one in verdicts] == [False, True, False]
    assert verdicts[1]["recipient"] == SLIP["address"]
    assert verdicts[1]["intended"] == SATO["address"]
    assert verdicts[1]["score"] > 0.5 > verdicts[0]["score"]
    assert [path.name for path in events.parent.iterdir()] == ["events.jsonl"]


def test_alike(tmp_path: Path) -> None:
    """Pairs are answered line by line, with score and kind."""
    pairs = tmp_path / "pairs.jsonl"
    rows = [
        ("a", "山田太郎", "Taro Yamada"),
        ("b", "佐藤 健一", "佐藤 健二"),
        ("c", "小野", "Bell"),
    ]
    pairs.write_text(
        "".join(json.dumps(dict(zip(("id", "a", "b"), row, strict=True))) + "\n" for row in rows)
    )

    found = [json.loads(line) for line in run("alike", str(pairs))]

    assert [(one["id"], one["kind"]) for one in found] == [
        ("a", "same"),
        ("b", "confusable"),
        ("c", "unrelated"),
    ]
    pairs.write_text('{"id": 1}\n')
    with pytest.raises(SourceError, match=r"pairs\.jsonl:1:"):
        run("alike", str(pairs))


@pytest.mark.parametrize("line", [b"\xff\xfe{}", b"[" * 100_000])
@pytest.mark.parametrize("command", ["alike", "judge"])
def test_no_lines_of_json(tmp_path: Path, command: str, line: bytes) -> None:
    """What is no text, or nested without end, is named by file and line."""
    path = tmp_path / "lines.jsonl"
    path.write_bytes(b"\n" + line)

    with pytest.raises(SourceError, match=r"lines\.jsonl:2: "):
        run(command, str(path))


def test_half_a_surrogate_is_given_back(tmp_path: Path) -> None:
    """An id that no encoding has is answered as it was asked."""
    path = tmp_path / "pairs.jsonl"
    path.write_text('{"id": "\\ud800", "a": "Ann", "b": "Ann"}')

    assert json.loads(run("alike", str(path))[0])["id"] == "\ud800"


def test_stopped_learning_keeps_what_was_counted(
    events: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C stops between two messages, says how many were learned, and ends with 130."""
    (events.parent / "guard.toml").write_text("")
    read = contact_sources.read_sent

    def interrupted(path: Path, *, now: datetime) -> Iterator[Event]:
        for number, event in enumerate(read(path, now=now)):
            if number == 5:
                signal.raise_signal(signal.SIGINT)
            yield event

    monkeypatch.setattr(contact_sources, "read_sent", interrupted)
    result = CliRunner().invoke(contacts, ["learn", str(events)])

    assert (result.exit_code, "stopped after 5 messages" in result.stderr) == (130, True)
    (sato,) = (json.loads(line) for line in run("near", SLIP["address"], "--json"))
    assert sato["by_organisation"] == 5


def test_import_learn_near(events: Path) -> None:
    """What is imported and learned is found again, in another process's words."""
    (events.parent / "guard.toml").write_text("")
    table = events.parent / "people.csv"
    table.write_bytes(
        "氏名,会社名,メールアドレス\r\n小野,南物産,ono@minami.example\r\n".encode("cp932")
    )

    run("import", str(table))
    run("learn", str(events))

    (sato,) = (json.loads(line) for line in run("near", SLIP["address"], "--json"))
    assert (sato["address"], sato["kind"]) == (SATO["address"], "romanisation")
    assert sato["by_organisation"] == 12
    (line,) = run("near", SLIP["address"])
    assert SATO["address"] in line
    assert "12 by all" in line
    assert '"sy" instead of "sh"' in line
    assert run("answers") == []
    (weighed,) = (
        json.loads(row)
        for row in run("near", SLIP["address"], "--sender", HANAKO["address"], "--json")
    )
    assert sato["parts"] == {}
    assert weighed["suspicion"] > 0.9
    assert weighed["parts"].keys() == {"recipient", "candidate", "likeness"}
    assert run("search", "南") == ["ono@minami.example\t小野\t南物産"]
    run("forget", "ono@minami.example")
    assert run("search", "南") == []


def test_import_is_whole_or_not(events: Path) -> None:
    """A table with one bad line imports nothing."""
    (events.parent / "guard.toml").write_text("")
    table = events.parent / "people.csv"
    table.write_text("name,email\nAnn,ann@north.example\nBob,bob at north\n")

    with pytest.raises(SourceError, match=r"people\.csv:3:"):
        run("import", str(table))

    assert run("search", "ann") == []


def test_import_lets_others_write(events: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many contacts some are written at once, and all in the end."""
    written: list[int] = []
    add = ContactStore.add

    async def noted(store: ContactStore, contacts: Sequence[Contact]) -> None:
        written.append(len(contacts))
        await add(store, contacts)

    monkeypatch.setattr(ContactStore, "add", noted)
    monkeypatch.setattr(intake, "AT_ONCE", 2)
    monkeypatch.setattr(intake, "PAUSE_S", 0)
    (events.parent / "guard.toml").write_text("")
    table = events.parent / "people.csv"
    table.write_text("name,email\n" + "".join(f"N{n},n{n}@north.example\n" for n in range(5)))

    run("import", str(table))

    assert written == [2, 2, 1]
    assert len(run("search", "north")) == 5


def test_not_an_address(events: Path) -> None:
    """Wrong usage says how an address is written."""
    result = CliRunner().invoke(contacts, ["near", "ann"])

    assert result.exit_code == 2
    assert "name@example.com" in result.stderr


@pytest.mark.parametrize("text", ["\udcff", "a\0b", "x" * 5000])
def test_what_nobody_is_called_is_not_found(events: Path, text: str) -> None:
    """A text that no database could take is a question like any other."""
    (events.parent / "guard.toml").write_text("")

    assert run("search", text) == []
