"""``guard policy test``: what it prints, and how it ends."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from guard.cli.policy import policy
from guard.model.errors import SettingsError

POLICY = """\
guard: 1
us: {domains: [example.co.jp], time_zone: Asia/Tokyo}
mode: hold
lists: {customers: {source: crm}}
rules:
  - id: strangers
    message: {ja: "{recipient} は初めてです。", en: "{recipient} is new."}
    when: {recipient: {outside: true, first_time: true}}
    then: hold
    confirm: one_click
    except: [{to: "*@partner.example", because: trial, until: 2026-11-30}]
  - id: rows
    mode: watch
    message: {ja: "{count} 件です。", en: "{count} rows."}
    when: {attachment: {contains: customers}, recipient: {outside: true}}
    then: hold
"""
TESTS = """\
given:
  today: 2026-11-23
  contacts: [{address: sato@kita.example, written_to: 3 times}]
tests:
  - it: holds strangers
    mail: {from: yamada@example.co.jp, to: new@minami.example}
    expect: {decision: hold, rules: strangers, about: new@minami.example, says: is new}
  - it: lets known people pass
    mail: {from: yamada@example.co.jp, to: sato@kita.example}
    expect: {decision: deliver, not_rule: strangers}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with a policy and its tests, and without settings."""
    monkeypatch.chdir(tmp_path)
    put(POLICY, "policies/main.yaml")
    put(TESTS, "policies/tests/main.yaml")
    return tmp_path


def put(text: str, name: str) -> None:
    file = Path(name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(policy, ["test", "--lang", "en", *arguments])


def one(mail: str, expect: str) -> dict:
    """Run a test of its own."""
    more = f"  - it: one more\n    mail: {{{mail}}}\n    expect: {{{expect}}}\n"
    put(TESTS + more, "t/tests/a.yaml")
    put(POLICY, "t/main.yaml")
    (answer,) = map(json.loads, run("t", "-k", "one more", "--json").output.splitlines())
    return answer


@pytest.mark.parametrize(
    "path",
    [[], ["policies"], ["policies/main.yaml"], ["policies/tests"], ["policies/tests/main.yaml"]],
)
def test_all_pass(path: list[str]) -> None:
    """A dot each, a sum, and 0; from wherever the tests are named. Nothing is written."""
    result = run(*path)

    assert result.output.startswith("policies/tests/main.yaml ..  [100%]\n\n2 passed in ")
    assert result.exit_code == 0
    assert sorted(path.as_posix() for path in Path().rglob("*.*")) == [
        "policies/main.yaml",
        "policies/tests/main.yaml",
    ]


def test_one_fails() -> None:
    """A failure says what was expected, what came, and why; the command ends with 1."""
    put(POLICY.replace("then: hold\n    confirm", "then: tell\n    confirm"), "policies/main.yaml")
    result = run()

    assert result.output.startswith("policies/tests/main.yaml F.  [100%]")
    assert "FAILED  policies/tests/main.yaml:5  holds strangers" in result.output
    assert "  expected  decision: hold\n  got       decision: tell\n" in result.output
    assert "TELL  by strangers" in result.output
    assert "1 failed, 1 passed in " in result.output
    assert result.exit_code == 1


def test_in_japanese() -> None:
    """The words are those of the locale."""
    put(TESTS.replace("decision: hold", "decision: refuse"), "policies/tests/main.yaml")
    result = CliRunner().invoke(policy, ["test", "--lang", "ja"])

    assert "失敗  policies/tests/main.yaml:5" in result.output
    assert "  期待  decision: refuse\n  結果  decision: hold\n" in result.output


def test_verbose_and_chosen() -> None:
    """``-k`` chooses by words, ``-v`` names each test, and the sum tells of the others."""
    result = run("-v", "-k", "KNOWN pass")

    assert result.output.startswith(
        "policies/tests/main.yaml:8  lets known people pass  passed\n\n1 passed, 1 not chosen in "
    )
    assert run("-k", "nothing like this").exit_code == 1


def test_json() -> None:
    """A line a test; a failed one carries the explanation of its mail."""
    put(TESTS.replace("says: is new", "says: was new"), "policies/tests/main.yaml")
    result = run("--json")
    failed, passed = map(json.loads, result.output.splitlines())

    assert result.exit_code == 1
    assert (failed["passed"], failed["decision"], failed["rules"]) == (False, "hold", ["strangers"])
    assert [miss["word"] for miss in failed["unmet"]] == ["says"]
    assert failed["explanation"]["decision"] == "hold"
    assert passed["passed"]
    assert "explanation" not in passed


def test_without_tests() -> None:
    """It is told so and ends with 1: a pipeline must not take it for tested."""
    Path("policies/tests/main.yaml").unlink()
    result = run()

    assert "no tests here" in result.output
    assert result.exit_code == 1
    assert run("elsewhere").exit_code == 2


@pytest.mark.parametrize("file", ["policies/main.yaml", "policies/tests/main.yaml"])
def test_unusable_files(file: str) -> None:
    """Files with errors are not run; the command line's frame tells them and ends with 78."""
    put(Path(file).read_text("utf-8").replace("hold", "hodl"), file)

    assert isinstance(run().exception, SettingsError)


def test_a_policy_that_only_watches_is_tested_as_if_it_held() -> None:
    """Tests come before ``mode: hold``, not after."""
    put(POLICY.replace("mode: hold", "mode: watch", 1), "policies/main.yaml")

    assert run().exit_code == 0


@pytest.mark.parametrize(
    ("mail", "expect", "unmet"),
    [
        pytest.param("to: a@minami.example", "decision: deliver", ["decision"], id="decision"),
        pytest.param("to: a@minami.example", "rule: rows", ["rule"], id="rule"),
        pytest.param("to: a@minami.example", "rules: []", ["rules"], id="no rules"),
        pytest.param("to: sato@kita.example", "rules: []", [], id="none indeed"),
        pytest.param("to: a@minami.example", "not_rule: strangers", ["not_rule"], id="not rule"),
        pytest.param("to: a@minami.example", "confirm: give_reason", ["confirm"], id="confirm"),
        pytest.param(
            "to: [a@minami.example, sato@kita.example]",
            "about: [a@minami.example, sato@kita.example]",
            ["about"],
            id="about too many",
        ),
        pytest.param(
            "to: a@minami.example, cc: 西 <b@minami.example>, bcc: c@minami.example",
            "about: [c@minami.example, b@minami.example, A@minami.example]",
            [],
            id="everybody of the envelope",
        ),
        pytest.param("to: a@minami.example", "finding: content.unread", ["finding"], id="finding"),
        pytest.param("to: a@partner.example", "decision: deliver", [], id="exception"),
        pytest.param(
            "to: sato@kita.example, attach: {rows_of: {list: customers, count: 9}}",
            "decision: deliver, records: rows, says: 9 件",
            [],
            id="recorded",
        ),
        pytest.param(
            "to: sato@kita.example, attach: {rows_of: {list: customers, count: 9}}",
            "rule: rows",
            ["rule"],
            id="only recorded",
        ),
        pytest.param(
            "to: sato@kita.example, attach: {rows_of: {list: customers, count: 9}}",
            "not_rule: rows",
            ["not_rule"],
            id="not even recorded",
        ),
    ],
)
def test_expectations(mail: str, expect: str, unmet: list[str]) -> None:
    """Each word of ``expect:`` fails where it should, and only there."""
    answer = one(f"from: yamada@example.co.jp, {mail}", expect)

    assert [miss["word"] for miss in answer["unmet"]] == unmet
    assert answer["passed"] == (not unmet)
    assert answer["error"] is None


def test_what_only_records_is_told_so() -> None:
    """Who expects a rule in ``mode: watch`` to hold sees what is wrong."""
    mail = "to: sato@kita.example, attach: {rows_of: {list: customers, count: 9}}"
    (miss,) = one(f"from: yamada@example.co.jp, {mail}", "rule: rows")["unmet"]

    assert miss["got"] == "–; rows only records"


def test_a_mail_as_a_file() -> None:
    """People of an .eml are those of its header; bare line ends are taken for CRLF."""
    put("From: yamada@example.co.jp\nTo: a@minami.example\nSubject: x\n\nHello\n", "t/tests/a.eml")

    assert one("eml: a.eml", "decision: hold, about: a@minami.example")["passed"]


def test_a_mail_that_names_nobody() -> None:
    """It cannot be judged; the others run."""
    put("Subject: x\n\nHello\n", "t/tests/a.eml")
    answer = one("eml: a.eml", "decision: hold")

    assert "names no sender" in answer["error"]
    assert not answer["passed"]
