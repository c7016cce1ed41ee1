"""What the demo tells: decisions noted, lines printed, scripts held against what was expected."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from factories import envelope, match, verdict

from guard.cli.demo import _Lines
from guard.cli.options import spoken_language
from guard.demo.catcher import Catcher, catching
from guard.demo.journal import Decision, Journal
from guard.demo.play import play
from guard.demo.script import script
from guard.model.message import Attachment, Message
from guard.model.reply import Reply
from guard.model.verdict import Action

LOGO = Attachment(part="2", name="logo.png", content_type="image/png", octets=b"", inline=True)
QUOTE = Attachment(part="3", name="見積.xlsx", content_type="application/zip", octets=b"")


def examination(answer):
    """What the guard shows its observer."""
    inspection = SimpleNamespace(
        envelope=envelope(),
        message=Message(subject="件名", message_id="<1@x>", attachments=(LOGO, QUOTE)),
    )
    return SimpleNamespace(inspection=inspection, verdict=answer)


def test_journal_names_the_strictest_rule_and_every_sentence() -> None:
    """A rule that only tells does not hide the one that holds; what is only watched is silent."""
    said: list[Decision] = []
    answer = verdict(
        match(rule="tells", action=Action.TELL, sentences=(("en", ("Many.",)),)),
        match(rule="holds", action=Action.HOLD, sentences=(("en", ("Alike.",)),)),
        match(rule="watches", action=Action.HOLD, watched=True),
    )

    journal = Journal(said.append)
    journal.observe(examination(answer), Reply(250, "2.0.0", "Held for you: H-7K3Q-M2"))

    decision = journal.of("<1@x>")
    assert said == [decision]
    assert decision is not None
    assert (decision.action, decision.rule, decision.number) == (
        Action.HOLD,
        "holds",
        "H-7K3Q-M2",
    )
    assert decision.reasons("en") == decision.reasons("ja") == ("Many.", "Alike.")
    assert decision.attachments == ("見積.xlsx",)
    assert journal.of("<2@x>") is None


def test_lines_are_parted_by_tabs_in_a_pipe(capsys) -> None:
    """One line a decision, with sender, recipient, files, word and rule."""
    journal = Journal(_Lines("en"))
    journal.observe(examination(verdict(match(rule="r"))), Reply(250, "", ""))

    (line,) = capsys.readouterr().out.splitlines()
    assert line.split("\t")[1:] == ["yamada@example.co.jp", "2 recipients + 見積.xlsx", "HELD", "r"]


@pytest.mark.parametrize(
    ("given", "locale", "spoken"),
    [
        ("ja", "en_GB.UTF-8", "ja"),
        (None, "ja_JP.UTF-8", "ja"),
        (None, "C.UTF-8", "en"),
        (None, "", "en"),
    ],
)
def test_language_is_that_of_the_locale(monkeypatch, given, locale, spoken) -> None:
    """An option wins over the locale; English where neither says."""
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", locale)

    assert spoken_language(given) == spoken


async def test_a_guard_that_decides_nothing_is_not_as_expected() -> None:
    """Mail that passes by without a decision fails the script, and says so in its line."""
    async with catching(Catcher(), "127.0.0.1", 0) as address:
        (played,) = [each async for each in play(script()[:1], Journal(), address)]

    line = played.as_json()
    assert not played.as_expected
    assert (line["decision"], line["rule"]) == (None, None)
    assert line["expected"] == {"decision": "deliver", "rule": None}
    assert line["reply"].startswith("250 2.0.0 Kept")


def test_every_letter_says_when_it_was_written() -> None:
    """The Date is the moment of sending, with its offset (RFC 5322 §3.3)."""
    octets = script()[0].letter.octets(at=datetime(2026, 11, 23, 6, 0, tzinfo=UTC))
    assert b"\r\nDate: Mon, 23 Nov 2026 06:00:00 +0000\r\n" in octets
