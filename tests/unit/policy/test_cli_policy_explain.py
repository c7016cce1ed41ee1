"""``guard policy explain``: the live path, offline, for one mail."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from guard.cli.policy import policy
from guard.model.errors import SettingsError

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
