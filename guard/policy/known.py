"""What a policy asks for, held against what is there to answer it: lists and sources."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from guard.policy.document import Node
from guard.policy.schema import Policy
from guard.policy.sense import key_place
from guard.problems import Problem

STALE: Final = timedelta(days=3)
"""From which age on a source was not read when it should have been: each is due every night."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a source was last read."""

    read_at: datetime | None
    """When that last went well; aware."""

    error: str = ""
    """Why it went wrong the last time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What there is."""

    lists: frozenset[str]
    """Lists that were imported, by the names that they were imported by."""

    sources: Mapping[str, Reading]
    """Every source of contacts of the settings, by name."""

    list_sources: Mapping[str, Reading]
    """Every source of lists, by the name of its list."""


def unanswered(policy: Policy, root: Node, known: Known, *, now: datetime) -> Iterator[Problem]:
    """Report what *policy*, which was read from *root*, asks for in vain, or of old news."""
    for name in policy.list_names:
        place = key_place(root, "lists", name)
        imported = policy.imported(name)
        if imported not in known.lists:
            yield place.problem(
                f'list "{name}" was never imported: nothing of it is found',
                f"guard lists import {imported} FILE",
            )
        elif (reading := known.list_sources.get(imported)) and (old := _old(reading, now)):
            yield place.problem(
                f'the source of list "{name}" {old}; newer rows are missed',
                f"guard lists sync {imported}",
            )
    named = policy.contacts.sources or tuple(known.sources)
    listed = root.at("contacts", "sources")
    nodes = {node.text: node.place for node in listed.items} if listed else {}
    for name in named:
        reading = known.sources.get(name)
        if reading and (old := _old(reading, now)):
            yield (nodes.get(name) or key_place(root, "contacts")).problem(
                f'source "{name}" {old}; look-alikes of newer contacts are missed',
                f"guard contacts sync {name}",
            )


def _old(reading: Reading, now: datetime) -> str:
    """Say how old the last good reading is, where it is too old."""
    why = f" ({reading.error})" if reading.error else ""
    if reading.read_at is None:
        return f"was never read{why}"
    age = now - reading.read_at
    return f"was last read {age.days} days ago{why}" if age >= STALE else ""
