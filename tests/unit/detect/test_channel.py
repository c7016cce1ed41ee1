"""The file of weights, and the threshold that a budget leads to."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.detect.channel import Channel, shipped
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


def test_threshold() -> None:
    """The more may be held, the lower the threshold; beyond the table its ends count."""
    channel = Channel.read(json.dumps(GOOD), "good")
    budgets = (0.0001, 0.001, 0.003, 0.01, 0.5)

    found = [channel.threshold(budget) for budget in budgets]

    assert found == sorted(found, reverse=True)
    assert found[0] == found[1]
    assert found[-1] == found[-2]
    assert found[1] > found[2] > found[3]
