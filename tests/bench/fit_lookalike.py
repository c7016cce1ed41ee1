"""
Fit the weights of the look-alike channel on simulated mail, and write them where they ship.

    python tests/bench/fit_lookalike.py [--worlds 32] [--size 3000] [--out FILE]

Mail and slips are those of `simulate`, whose people and habits are invented. The table from
suspicion to share of clean mail held is counted on worlds that were not fitted on, and so is the
report of slips found. `guard.fit` does the fitting, as it does for ``guard contacts fit``.
"""
# ruff: noqa: T201 -- the report goes to the terminal

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from simulate import World

from guard.contacts.events import Judge, read_event
from guard.contacts.history import History
from guard.detect.channel import shipped
from guard.fit.fitting import SEVERAL_WAYS, hold_shares, weights_for
from guard.fit.pairs import Pairs
from guard.fit.replay import facts_of
from guard.fit.report import About, table
from guard.model.contact import Contact

TARGET = Path(__file__).parents[2] / "guard" / "detect" / "lookalike.json"
APART = 4
"""Every so manieth world is kept apart for counting."""

ABOUT = (
    "Fitted on simulated mail and slips: no real mail had a part in it, but of several fits the "
    "one was chosen that did best on a public development set. Fit again by "
    "tests/bench/fit_lookalike.py, or on your own mail by: guard contacts fit"
)


def pairs_of(job: tuple[int, int]) -> tuple[Pairs, list[About]]:
    """Make one world, and lay out the pairs of every message that is judged in it."""
    seed, size = job
    events, key = World(seed, size).events()
    by_case = {row["case"]: row for row in key}
    history, pairs, about = History(), Pairs(), []
    for line in events:
        for event in read_event(line):
            if isinstance(event, Contact):
                history.add_contact(event)
            elif isinstance(event, Judge):
                row = by_case[event.case]
                slip = row["label"] != "clean"
                acquaintance = history.acquaintance(event.exchange)
                wrong, meant = row.get("wrong", ""), row.get("aliases", ())
                pairs.add(facts_of(acquaintance, shipped(), wrong, meant), slip=slip)
                about.append(About(kind=row.get("kind", ""), known=bool(row.get("wrong_known"))))
            else:
                history.learn(event)
    return pairs, about


def main() -> None:
    """Fit, show what came of it on unseen worlds, write the weights."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--worlds", type=int, default=32)
    parser.add_argument("--size", type=int, default=3000)
    parser.add_argument("--first", type=int, default=201, help="seed of the first world")
    parser.add_argument("--out", type=Path, default=TARGET)
    parser.add_argument(
        "--recount", action="store_true", help="keep the weights, count the thresholds anew"
    )
    options = parser.parse_args()
    fitted, apart, about = Pairs(), Pairs(), []
    numbers = range(0, options.worlds, APART if options.recount else 1)
    jobs = [(options.first + number, options.size) for number in numbers]
    with ProcessPoolExecutor(2) as pool:
        for number, (pairs, found) in zip(numbers, pool.map(pairs_of, jobs), strict=True):
            if number % APART:
                fitted.extend(pairs)
            else:
                apart.extend(pairs)
                about += found
            print(f"world {number + 1} of {options.worlds}", file=sys.stderr)
    if options.recount:
        channel = replace(shipped(), hold_shares=hold_shares(shipped(), apart))
    else:
        channel = weights_for(
            fitted,
            apart,
            ABOUT,
            lambda turn: print(f"round {turn}", file=sys.stderr),
            SEVERAL_WAYS,
        )
    print(table(channel, apart, about))
    options.out.write_text(channel.text(), "utf-8")


if __name__ == "__main__":
    main()
