"""Slips planted in real mail, and what is laid out for each."""
# ruff: noqa: S311 -- nothing here is secret

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner
from factories import box
from hypothesis import given
from hypothesis import strategies as st

from guard.cli.contacts import contacts
from guard.contacts.history import History
from guard.detect.channel import Channel, shipped
from guard.fit.own import fit_own
from guard.fit.replay import replay
from guard.fit.slips import KINDS, Slips, mistyped, typo
from guard.model.address import Address, Mailbox
from guard.model.contact import Exchange
from guard.model.errors import SourceError
from guard.names.likeness import Face, likeness

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
PEOPLE = (
    "佐藤 一郎 <sato@kita-shoji.example>",
    "佐藤 花子 <hanako.sato@minami.example>",
    "鈴木 健 <suzuki@nishi.example>",
    "Ann Miller <ann.miller@north-works.example>",
    "Anna Moore <anna.moore@harbor.example>",
    "Bob Miller <bob@bright-tech.example>",
    "佐々木 健 <sasaki@kita-shoji.example>",
    "山田 太郎 <yamada@tokai-denki.example>",
)
ME = "hanako@ours.example"
OTHER = "jiro@ours.example"


def traffic(count: int) -> list[Exchange]:
    """Make mail of two senders to a few people each; the other's are known here, but not to me."""
    rng = Random(3)
    mails = []
    for number in range(count):
        sender = rng.choice((ME, OTHER))
        circle = PEOPLE[:5] if sender == ME else PEOPLE[3:]
        people = rng.sample(circle, rng.choice((1, 1, 2)))
        mails.append(
            Exchange(
                sender=box(sender),
                recipients=tuple(map(box, people)),
                at=NOW - timedelta(hours=count - number),
                message_id=f"<{number}@ours.example>",
            )
        )
    return mails


def history_of(mails: list[Exchange]) -> History:
    """Learn all of them."""
    history = History()
    for mail in mails:
        history.learn(mail)
    return history


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_planted(kind: str) -> None:
    """Each kind replaces one known recipient, and never by somebody who is there already."""
    mails = traffic(200)
    slips = Slips(history_of(mails), Random(5))
    planted = [found for mail in mails if (found := slips.plant(mail, kind))]

    assert planted
    for one in planted:
        addresses = [each.address.text for each in one.exchange.recipients]
        assert addresses.count(one.wrong) == 1
        assert one.meant not in addresses
        assert one.wrong != one.meant


def test_mistyped_addresses_are_alike() -> None:
    """What a slip of the keys makes of an address, the engine of names takes for a slip."""
    meant = Address.parse("ann.miller@north-works.example.com")
    rng = Random(1)
    for kind in ("typo_local", "tld_swap", "homoglyph"):
        for _ in range(50):
            text = mistyped(meant.text, kind, rng)
            if text in {None, meant.text}:  # a letter may be struck again by chance
                continue
            written = Address.parse(str(text))
            face = Face(written.local, written.domain)
            assert likeness(face, Face(meant.local, meant.domain)) is not None, written.text


@given(st.text(), st.integers())
def test_any_word_can_be_mistyped(word: str, seed: int) -> None:
    """A slip never fails, and hardly changes the length."""
    assert abs(len(typo(word, Random(seed))) - len(word)) <= 1


def test_replay_keeps_the_last_third_apart() -> None:
    """Mail is gone through in order of time; its last third is not fitted on."""
    mails = traffic(300)
    told: list[int] = []

    fitted, apart, about = replay(mails[::-1], History(), shipped(), tell=told.append)

    assert told == list(range(1, 301))
    assert fitted.slips.count(0) == 300 * 2 // 3 - 300 // 5
    assert apart.slips.count(0) == 100
    assert len(about) == len(apart.slips)
    assert sum(apart.right) > 0


def test_fit_own() -> None:
    """Of weights fitted on own mail and those that ship the better ones are given."""
    found = fit_own(traffic(1500), [])

    assert found.channel.hold_shares != shipped().hold_shares
    assert found.is_fitted == (found.channel.weights != shipped().weights)
    assert "1,500 messages of our own" in found.channel.about
    assert "all" in found.fitted
    assert "all" in found.as_shipped


def test_fit_own_of_too_little() -> None:
    """A handful of mails is refused."""
    with pytest.raises(SourceError, match="too little mail"):
        fit_own(traffic(20), [])


def test_command(tmp_path: Path) -> None:
    """The command shows both tables and writes a file that `judge` takes."""
    events, out = tmp_path / "events.jsonl", tmp_path / "weights.json"
    events.write_text("".join(f"{json.dumps(_event(mail))}\n" for mail in traffic(1200)))

    result = CliRunner().invoke(contacts, ["fit", str(events), "--out", str(out)])

    assert result.exit_code == 0, result.output
    assert "fitted on your mail" in result.stdout
    assert "thresholds counted on your mail" in result.stderr
    assert Channel.read(out.read_text(), "weights").hold_shares != shipped().hold_shares
    assert (
        CliRunner().invoke(contacts, ["judge", str(events), "--weights", str(out)]).exit_code == 0
    )


def _event(mail: Exchange) -> dict[str, object]:
    def said(one: Mailbox) -> dict[str, str]:
        return {"name": one.name, "address": one.address.text}

    return {
        "op": "learn",
        "message": {
            "id": mail.message_id,
            "ts": mail.at.timestamp(),
            "sender": said(mail.sender),
            "to": list(map(said, mail.recipients)),
        },
    }
