"""Warnings of ``guard policy check`` about rules whose questions nobody reads any more."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from guard.model.errors import SettingsError
from guard.policy import document
from guard.policy.document import NotPlainError, Place
from guard.problems import Level, Problem

SINCE: Final = timedelta(days=90)
"""How far back answers count."""


def tired(settings: Path, checked: Path, sources: Mapping[str, str]) -> Iterator[Problem]:
    """
    Warn of rules of the policy in force that were nearly always sent unchanged.

    Only where the settings are there, name this policy, and have a store: nothing is made.
    """
    from guard.app.fatigue import fatigue_if_any
    from guard.config import load

    try:
        in_force = load(settings) if settings.is_file() else None
    except SettingsError:
        return
    if in_force is None or in_force.policies.resolve() != checked.resolve():
        return
    found = asyncio.run(fatigue_if_any(in_force, datetime.now(UTC) - SINCE))
    for rule, place in _rules(sources) if found else ():
        answers = found.rules.get(rule) if found else None
        if answers is None or not answers.tires:
            continue
        hint = (
            "it may be teaching people to click through: narrow it, or write “mode: watch” for it"
        )
        message = (
            f'rule "{rule}": {answers.unchanged} of the last {answers.answered} holds were sent '
            "unchanged"
        )
        yield replace(place.problem(message, hint), level=Level.WARNING)


def _rules(sources: Mapping[str, str]) -> Iterator[tuple[str, Place]]:
    """Give the id of each rule that holds, with its place."""
    for file, text in sources.items():
        try:
            tree = document.read(text, file)
        except NotPlainError:
            continue
        rules = tree.at("rules") if tree else None
        for rule in rules.items if rules else ():
            node = rule.at("id")
            mode = rule.at("mode")
            if node is not None and (mode is None or mode.text != "watch"):
                yield node.text, node.place
