"""Lists that were never imported, and sources that were not read of late."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from guard.policy.document import Node
from guard.policy.known import Known, Reading, unanswered
from guard.policy.load import read
from guard.policy.schema import Policy

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TEXT = """\
guard: 1
us: {domains: [example.co.jp]}
contacts: {sources: [office, sales]}
lists:
  customers: {source: crm}
  patients:
rules:
  - id: rows
    message: {en: "{count} rows"}
    when: {body: {contains: [customers, patients]}}
    then: hold
"""


@pytest.fixture
def asked(tmp_path: Path) -> tuple[Policy, Node]:
    """A policy with two lists and two sources."""
    (tmp_path / "main.yaml").write_text(TEXT, "utf-8")
    reading = read(tmp_path)
    assert reading.policy is not None
    assert reading.tree is not None
    return reading.policy, reading.tree


def ago(days: float, error: str = "") -> Reading:
    return Reading(read_at=NOW - timedelta(days=days), error=error)


def told(asked: tuple[Policy, Node], **known: object) -> list[tuple[int, str]]:
    given = {
        "lists": frozenset({"crm", "patients"}),
        "sources": {"office": ago(0.5), "sales": ago(2)},
        "list_sources": {"crm": ago(1)},
    } | known
    found = unanswered(*asked, Known(**given), now=NOW)  # type: ignore[arg-type]
    return [(problem.line, problem.message) for problem in found]


def test_all_is_there(asked: tuple[Policy, Node]) -> None:
    """Lists that were imported and sources that were read last night are not told of."""
    assert told(asked) == []


def test_never_imported(asked: tuple[Policy, Node]) -> None:
    """A list is looked for by the name that it is imported by, and told where it is defined."""
    assert told(asked, lists=frozenset({"customers"})) == [
        (5, 'list "customers" was never imported: nothing of it is found'),
        (6, 'list "patients" was never imported: nothing of it is found'),
    ]


@pytest.mark.parametrize(
    ("reading", "says"),
    [
        (ago(9), "was last read 9 days ago"),
        (ago(3), "was last read 3 days ago"),
        (ago(9, "the server is away"), "was last read 9 days ago (the server is away)"),
        (Reading(read_at=None), "was never read"),
    ],
)
def test_stale(asked: tuple[Policy, Node], reading: Reading, says: str) -> None:
    """A source that is three nights behind is told where it is named."""
    sources = {"office": ago(0), "sales": reading, "unnamed": ago(99)}

    assert told(asked, sources=sources, list_sources={"crm": reading}) == [
        (5, f'the source of list "customers" {says}; newer rows are missed'),
        (3, f'source "sales" {says}; look-alikes of newer contacts are missed'),
    ]
