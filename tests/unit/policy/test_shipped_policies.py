"""The policy that ships: usable with two lines changed, and right about the cases that matter."""

from datetime import date
from pathlib import Path

import pytest
from policy_cases import inspection, list_like, lookalike, marked, not_theirs, numbers, rows, unread

from guard.detect.mark_words import MARKS
from guard.model.extract import Reason
from guard.model.finding import Finding, Greeting
from guard.model.verdict import Action, Confirm
from guard.policy import shipped
from guard.policy.decide import decide
from guard.policy.load import load, read

POLICIES = shipped()
TODAY = date(2026, 11, 23)
STRANGER = "sato@kita-syoji.example"


def test_without_problems() -> None:
    """What ships is without errors and warnings, and names the list that the manual names."""
    assert read(POLICIES, today=TODAY).problems == ()
    assert load(POLICIES).list_names == ("customers",)
    assert load(POLICIES).lists["customers"].source is None


def test_every_rule_speaks_both_languages() -> None:
    """Japanese and English are equals."""
    assert all(rule.message.keys() == {"ja", "en"} for rule in load(POLICIES).rules)


def test_domains_and_mode_are_lines_of_their_own(tmp_path: Path) -> None:
    """Changing ``domains:`` and ``mode:`` is exchanging one line each."""
    lines = (POLICIES / "main.yaml").read_text("utf-8").splitlines()
    (domains,) = (line for line in lines if line.strip().startswith("domains:"))
    (mode,) = (line for line in lines if line.startswith("mode:"))
    exchange = {domains: "  domains: [kita-shoji.example]", mode: "mode: watch"}
    text = "\n".join(exchange.get(line, line) for line in lines)
    (tmp_path / "main.yaml").write_text(text, "utf-8")

    policy = load(tmp_path)
    assert policy.us.domains == ("kita-shoji.example",)
    assert policy.mode == "watch"


@pytest.mark.parametrize(
    ("to", "findings", "rule"),
    [
        (STRANGER, [lookalike(STRANGER)], "lookalike-recipient"),
        (STRANGER, [lookalike(STRANGER, score=0.03)], None),
        (STRANGER, [rows(30)], "customer-rows-attached"),
        (STRANGER, [rows(30, own={STRANGER: 30})], None),
        ("suzuki@example.co.jp", [rows(30)], None),
        (STRANGER, [rows(30, file="")], "customer-rows-in-body"),
        (STRANGER, [unread("a.zip", Reason.ENCRYPTED)], "encrypted-attachment"),
        (STRANGER, [unread("a.bin", Reason.UNKNOWN_BINARY)], "unreadable-attachment"),
        (STRANGER, [unread("photo.jpg", Reason.IMAGE_ONLY)], None),
        (STRANGER, [unread("", Reason.DEFECT)], "damaged-or-too-large"),
        (STRANGER, [Greeting(score=0.9, greeting="佐藤様")], None),
    ],
)
def test_judges(to: str, findings: list[Finding], rule: str | None) -> None:
    """A look-alike and rows of customers are held with a tick each; everyday mail is not."""
    verdict = decide(inspection(to), findings, load(POLICIES), today=TODAY)

    assert [match.rule for match in verdict.acting] == ([rule] if rule else [])
    assert verdict.action is (Action.HOLD if rule else Action.DELIVER)
    assert verdict.confirm is Confirm.TICK_EACH


def test_known_recipients_can_be_lookalikes() -> None:
    """A wrong recipient may be one whom the sender knows."""
    mail = inspection(STRANGER, known=(STRANGER,))

    assert decide(mail, [lookalike(STRANGER)], load(POLICIES), today=TODAY).action is Action.HOLD


def test_a_locked_file_is_asked_about_every_time() -> None:
    """To a known recipient, too: nobody can say whose data it is."""
    mail = inspection(STRANGER, known=(STRANGER,))
    asked = decide(mail, [unread("a.zip", Reason.ENCRYPTED)], load(POLICIES), today=TODAY)

    assert [match.rule for match in asked.acting] == ["encrypted-attachment"]


def test_many_companies_are_told() -> None:
    """Five companies that see each other are delivered, and the sender is told."""
    mail = inspection(*(f"a@company{number}.example" for number in range(5)))

    assert decide(mail, (), load(POLICIES), today=TODAY).action is Action.TELL


@pytest.mark.parametrize(
    ("findings", "recorded"),
    [
        pytest.param([not_theirs()], True, id="sent as somebody else"),
        pytest.param([], False, id="as oneself, or without a login"),
    ],
)
def test_another_sender_is_recorded(findings: list[Finding], recorded: bool) -> None:
    """Whoever sends as somebody else is only recorded until ``send_as`` was filled in."""
    verdict = decide(inspection("suzuki@example.co.jp"), findings, load(POLICIES), today=TODAY)

    assert verdict.action is Action.DELIVER
    assert [(match.rule, match.action) for match in verdict.matches] == (
        [("sender-not-theirs", Action.TELL)] if recorded else []
    )


@pytest.mark.parametrize("file", ["", "list.csv"])
def test_what_needs_no_list_neither_holds_nor_tells(file: str) -> None:
    """Nobody is asked or told for what only looks like a list: no rule speaks, or watches."""
    found: list[Finding] = [list_like(100_000, file=file), marked(*MARKS, file=file)]
    found += [numbers(1_000, kind=kind, file=file) for kind in ("my_number", "card")]
    for to in ((STRANGER,), ("suzuki@example.co.jp",), (STRANGER, "suzuki@example.co.jp")):
        verdict = decide(inspection(*to, files=("list.csv",)), found, load(POLICIES), today=TODAY)

        assert verdict.action is Action.DELIVER
        assert verdict.matches == ()


def test_the_manuals_rules_for_what_needs_no_list(tmp_path: Path) -> None:
    """The rules that docs/policy.md shows load as they stand, beside those that ship, and hold."""
    manual = (Path(__file__).parents[3] / "docs" / "policy.md").read_text("utf-8")
    shown = manual.partition("## What needs no list")[2].partition("\n## ")[0]
    lines = [line[4:] for line in shown.splitlines() if line.startswith("    ")]
    (tmp_path / "main.yaml").write_text((POLICIES / "main.yaml").read_text("utf-8"), "utf-8")
    (tmp_path / "more.yaml").write_text("\n".join(lines), "utf-8")

    assert read(tmp_path, today=TODAY).problems == ()
    policy = load(tmp_path)
    for finding, rule, action in (
        (list_like(20), "looks-like-a-list", Action.HOLD),
        (list_like(20, file=""), "list-in-the-text", Action.TELL),
        (numbers(1, kind="card"), "protected-numbers", Action.HOLD),
        (marked("社外秘"), "marked-for-us-alone", Action.HOLD),
    ):
        verdict = decide(inspection(STRANGER), [finding], policy, today=TODAY)
        acting = [match.rule for match in verdict.acting]
        assert (verdict.action, acting) == (action, [rule])
