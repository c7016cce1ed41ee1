"""``guard policy try``: another policy on the mail of the last weeks, by what was kept of it."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from policy_cases import inspection, lookalike, rows
from sqlalchemy import insert

from guard.cli.policy import policy
from guard.config import load
from guard.model.errors import SourceError
from guard.model.finding import Finding
from guard.policy import Policy
from guard.policy import load as load_policy
from guard.policy.decide import decide
from guard.policy.past.features import Judged, Recorder
from guard.policy.past.pseudonyms import Pseudonyms
from guard.store.contact_rows import contacts
from guard.store.opening import opened
from guard.store.past import SqlPast

NOW = """\
guard: 1
us: {domains: [example.co.jp]}
lists: {customers: }
rules:
  - id: lookalike
    message: {en: "{recipient} looks like {lookalike}."}
    when: {recipient: {resembles: known_contacts}}
    then: hold
  - id: rows
    message: {en: "{count} rows."}
    when: {attachment: {contains: customers, at_least: 50 rows}, recipient: {outside: true}}
    then: hold
"""
PARTNER = "audit@partner.example"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder with settings and a policy."""
    monkeypatch.chdir(tmp_path)
    Path("guard.toml").write_text('policies = "policies"')
    Path("policies").mkdir()
    Path("policies/main.yaml").write_text(NOW, "utf-8")


Past = tuple[str, Sequence[Finding], float]
"""To whom, with what found in it, how many days ago."""

PAST: Sequence[Past] = (
    *[(PARTNER, (rows(30),), 1.0)] * 4,
    ("new@north.example", (rows(30),), 2.0),
    ("sato@kita-syoji.example", (lookalike("sato@kita-syoji.example"),), 3.0),
    *[("ann@south.example", (), 4.0)] * 10,
    (PARTNER, (rows(30),), 20.0),
)


def keep(
    mails: Sequence[Past] = PAST, *, rules: Policy | None = None, known: str = PARTNER
) -> None:
    """Have kept *mails* that the policy in force, or *rules*, judged."""
    asyncio.run(_keep(mails, rules or load_policy(Path("policies")), known))


async def _keep(mails: Sequence[Past], judge: Policy, known: str) -> None:
    settings = load(Path("guard.toml"))
    async with opened(settings.store.url, settings.store.key_file) as ground:
        past = SqlPast(ground, timedelta(days=30))
        key_id, key = ground.keys.current("logs")
        recorder = Recorder(Pseudonyms(key, key_id))
        for number, (to, found, days) in enumerate(mails):
            mail, at = inspection(to, files=("list.csv",)), datetime.now(UTC) - timedelta(days=days)
            judged = Judged(
                id=f"{number:012}",
                at=at,
                inspection=mail,
                findings=found,
                verdict=decide(mail, found, judge, today=at.date()),
                hold_budget=judge.holding.hold_budget,
                person=mail.envelope.sender,
            )
            past.keep(recorder.take(judged, judge))
        await past.write()
        if known:
            person = {"id": 1, "address": known, "name": "", "company": "", "changed": 1}
            async with ground.database.write() as conn:
                await conn.execute(insert(contacts).values(**person, imported=True, writes=False))


def try_(text: str, *arguments: str) -> Result:
    Path("new.yaml").write_text(text, "utf-8")
    result = CliRunner().invoke(policy, ["try", "new.yaml", *arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return result


STRICTER = NOW.replace("50 rows", "5 rows")
EXCEPTED = STRICTER + '    except: [{to: "*@partner.example", because: yearly}]\n'


def test_a_stricter_rule_shows_what_it_would_stop() -> None:
    """What both hold stands side by side; where most of the new ones go is said."""
    keep()

    told = try_(STRICTER).output

    assert told.startswith("Replayed 16 mails from their stored features (no mail text is kept).")
    lines = told.splitlines()
    assert [line.split() for line in lines if line.startswith("held")] == [
        ["held", "1", "6", "6.25", "%", "→", "37.50", "%"]
    ]
    (rule,) = [line for line in lines if line.startswith("  rows")]
    assert rule.split()[:4] == ["rows", "0", "5", "+5"]
    assert "← 4 of them: to *@partner.example" in rule
    assert "People asked more than 3 times: 0 → 1" in told
    assert "5 mails would be treated more strictly, 0 less: list them with --list" in told
    assert "not asked" not in told
    assert "doubt" not in told


def test_an_exception_can_be_tried_that_nobody_had_written() -> None:
    """The names in it are found by their hashes alone."""
    keep()

    told = json.loads(try_(EXCEPTED, "--json", "--list").stdout)

    assert told["new"]["rules"] == {"lookalike": 1, "rows": 1}
    assert (told["gained"], told["lost"], len(told["changes"])) == (1, 0, 1)
    assert told["notes"] == []


def test_the_list_names_contacts_and_nobody_else() -> None:
    """An address that is no contact's stays a hash: it is kept as nothing else."""
    keep()

    told = try_(STRICTER, "--list").output

    assert told.count(f"→ {PARTNER}  rows") == 4
    assert "north" not in told
    assert "yamada" not in told
    (other,) = [line for line in told.splitlines() if line.startswith("+") and PARTNER not in line]
    assert "000000000004" in other  # by which the log knows it
    assert "deliver → hold" in other


def test_a_laxer_policy_shows_what_it_would_let_go() -> None:
    """What is lost is told as plainly as what is gained."""
    keep()

    told = try_(NOW.replace("then: hold", "then: tell", 1), "--list").output

    assert "told                                     0       1" in told
    assert [line[0] for line in told.splitlines() if "hold → tell" in line] == ["-"]


def test_rules_that_only_record_are_told_of() -> None:
    """Two weeks of watching are the time to try: what would be held is counted apart."""
    keep()

    told = try_(NOW.replace("guard: 1", "guard: 1\nmode: watch")).output

    assert "held                                     1       0   6.25 % → 0.00 %" in told
    assert "only recorded (mode: watch)              0       1" in told


def test_only_the_time_that_was_asked_for() -> None:
    """Half of a batch may lie outside."""
    keep()

    assert json.loads(try_(NOW, "--json", "--since", "36h").stdout)["mails"] == 4
    assert json.loads(try_(NOW, "--json", "--since", "4w").stdout)["mails"] == 17


def test_what_cannot_be_known_is_said() -> None:
    """Patterns and lists that nobody asked for then, and what was judged by what is not kept."""
    Path("policies/main.yaml").write_text(NOW.replace("50 rows", "5 rows"), "utf-8")
    keep(rules=load_policy(Path("policies")))
    text = NOW.replace("customers", "patients") + '    except: [{to: "*-team@*", because: x}]\n'

    asks = "when: {recipient: {resembles"
    text = text.replace(asks, "when: {attachment: {marked: true}, recipient: {resembles")

    told = try_(text).output

    assert "not asked: in 16 mails nobody had looked for “marked”, as no rule asked" in told
    assert "not asked: in 16 mails nobody had looked for the list “patients”" in told
    assert "not asked: of 16 mails nobody had asked for the pattern “*-team@*”" in told


def test_where_the_same_policy_says_something_else_now() -> None:
    """What is kept does not bear out what was decided then: no silent difference."""
    keep()
    asyncio.run(_spoil())

    assert "doubt: the policy in force judged 1 of 17 mails otherwise when they came" in (
        try_(NOW).output
    )


async def _spoil() -> None:
    rules, settings = load_policy(Path("policies")), load(Path("guard.toml"))
    async with opened(settings.store.url, settings.store.key_file) as ground:
        key_id, key = ground.keys.current("logs")
        mail = inspection("a@b.example")
        found = (lookalike("a@b.example"),)
        judged = Judged(
            id="x",
            at=datetime.now(UTC),
            inspection=mail,
            findings=(),
            verdict=decide(mail, found, rules, today=datetime.now(UTC).date()),
            hold_budget=rules.holding.hold_budget,
            person=None,
        )
        past = SqlPast(ground, timedelta(days=30))
        past.keep(Recorder(Pseudonyms(key, key_id)).take(judged, rules))
        await past.write()


def test_where_nothing_is_kept_the_way_out_is_told() -> None:
    """On the first day there is no past yet."""
    assert "--mailbox" in try_(NOW).output


def letter(day: int, to: str, *, sender: str = "yamada@example.co.jp", text: str = "Hello") -> str:
    """One mail of November 2026."""
    return (
        f"From: {sender}\nTo: {to}\nSubject: x\nMessage-ID: <{day}.{to}>\n"
        f"Date: {day} Nov 2026 10:00:00 +0900\n\n{text}\n"
    )


LETTERS = [
    letter(1, "sato@kita-shoji.example"),
    letter(20, "ann@south.example", sender="bob@elsewhere.example"),
    letter(21, "sato@kita-shoji.example"),
    letter(22, "new@north.example"),
    letter(23, "new@north.example"),
]
STRANGERS = """\
guard: 1
us: {domains: [example.co.jp]}
rules:
  - id: strangers
    message: {en: "{recipient} is new."}
    when: {recipient: {outside: true, first_time: true}}
    then: hold
"""


@pytest.mark.parametrize("kind", ["mbox", "folder", "Maildir"])
def test_mail_itself_is_judged_in_its_order(kind: str) -> None:
    """Whom somebody wrote to before is known, as it was then; older mail teaches only."""
    mixed = [LETTERS[number] for number in (3, 0, 4, 2, 1)]
    store = Path("mail")
    if kind == "mbox":
        store.write_text("".join(f"From x Mon Nov 23 10:00:00 2026\n{each}\n" for each in mixed))
    else:
        inner = store / "cur" if kind == "Maildir" else store
        inner.mkdir(parents=True)
        if kind == "Maildir":
            (store / "new").mkdir()
        for number, each in enumerate(mixed):
            (inner / f"{number}.eml").write_text(each)

    told = json.loads(try_(STRANGERS, "--mailbox", "mail", "--json", "--list").stdout)

    assert told["mails"] == 3
    assert told["new"]["rules"] == {"strangers": 1}
    (change,) = told["changes"]
    assert change["recipients"] == ["new@north.example"]
    assert change["sender"] == "yamada@example.co.jp"
    assert change["at"].startswith("2026-11-22")
    assert told["notes"][1].startswith("not judged, only learned from: 2 mails")


def test_nothing_of_a_mailbox_is_kept() -> None:
    """A trial teaches the guard nothing."""
    Path("mail.eml").write_text(LETTERS[3])
    try_(STRANGERS, "--mailbox", "mail.eml")

    assert try_(STRANGERS).stdout.startswith("Replayed 0 mails")
    again = json.loads(try_(STRANGERS, "--mailbox", "mail.eml", "--json").stdout)
    assert again["new"]["rules"] == {"strangers": 1}


def test_what_is_no_mailbox_is_said() -> None:
    """In words that name the file."""
    Path("notes.txt").write_text("hello")
    Path("new.yaml").write_text(STRANGERS)
    with pytest.raises(SourceError, match=r"notes\.txt: not an mbox"):
        CliRunner().invoke(
            policy, ["try", "new.yaml", "--mailbox", "notes.txt"], catch_exceptions=False
        )
