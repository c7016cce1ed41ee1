"""Weights found from pairs: what they learn, what their signs are, and what is refused."""
# ruff: noqa: S311 -- nothing here is secret

from random import Random

import pytest

from guard.detect.channel import Channel
from guard.detect.evidence import sign_of
from guard.fit.descent import Rows, fit
from guard.fit.fitting import FEWEST, SHARES, Way, weights_for, worst_pairs
from guard.fit.pairs import Pairs
from guard.fit.report import About, shares_found, table
from guard.model.errors import SourceError


def world(seed: int, messages: int = 3 * FEWEST) -> tuple[Pairs, list[About]]:
    """
    Make messages of three pairs each, every other one a slip.

    A slip is one letter off and its candidate is often written to; both also happen by chance.
    """
    rng = Random(seed)
    pairs, about = Pairs(), []
    for number in range(messages):
        slip = bool(number % 2)
        rows = []
        for place in range(3):
            right = slip and place == 0
            facts = ["kind.similar"]
            if rng.random() < (0.9 if right else 0.004):
                facts.append("kind.typo_local")
            if rng.random() < (0.8 if right else 0.3):
                facts.append("meant.own>1")
            if rng.random() < 0.5:
                facts.append("to.own>1")
            rows.append((facts, right))
        pairs.add(rows, slip=slip)
        about.append(About(kind="typo_local" if slip else "", known=bool(number % 4 == 1)))
    return pairs, about


def test_what_tells_slips_apart_weighs_most() -> None:
    """Facts of slips weigh for, others nothing much; the table of thresholds falls steadily."""
    (pairs, _), (apart, about) = world(1), world(2)
    turns: list[int] = []

    channel = weights_for(pairs, apart, "of a test", turns.append)

    assert channel.weights["kind.typo_local"] > 2
    assert channel.weights["meant.own>1"] > 1
    assert abs(channel.weights["to.own>1"]) < 0.7
    assert [share for share, _ in channel.hold_shares] == list(SHARES)
    odds = [odd for _, odd in channel.hold_shares]
    assert odds == sorted(odds, reverse=True)
    assert turns == [1, 2, 3, 4]
    count, shares = shares_found(channel, apart, about)["typo_local"]
    assert count == apart.slips.count(1)
    assert shares[-1] > 0.4
    assert "typo_local" in table(channel, apart, about)


def test_the_same_for_the_same_pairs() -> None:
    """Nothing in fitting is left to chance."""
    one, other = (weights_for(world(1)[0], world(2)[0], "").text() for _ in range(2))

    assert one == other


def test_the_mean_of_several_ways() -> None:
    """Fitted in several ways, each weight is the mean of what each way found."""
    (pairs, _), (apart, _) = world(1), world(2)
    ways = Way(), Way(ridge=300.0)

    one, other = (weights_for(pairs, apart, "", ways=(way,)).weights for way in ways)
    both = weights_for(pairs, apart, "", ways=ways).weights

    assert other["kind.typo_local"] < one["kind.typo_local"]
    for fact, weight in both.items():
        assert weight == pytest.approx((one[fact] + other[fact]) / 2)


def test_a_weight_keeps_its_sign() -> None:
    """A fact that may only speak for a slip never speaks against one, whatever the rows say."""
    pairs = Pairs()
    for number in range(4 * FEWEST):
        slip = bool(number % 2)
        facts = ["kind.similar"] if slip else ["kind.similar", "meant.own>1"]
        pairs.add([(facts, slip)], slip=slip)

    channel = weights_for(pairs, pairs, "")

    assert sign_of("meant.own>1") == 1
    assert channel.weights["meant.own>1"] == 0


def test_too_little_mail() -> None:
    """From too few messages nothing is fitted; the error says how many are needed."""
    pairs, _ = world(1, messages=FEWEST)

    with pytest.raises(SourceError, match=f"{FEWEST} of each are needed"):
        weights_for(pairs, pairs, "")


def test_extended_pairs_are_those_of_both() -> None:
    """Pairs of two worlds number their facts each in their own way, and mean the same after."""
    one, other = Pairs(), Pairs()
    one.add([(["a", "b"], True), (["b"], False)], slip=True)
    other.add([], slip=False)
    other.add([(["b", "c"], False)], slip=False)
    one.extend(other)
    channel = Channel(bias=0.5, weights={"a": 1.0, "b": 2.0, "c": 4.0}, hold_shares=((0.01, 0.0),))

    odds, right = worst_pairs(channel, one)

    assert odds == [3.5, -99.0, 6.5]
    assert right == [True, False, False]


def test_descent_finds_the_minimum() -> None:
    """Where a closed form is known, the descent ends there."""
    import numpy as np

    # One fact that all rows have; a third are slips: without a ridge on it the bias says it all.
    rows = Rows(np.zeros(300, np.int64), np.ones(300, np.int64), np.repeat([1.0, 0.0], [100, 200]))

    weight, bias = fit(rows, np.zeros(2), np.zeros(1, np.int64), steps=500)

    assert weight == pytest.approx(0.0, abs=1e-3)
    assert bias == pytest.approx(np.log(100 / 200), abs=1e-3)
