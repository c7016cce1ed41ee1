"""The file of weights, and its table of shares."""

import contextlib
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.detect.channel import Channel, log_odds, shipped, suspicion
from guard.model.errors import SourceError

GOOD = {"about": "", "bias": -3.5, "hold_shares": [[0.001, 5.0], [0.01, 2.0]], "weights": {"a": 1}}


def test_shipped() -> None:
    """What ships can be read, says where it comes from, and is what its text says."""
    channel = shipped()

    assert "simulated" in channel.about
    assert Channel.read(channel.text(), "again").text() == channel.text()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        json.dumps(GOOD | {"bias": "much"}),
        json.dumps(GOOD | {"weights": [1, 2]}),
        json.dumps(GOOD | {"weights": {"a": None}}),
        json.dumps(GOOD | {"hold_shares": []}),
        json.dumps(GOOD | {"hold_shares": [[0.01, 2.0], [0.001, 5.0]]}),
        json.dumps(GOOD | {"hold_shares": [[0, 2.0]]}),
        json.dumps(GOOD | {"bias": float("nan")}),
        json.dumps(GOOD | {"bias": 10**400}),
        "[" * 100_000,
    ],
)
def test_what_is_no_channel(text: str) -> None:
    """A file that is something else is refused, by name, and with the way out."""
    with pytest.raises(SourceError, match=r"weights\.json: .*guard contacts fit"):
        Channel.read(text, "weights.json")


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing else than a refusal comes of any text."""
    with contextlib.suppress(SourceError):
        Channel.read(text, "file")


def test_table() -> None:
    """The larger the share, the lower what it exceeds; beyond the table its ends count."""
    channel = Channel.read(json.dumps(GOOD), "good")
    shares = (0.0001, 0.001, 0.003, 0.01, 0.5)

    found = [channel.log_odds_of(share) for share in shares]

    assert found == sorted(found, reverse=True)
    assert found[0] == found[1] == 5.0
    assert found[-1] == found[-2] == 2.0
    assert found[1] > found[2] > found[3]


@given(st.floats(0.0005, 0.1))
def test_table_turned_round(share: float) -> None:
    """What share of mail exceeds what a share exceeds is that share."""
    channel = shipped()

    assert channel.share_above(channel.log_odds_of(share)) == pytest.approx(share)


@given(st.floats(-40.0, 30.0))
def test_log_odds_and_back(odds: float) -> None:
    """Suspicion and log odds say the same."""
    assert log_odds(suspicion(odds)) == pytest.approx(odds, abs=0.01)


def test_other_weights_have_another_name() -> None:
    """Weights are told apart by what they are, not by what is told about them."""
    channel = shipped()

    assert replace(channel, about="else", hold_shares=()).fingerprint == channel.fingerprint
    assert replace(channel, bias=channel.bias + 0.001).fingerprint != channel.fingerprint
