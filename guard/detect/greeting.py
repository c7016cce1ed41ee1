"""Texts that greet somebody who is not among the recipients."""

from collections.abc import Iterator
from typing import Final

from guard.detect.inspection import Inspection
from guard.model.finding import Greeting

BEARER: Final = 0.6
"""
Score where exactly one contact of the sender bears the name. Low on purpose: of a thousand clean
messages about ten greet somebody whom the headers do not name (a nickname, a quoted line, a person
behind a shared box), so this alone is a weak reason to hold.
"""

SEVERAL: Final = 0.4
"""Score where two or three contacts bear the name, and nobody says which is meant."""

STRANGER: Final = 0.15
"""Score where nobody known bears it: most likely a name that the headers spell in another way."""


def greeting(inspection: Inspection) -> Iterator[Greeting]:
    """
    Report the first greeting that fits neither a recipient nor the sender.

    Nothing is reported where no recipient has a name to compare with, or where one of several
    greetings does fit: then the others were greeted in passing.
    """
    acquaintance = inspection.acquaintance
    if any(greeted.addressed for greeted in acquaintance.greetings):
        return
    if not any(known.name for known in acquaintance.recipients):
        return
    for greeted in acquaintance.greetings[:1]:
        bearers = greeted.bearers
        score = BEARER if len(bearers) == 1 else SEVERAL if bearers else STRANGER
        yield Greeting(
            score=score,
            greeting=greeted.line,
            intended=bearers[0] if len(bearers) == 1 else None,
        )
