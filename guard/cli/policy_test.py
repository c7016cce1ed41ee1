"""``guard policy test``: the tests that stand beside a policy."""

import asyncio
import json
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import click

from guard.cli.errors import FOUND_PROBLEMS, fail
from guard.cli.options import json_option, lang_option, spoken_language
from guard.cli.policy_path import configured, policy_path
from guard.cli.progress import bar

if TYPE_CHECKING:
    from guard.policy import Policy
    from guard.policy_tests.load import Loaded
    from guard.policy_tests.run import Ran
    from guard.policy_tests.schema import Trial

    Trials = Sequence[tuple[Loaded, Sequence[tuple[int, Trial]]]]

DOTS: Final = 60
"""Tests that a line shows."""

PATIENCE_S: Final = 1.0
"""How long a run may take before its progress is shown."""


@click.command()
@click.argument("path", type=policy_path, required=False)
@click.option("-k", "words", metavar="WORDS", help="Only tests whose text has all these words.")
@click.option("-v", "--verbose", is_flag=True, help="A line for each test.")
@lang_option
@json_option
def test(
    path: Path | None, *, words: str | None, verbose: bool, lang: str | None, as_json: bool
) -> None:
    """
    Run the tests of a policy: mails that it must hold, and mails that it must not.

    PATH is a policy's folder or file, whose tests are tests/*.yaml beside it, or one file of tests;
    without PATH the policy of guard.toml, else ./policies. Nothing is sent, stored or learned, and
    no store is asked. Ends with 1 if a test fails. --json prints a line a test.
    """
    from guard.policy import load as load_policy
    from guard.policy_tests.load import chosen, load

    place = chosen(path or configured())
    policy = load_policy(place.policy)
    loaded = load(place.tests, policy)
    every = sum(len(one.trials) for one in loaded)
    trials = [(one, _wanted(one, words)) for one in loaded]
    count = sum(len(some) for _, some in trials)
    if not count:
        fail(_none(place.tests, every), FOUND_PROBLEMS)
    language = spoken_language(lang)
    if as_json:
        tell: Callable[[Ran], None] = partial(_tell_record, policy)
    else:
        tell = partial(_tell_line, language) if verbose else _Dots(count)
    began = time.monotonic()
    ran = asyncio.run(_run(trials, policy, tell, count=count))
    if not as_json:
        _tell_end(ran, policy, language, left=every - count, took_s=time.monotonic() - began)
    sys.exit(0 if all(one.passed for one in ran) else FOUND_PROBLEMS)


def _wanted(loaded: "Loaded", words: str | None) -> "Sequence[tuple[int, Trial]]":
    asked = (words or "").casefold().split()
    return [
        (line, trial)
        for line, trial in loaded.trials
        if all(word in trial.it.casefold() for word in asked)
    ]


def _none(tests: Path, every: int) -> str:
    if every:
        return f"none of {every} tests has these words"
    return f"{tests}: no tests here; docs/policy-tests.md says how to write them"


async def _run(
    trials: "Trials", policy: "Policy", tell: "Callable[[Ran], None]", *, count: int
) -> "list[Ran]":
    """Run all, and *tell* of each; where nobody sees that come, a bar does after a second."""
    from guard.policy_tests.run import run

    all_: list[Ran] = []
    began = time.monotonic()
    with ExitStack() as stack:
        seen: Callable[[int, float | None], None] | None = None
        async for ran in run(trials, policy):
            all_.append(ran)
            tell(ran)
            if seen is None and time.monotonic() - began > PATIENCE_S:
                seen = stack.enter_context(
                    bar(
                        "tests",
                        "tests",
                        shown=not sys.stdout.isatty(),
                        doing=("Running", "Running"),
                    )
                )
            if seen is not None:
                seen(len(all_), len(all_) / count)
    return all_


class _Dots:
    """A dot for each test that passes and an F for each that fails, a file a line."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._done = 0
        self._column = 0
        self._file: Path | None = None

    def __call__(self, ran: "Ran") -> None:
        if ran.file != self._file:
            self._file = ran.file
            click.echo(("\n" if self._done else "") + f"{ran.file} ", nl=False)
            self._column = 0
        elif self._column == DOTS:
            click.echo(f"  [{100 * self._done // self._count:3d}%]")
            self._column = 0
        click.echo("." if ran.passed else "F", nl=False)
        sys.stdout.flush()
        self._done += 1
        self._column += 1
        if self._done == self._count:
            click.echo("  [100%]")


def _tell_line(lang: "Literal['ja', 'en']", ran: "Ran") -> None:
    from guard.policy_tests.told import outcome

    click.echo(outcome(ran, lang))


def _tell_record(policy: "Policy", ran: "Ran") -> None:
    from guard.policy_tests.told import record

    click.echo(json.dumps(record(ran, policy), ensure_ascii=False))


def _tell_end(
    all_: "Sequence[Ran]", policy: "Policy", lang: str, *, left: int, took_s: float
) -> None:
    from guard.policy_tests.told import failure, summary

    for ran in all_:
        if not ran.passed:
            click.echo(f"\n{failure(ran, policy, lang)}")
    click.echo(f"\n{summary(all_, left=left, took_s=took_s, lang=lang)}")
