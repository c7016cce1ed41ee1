"""The policy in force, and what follows it."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from threading import Event, Thread

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from guard.app import in_force as module
from guard.app.in_force import InForce
from guard.config import Settings
from guard.config.lists import ListFile
from guard.config.sources import FileSource
from guard.model.errors import SettingsError
from guard.policy import Policy
from guard.policy.granted import Granted, granted, granting

WATCH = "guard: 1\nmode: watch\nus:\n  domains: [{domain}]\n  time_zone: {zone}\n"


def write(folder: Path, text: str) -> Settings:
    (folder / "main.yaml").write_text(text, "utf-8")
    return Settings(policies=folder)


def test_mails_and_pages_follow_it(tmp_path: Path) -> None:
    """Time zone and domains are those of the policy that was read last."""
    settings = write(tmp_path, WATCH.format(domain="example.co.jp", zone="Asia/Tokyo"))
    in_force = InForce(settings)
    assert in_force.letterhead.time_zone == "Asia/Tokyo"
    write(tmp_path, WATCH.format(domain="example.com", zone="Europe/Berlin"))

    assert in_force.letterhead.our_domains == {"example.co.jp"}
    assert in_force.reload()
    assert in_force.letterhead.our_domains == {"example.com"}
    assert in_force.letterhead.time_zone == "Europe/Berlin"


def test_a_bad_one_is_passed_over(tmp_path: Path) -> None:
    """R-I1: the last good one stays, the log tells where it is wrong, a gauge rings the alarm."""
    settings = write(tmp_path, WATCH.format(domain="example.co.jp", zone="Asia/Tokyo"))
    in_force = InForce(settings)
    good = in_force.policy
    write(tmp_path, "guard: 1\nmode: wach\n")

    with capture_logs() as logs:
        assert not in_force.reload()

    assert in_force.policy is good
    assert f"{tmp_path / 'main.yaml'}:2:7" in logs[0]["at"]
    assert "wach" not in str(logs), "what was written may be an address"
    assert REGISTRY.get_sample_value("guard_policy_last_reload_successful") == 0


def test_one_that_holds_needs_a_way_to_ask(tmp_path: Path) -> None:
    """R-I1: mail that could not be asked about is not held; the start names what is missing."""
    text = (Path(__file__).parents[3] / "policies" / "main.yaml").read_text("utf-8")

    with pytest.raises(SettingsError, match="public_url"):
        InForce(write(tmp_path, text))


def test_sources_that_it_names_must_be_there(tmp_path: Path) -> None:
    """A policy that leans on a directory which nobody reads refuses the start."""
    text = WATCH.format(domain="example.co.jp", zone="UTC") + "contacts:\n  sources: [crm]\n"
    source = FileSource(name="crm", kind="csv", path=tmp_path / "crm.csv")
    write(tmp_path, text)
    assert InForce(Settings(policies=tmp_path, source=(source,)))

    other = source.model_copy(update={"name": "cmr"})
    with pytest.raises(SettingsError, match=r"no \[\[source\]\] called “crm” .*\"cmr\""):
        InForce(Settings(policies=tmp_path, source=(other,)))


def test_sources_of_lists_must_be_there(tmp_path: Path) -> None:
    """A list that comes from nowhere would protect nobody."""
    text = WATCH.format(domain="example.co.jp", zone="UTC") + "lists:\n  customers: {source: crm}\n"
    source = ListFile(name="crm", kind="file", path=tmp_path / "crm.csv")
    write(tmp_path, text)
    assert InForce(Settings(policies=tmp_path, list_source=(source,)))

    other = source.model_copy(update={"name": "cmr"})
    with pytest.raises(SettingsError, match=r"no \[\[list_source\]\] called “crm” .*\"cmr\""):
        InForce(Settings(policies=tmp_path, list_source=(other,)))


def test_a_reload_does_not_undo_what_exceptions_did_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that was ended while the files were laid out is not in force afterwards."""
    rule = "{id: r, message: {en: x}, when: {recipient: {outside: true}}, then: tell}"
    text = WATCH.format(domain="example.co.jp", zone="UTC") + f"rules: [{rule}]\n"
    in_force = InForce(write(tmp_path, text))
    written = in_force.policy.hash
    one = granted(
        id_="a1b2c3",
        rule="r",
        to=["*@partner.example"],
        from_=[],
        because="audit",
        until=date(2099, 1, 1),
    )
    in_force.grant([one])
    assert in_force.policy.hash != written
    reloading, ended = Event(), Event()

    def slowly(policy: Policy, exceptions: Sequence[Granted]) -> Policy:
        laid = granting(policy, exceptions)
        if exceptions:
            reloading.set()
            ended.wait(0.2)  # as long as the other may not come in between
        return laid

    monkeypatch.setattr(module, "granting", slowly)
    reload = Thread(target=in_force.reload)
    reload.start()
    reloading.wait(10)
    in_force.grant([])
    ended.set()
    reload.join(10)

    assert in_force.policy.hash == written
