"""``guard policy explain``: the live path, offline, for one mail."""

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from factories import envelope, hold, match, verdict

from guard.cli.policy import policy
from guard.holding import first_audit, first_jobs
from guard.model.errors import SettingsError
from guard.ports import Kept
from guard.store.holds import SqlHoldStore
from guard.store.opening import opened
from guard.store.outbox import SqlOutbox

POLICY = """\
guard: 1
us: {domains: [example.co.jp]}
rules:
  - id: strangers
    message: {ja: "{recipient} は初めてです。", en: "{recipient} is new."}
    when: {recipient: {outside: true, first_time: true}}
    then: hold
"""
MAIL = b"From: yamada@example.co.jp\r\nTo: sato@kita.example\r\nSubject: x\r\n\r\nHello\r\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with settings, a policy and a mail."""
    monkeypatch.chdir(tmp_path)
    Path("guard.toml").write_text('policies = "policies"')
    Path("policies").mkdir()
    Path("policies/main.yaml").write_text(POLICY, "utf-8")
    Path("mail.eml").write_bytes(MAIL)
    return tmp_path


def explain(*arguments: str) -> Result:
    everything = ["explain", "mail.eml", "--sender", "yamada@example.co.jp", *arguments]
    return CliRunner().invoke(policy, everything)


def test_json() -> None:
    """R-I3: one object with decision, rules and findings, for a mail that nobody sent."""
    result = explain("--to", "sato@kita.example", "--json")
    answer = json.loads(result.output)

    assert result.exit_code == 0
    assert answer["decision"] == "hold"
    assert answer["findings"] == []
    (rule,) = answer["rules"]
    assert (rule["id"], rule["recipients"]) == ("strangers", ["sato@kita.example"])
    assert rule["sentences"]["ja"] == ["sato@kita.example は初めてです。"]


@pytest.mark.parametrize(
    "recipients",
    [
        ["--to", "sato@kita.example", "--to", "suzuki@example.co.jp"],
        ["--to", "sato@kita.example", "suzuki@example.co.jp"],
    ],
)
@pytest.mark.parametrize(("lang", "words"), [("ja", "確認します"), ("en", "would be held")])
def test_text(recipients: list[str], lang: str, words: str) -> None:
    """Each recipient is told about, in either language."""
    result = explain(*recipients, "--lang", lang)

    assert result.output.startswith("HOLD  ")
    assert result.output.count("\nto  ") == 2
    assert words in result.output


def test_another_policy() -> None:
    """A policy that is not yet in use can be asked."""
    Path("new.yaml").write_text(POLICY.replace("then: hold", "then: refuse"), "utf-8")

    result = explain("--to", "sato@kita.example", "--policy", "new.yaml", "--json")
    assert json.loads(result.output)["decision"] == "refuse"


def test_bad_policy() -> None:
    """A policy with errors is not asked; the command line's frame tells them and ends with 78."""
    Path("policies/main.yaml").write_text(POLICY.replace("then:", "than:"), "utf-8")

    assert isinstance(explain("--to", "sato@kita.example").exception, SettingsError)


def test_bad_address() -> None:
    """An address that is none is wrong usage."""
    assert explain("--to", "sato").exit_code == 2


@pytest.mark.parametrize(
    ("login", "settings", "found"),
    [
        pytest.param("yamada@example.co.jp", "", [], id="own address"),
        pytest.param("suzuki@example.co.jp", "", ["envelope", "from"], id="somebody else"),
        pytest.param("yamada", "", [], id="name at our domain"),
        pytest.param(
            "yamada", "brand.example", ["envelope", "from"], id="name at the domain of logins"
        ),
        pytest.param(None, "", [], id="nobody"),
    ],
)
def test_login(login: str | None, settings: str, found: list[str]) -> None:
    """``--login`` judges the mail as that person's."""
    if settings:
        Path("guard.toml").write_text(f'policies = "policies"\nlogins.domain = "{settings}"')
    option = [] if login is None else ["--login", login]
    answer = json.loads(explain("--to", "sato@kita.example", "--json", *option).output)

    assert answer["login"] == login
    assert [finding["evidence"]["where"] for finding in answer["findings"]] == found
    assert answer["decision"] == "hold"


def alone(*arguments: str) -> Result:
    return CliRunner().invoke(policy, ["explain", "--lang", "en", *arguments])


def test_people_of_the_header() -> None:
    """Who is not named on the command line is taken from the header, and that is said."""
    Path("mail.eml").write_bytes(MAIL.replace(b"Subject", b"Cc: B <b@minami.example>\r\nSubject"))
    answer = json.loads(alone("mail.eml", "--json").output)
    named = json.loads(alone("mail.eml", "--to", "c@nishi.example", "--json").output)

    assert answer["sender"]["address"] == "yamada@example.co.jp"
    assert [one["address"] for one in answer["recipients"]] == [
        "sato@kita.example",
        "b@minami.example",
    ]
    assert answer["assumed"] == ["sender", "recipients"]
    assert named["assumed"] == ["sender"]
    assert "the recipients are those of To, Cc and Bcc" in alone("mail.eml").output


@pytest.mark.parametrize(
    "arguments",
    [[], ["mail.eml", "--held", "H-7K3Q-M2"], ["--held", "H-7K3Q-M2", "--to", "a@kita.example"]],
)
def test_one_mail_is_named(arguments: list[str]) -> None:
    """A file, or a held mail with the people that it came with."""
    assert alone(*arguments).exit_code == 2


def test_a_header_without_people() -> None:
    """Who sends it and who gets it must then be said."""
    Path("mail.eml").write_bytes(b"Subject: x\r\n\r\nHello\r\n")

    assert "--sender" in alone("mail.eml").output
    assert "--to" in alone("mail.eml", "--sender", "yamada@example.co.jp").output


@pytest.fixture
def held_mail(folder: Path) -> None:
    """Keep a mail that a rule of an older policy held."""

    async def keep() -> None:
        async with opened("sqlite:///guard.db", Path("guard.key"), folder=folder) as ground:
            store = SqlHoldStore(ground.database, ground.keys, SqlOutbox(ground.database))
            kept = hold(
                recipients=["sato@kita.example"],
                envelope=envelope(recipients=["sato@kita.example"]),
                verdict=verdict(match(rule="older", recipients=["sato@kita.example"])),
            )
            tokens = {bytes(32): kept.owner}
            jobs, audit = first_jobs(kept), first_audit(kept)
            await store.put(Kept(hold=kept, octets=MAIL, tokens=tokens, jobs=jobs, audit=audit))

    asyncio.run(keep())


def test_held(held_mail: None) -> None:
    """A held mail is judged by the policy of now; for what it was held then is told beside it."""
    answer = json.loads(alone("--held", "7k3qm2", "--json").output)

    assert answer["decision"] == "hold"
    assert [rule["id"] for rule in answer["rules"] if rule["matched"]] == ["strangers"]
    assert answer["held"] == {
        "number": "H-7K3Q-M2",
        "state": "waiting",
        "at": "2026-11-23T06:04:00+00:00",
        "policy": "7f3a1c0d9e2b",
        "decision": "hold",
        "rules": ["older"],
    }
    assert "judged by the policy of now: HOLD by strangers" in alone("--held", "H-7K3Q-M2").output


def test_held_for_the_same(held_mail: None) -> None:
    """Where nothing has changed, that is said."""
    Path("policies/main.yaml").write_text(POLICY.replace("strangers", "older"), "utf-8")

    assert "judged by the policy of now: the same" in alone("--held", "H-7K3Q-M2").output


def test_no_such_hold(held_mail: None) -> None:
    """A number that nobody has ends with 1."""
    assert alone("--held", "H-0000-00").exit_code == 1
