"""``guard policy fatigue``, and what ``guard policy check`` says of rules nobody reads any more."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from guard.cli.policy import policy
from guard.config import load
from guard.ports import AuditEntry
from guard.store.audit import append
from guard.store.opening import opened

POLICY = """\
guard: 1
us: {domains: [example.co.jp]}
rules:
  - id: strangers
    message: {en: "{recipient} is new."}
    when: {recipient: {outside: true, first_time: true}}
    then: hold
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder with settings and a policy."""
    monkeypatch.chdir(tmp_path)
    Path("guard.toml").write_text('policies = "policies"')
    Path("policies").mkdir()
    Path("policies/main.yaml").write_text(POLICY, "utf-8")


def answered(*choices: str, days: int = 1) -> None:
    """Have asked yamada so often, with these answers."""
    asyncio.run(_answered(choices, datetime.now(UTC) - timedelta(days=days)))


async def _answered(choices: tuple[str, ...], at: datetime) -> None:
    settings, to = load(Path("guard.toml")), ["new@north.example"]
    who = "yamada@example.co.jp"
    async with (
        opened(settings.store.url, settings.store.key_file) as ground,
        ground.database.write() as conn,
    ):
        for number, choice in enumerate(choices):
            created = {"rules": ["strangers"], "recipients": to}
            said = {"choice": choice, "recipients": to, "without": [], "seconds": 30.0}
            await append(
                conn,
                AuditEntry(
                    event="hold.created", hold_id=f"{number}", at=at, actor=who, details=created
                ),
                AuditEntry(
                    event="hold.decided", hold_id=f"{number}", at=at, actor=who, details=said
                ),
            )


def run(*arguments: str) -> str:
    return CliRunner().invoke(policy, arguments, catch_exceptions=False).stdout


def test_table() -> None:
    """Both tables, and the proposal."""
    answered(*["send"] * 20)

    told = run("fatigue")

    (rule,) = [line.split() for line in told.splitlines() if line.startswith("strangers")]
    assert rule == ["strangers", "20", "20", "100", "%", "0", "0", "0", "30", "s", "0"]
    assert "yamada@example.co.jp" in told
    assert "“strangers”: the last 20 holds were all sent unchanged" in told


def test_json() -> None:
    """The same as values."""
    answered("send", "cancel")

    told = json.loads(run("fatigue", "--json"))

    rule = told["rules"]["strangers"]
    assert (rule["asked"], rule["sent_unchanged"], rule["stopped"]) == (2, 1, 1)
    assert (rule["median_seconds"], rule["propose_watch"]) == (30.0, False)
    assert set(told["people"]) == {"yamada@example.co.jp"}


def test_nobody_was_asked() -> None:
    """A quiet month, or one that is too long ago."""
    answered("send", days=40)

    assert run("fatigue") == "Nobody was asked in that time.\n"
    assert "strangers" in run("fatigue", "--since", "50d")


def test_check_warns_of_a_rule_that_is_clicked_through() -> None:
    """With its place; nearly all of the last three months' answers were “send it as it is”."""
    answered(*["send"] * 24, "cancel")

    (told,) = map(json.loads, run("check", "--format", "json").splitlines())

    assert (told["line"], told["level"]) == (4, "warning")
    assert told["message"] == 'rule "strangers": 24 of the last 25 holds were sent unchanged'


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(("then: hold", "then: hold\n    mode: watch"), id="it only records by now"),
        pytest.param(("id: strangers", "id: others"), id="another rule"),
    ],
)
def test_check_is_silent_about_others(change: tuple[str, str]) -> None:
    """What is no longer so is not told."""
    answered(*["send"] * 24)
    Path("policies/main.yaml").write_text(POLICY.replace(*change))

    assert "sent unchanged" not in run("check")


def test_check_makes_no_store() -> None:
    """It needs no settings and leaves nothing in the folder."""
    before = sorted(map(str, Path().iterdir()))
    assert "no problems" in run("check")
    Path("other.yaml").write_text(POLICY)
    run("check", "other.yaml")

    assert sorted(map(str, Path().iterdir())) == sorted([*before, "other.yaml"])


def test_check_of_another_policy_says_nothing_of_this_one() -> None:
    """What people answered was asked by the policy in force."""
    answered(*["send"] * 24)
    Path("other.yaml").write_text(POLICY)

    assert "sent unchanged" not in run("check", "other.yaml")
