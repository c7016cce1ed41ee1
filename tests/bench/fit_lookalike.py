"""
Fit the weights of the look-alike channel on simulated mail, and write them where they ship.

    python tests/bench/fit_lookalike.py [--worlds 16] [--rounds 2]

A logistic regression over the facts of `guard.detect.evidence`, each weight bound to the sign that
`sign_of` allows. What matters are the few clean messages that look worst, so each round fits on the
pairs that the weights of the round before found most suspicious. The table from suspicion to
share of clean mail held is counted on worlds that were not fitted on.
"""
# ruff: noqa: S311, T201 -- nothing here is secret; the report goes to the terminal

import argparse
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from math import exp, sqrt
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parent))
from simulate import World

from guard.contacts.events import Judge, _event
from guard.contacts.history import History
from guard.detect import evidence
from guard.model.contact import Contact
from guard.names.likeness import KINDS

TARGET = Path(__file__).parents[2] / "guard" / "detect" / "lookalike_weights.py"
START = {
    "": -5.0,
    **{f"kind.{kind}/new": 3.0 for kind in KINDS[:5]},
    **{f"to.own>{step:g}": -1.0 for step in (0.02, 0.3, 1.0, 3.0, 10.0)},
    **{f"to.thread>{step:g}": -3.0 for step in (0.5, 1.5)},
    **{f"meant.own>{step:g}": 0.7 for step in (0.02, 0.3, 1.0, 3.0, 10.0)},
    **{f"meant.thread>{step:g}": 1.0 for step in (0.5, 1.5, 2.5)},
    "kind.similar": -3.0,
    "kind.same_name": -1.0,
}  # fmt: skip
SHARES = (0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.05, 0.1)
KEPT = 3

Weights = dict[str, float]
Pair = tuple[str, str, tuple[str, ...]]
"""Recipient, candidate, and the facts about the two."""

Row = tuple[tuple[str, ...], bool, float]
"""Facts, whether it is a slip, and how much the row counts."""


def cases(seed: int, size: int) -> Iterator[tuple[dict, list[Pair]]]:
    """Give each judged message of a world: its key, and all pairs of it."""
    events, key = World(seed, size).events()
    by_case = {row["case"]: row for row in key}
    history = History()
    for line in events:
        for event in _event(line):
            if isinstance(event, Contact):
                history.add_contact(event)
            elif isinstance(event, Judge):
                yield by_case[event.case], list(_pairs(history, event))
            else:
                history.learn(event)


def _pairs(history: History, event: Judge) -> Iterator[Pair]:
    known = history.acquaintance(event.exchange)
    for recipient in known.recipients:
        if not recipient.candidates:
            continue
        base = tuple(evidence.of_recipient(recipient, known))
        for candidate in recipient.candidates:
            facts = (
                *base,
                *evidence.of_candidate(candidate),
                *evidence.of_pair(recipient, candidate, known),
            )
            yield recipient.address.text, candidate.contact.address.text, facts


def mine(job: tuple[int, int, Weights]) -> list[Row]:
    """Make the rows of one world: the pair of each slip, and the worst of each clean message."""
    seed, size, weights = job
    rng = Random(seed)
    rows: list[Row] = []
    for key, pairs in cases(seed, size):
        scored = sorted(pairs, key=lambda pair: -log_odds(pair[2], weights))
        if key["label"] == "clean":
            rows += [(facts, False, 1.0) for _, _, facts in scored[:KEPT]]
            if len(scored) > KEPT:
                rows.append((rng.choice(scored[KEPT:])[2], False, 2.0))
        else:
            right = [
                facts
                for to, meant, facts in scored
                if to == key["wrong"] and meant in key["aliases"]
            ]
            # The same person's other address is daily life, and no slip that we are after.
            rows += [(facts, True, 1.0) for facts in right[:1] if "kind.same_name" not in facts]
            # Somebody else suggested for the wrong one is wrong too, only less so.
            wrong = [
                facts
                for to, meant, facts in scored
                if to == key["wrong"] and meant not in key["aliases"]
            ]
            rows += [(facts, False, 0.15) for facts in wrong[:2]]
    return rows


def log_odds(facts: tuple[str, ...], weights: Weights) -> float:
    """Sum the weights."""
    return weights.get("", 0.0) + sum(weights.get(fact, 0.0) for fact in facts)


def fit(
    rows: list[Row], weights: Weights, epochs: int = 3, rate: float = 0.1, ridge: float = 1e-3
) -> Weights:
    """
    Descend by AdaGrad; weights of the wrong sign are set to nothing.

    The ridge pulls towards `START`: where simulated habits say little, common sense stays.
    """
    weights = dict(weights)
    squares: Weights = {}
    rng = Random(7)
    for _ in range(epochs):
        rng.shuffle(rows)
        for facts, slip, importance in rows:
            error = importance * (
                1 / (1 + exp(-max(-30.0, min(30.0, log_odds(facts, weights))))) - slip
            )
            if abs(error) < 1e-4:
                continue
            for fact in ("", *facts):
                old = weights.get(fact, 0.0)
                step = error + ridge * (old - START.get(fact, 0.0))
                squares[fact] = squares.get(fact, 1e-2) + step * step
                new = old - rate * step / sqrt(squares[fact])
                sign = evidence.sign_of(fact) if fact else 0
                weights[fact] = 0.0 if new * sign < 0 else new
    return weights


def worst(job: tuple[int, int, Weights]) -> list[tuple[float, dict, str, str]]:
    """Judge one world: for each message its highest log odds, its key, and the two people."""
    seed, size, weights = job
    found = []
    for key, pairs in cases(seed, size):
        best = max(
            ((log_odds(facts, weights), to, meant) for to, meant, facts in pairs),
            default=(-99.0, "", ""),
        )
        found.append((best[0], key, best[1], best[2]))
    return found


def main() -> None:
    """Fit, show what came of it on unseen worlds, write the weights."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--worlds", type=int, default=16)
    parser.add_argument("--size", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    weights: Weights = dict(START)
    with ProcessPoolExecutor(2) as pool:
        for turn in range(options.rounds):
            jobs = [(seed, options.size, weights) for seed in range(1, options.worlds + 1)]
            rows = [row for part in pool.map(mine, jobs) for row in part]
            weights = fit(rows, weights)
            print(
                f"round {turn + 1}: {len(rows)} rows, {sum(row[1] for row in rows)} slips",
                file=sys.stderr,
            )
        unseen = [
            (1000 + seed, options.size, weights) for seed in range(max(4, options.worlds // 3))
        ]
        judged = [one for part in pool.map(worst, unseen) for one in part]
    report(judged)
    write(weights, judged)


def report(judged: list[tuple[float, dict, str, str]]) -> None:
    """Say how many planted slips are held with the right recipient, by kind."""
    clean = sorted((score for score, key, _, _ in judged if key["label"] == "clean"), reverse=True)
    kinds: dict[str, list[tuple[float, bool]]] = {}
    for score, key, to, _ in judged:
        if key["label"] == "leak":
            kinds.setdefault(key["kind"], []).append((score, to == key["wrong"]))
            kinds.setdefault("all", []).append((score, to == key["wrong"]))
    limits = [clean[int(len(clean) * share)] for share in (0.003, 0.005, 0.01)]
    for kind, scores in sorted(kinds.items()):
        shares = [
            sum(score > limit and right for score, right in scores) / len(scores)
            for limit in limits
        ]
        print(f"{kind:18}{len(scores):6}", *(f"{share:6.2f}" for share in shares), file=sys.stderr)


def write(weights: Weights, judged: list[tuple[float, dict, str, str]]) -> None:
    """Write the module that ships."""
    clean = sorted((score for score, key, _, _ in judged if key["label"] == "clean"), reverse=True)
    table = [(share, clean[int(len(clean) * share)]) for share in SHARES]
    named = sorted(
        (fact, weight) for fact, weight in weights.items() if fact and abs(weight) >= 0.005
    )
    lines = [
        '"""',
        "Weights of the look-alike channel, in log odds. Written by a program: do not edit.",
        "",
        "Fitted by `tests/bench/fit_lookalike.py` on mail and slips of `tests/bench/simulate.py`,",
        "whose people and habits are invented. Run it again when `guard.detect.evidence` changes.",
        '"""',
        "",
        "from typing import Final",
        "",
        f"BIAS: Final = {weights['']:.3f}",
        '"""Before any fact is known."""',
        "",
        "HOLD_SHARES: Final[tuple[tuple[float, float], ...]] = (",
        *(f"    ({share}, {limit:.3f})," for share, limit in table),
        ")",
        '"""Share of clean messages, and the log odds that the worst pair of so many exceeds."""',
        "",
        "WEIGHTS: Final[dict[str, float]] = {",
        *(f'    "{fact}": {weight:.3f},' for fact, weight in named),
        "}",
        "",
    ]
    TARGET.write_text("\n".join(lines))


if __name__ == "__main__":
    main()
