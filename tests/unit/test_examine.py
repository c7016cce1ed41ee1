"""What becomes of a mail when its lists cannot be asked, or take too long."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from factories import HELD_AT, envelope
from in_process_readers import InProcessReaders

from guard.contacts.acquaintance import Acquaintance
from guard.examine import Examination, Knowledge, examine
from guard.lists.hits import Ours, RowHit
from guard.model.contact import Exchange
from guard.model.errors import GuardError, SearchLimitError, SourceError
from guard.model.extract import Passage
from guard.model.finding import CustomerRows, DetectorFailed, ListLike
from guard.model.verdict import Action
from guard.policy import Policy, load, shipped

OCTETS = b"From: yamada@example.co.jp\r\nSubject: x\r\n\r\nhello\r\n"


class Strangers:
    """Nobody knows anybody."""

    async def acquaintance(self, _: Exchange) -> Acquaintance:
        return Acquaintance()

    async def learn(self, _: Exchange) -> None:
        raise AssertionError


class FailingLists:
    """One list was imported, and its search ends in an error."""

    def __init__(self, error: GuardError) -> None:
        self.error = error

    async def has(self, name: str) -> bool:
        return name == "customers"

    async def search(self, *_: object, **__: object) -> Any:
        raise self.error


class NoLists:
    """No list was ever imported."""

    async def has(self, _: str) -> bool:
        return False

    async def search(self, names: Sequence[str], *_: object) -> Any:
        raise AssertionError(names)


class OneRow:
    """A list of which one row stands in a line of every text."""

    def __init__(self, line: int) -> None:
        self.line = line
        self.ours: Ours | None = None

    async def has(self, _: str) -> bool:
        return True

    async def search(
        self, _: Sequence[str], passages: Sequence[Passage], *__: object, **more: Any
    ) -> tuple[tuple[RowHit, ...], ...]:
        self.ours = more["ours"]
        hit = RowHit(
            list_name="customers",
            list_version="v1",
            row=1,
            line=self.line,
            fields=("email", "name"),
            sample="",
        )
        return tuple((hit,) for _ in passages)


def policy(if_guard_cannot_check: str) -> Policy:
    rule = {
        "id": "customers",
        "message": {"en": "{count} customers."},
        "when": {"body": {"contains": "customers", "at_least": "1 row"}},
        "then": "hold",
    }
    return Policy.model_validate(
        {
            "guard": 1,
            "us": {"domains": ["example.co.jp"]},
            "lists": {"customers": {"match_on": ["email"]}},
            "rules": [rule],
            "if_guard_cannot_check": if_guard_cannot_check,
        }
    )


async def examined(lists: Any, asked: Policy) -> Examination:
    knowledge = Knowledge(readers=InProcessReaders(), contacts=Strangers(), lists=lists)
    return await examine(envelope(), OCTETS, policy=asked, knowledge=knowledge, now=HELD_AT)


@pytest.mark.parametrize("choice", ["try_later", "hold", "deliver"])
async def test_too_long_a_search_holds(choice: str) -> None:
    """A mail that cannot be searched in time is held, whatever is to be done about outages."""
    examination = await examined(FailingLists(SearchLimitError("x")), policy(choice))
    failed = DetectorFailed(detector="lists", error="SearchLimitError")
    assert failed in examination.findings
    assert examination.verdict.action is Action.HOLD


async def test_a_lost_list_is_an_outage() -> None:
    """A list that was imported once and cannot be searched is never passed over."""
    lists = FailingLists(SourceError("lost"))
    with pytest.raises(SourceError):
        await examined(lists, policy("try_later"))
    examination = await examined(lists, policy("hold"))
    assert examination.verdict.action is Action.HOLD


QUOTING = (
    b"From: yamada@example.co.jp\r\nSubject: x\r\n\r\n"
    b"thank you\r\n\r\n"
    b"On Mon, 23 Nov 2026, Hanako <hanako@minami.example> wrote:\r\n"
    b"> our customer\r\n"
)


@pytest.mark.parametrize(("line", "own"), [(4, (("hanako@minami.example", 1),)), (1, ())])
async def test_what_a_recipient_wrote_is_the_recipients_own(line: int, own: object) -> None:
    """A row in the text that is quoted from a recipient is no news to them."""
    lists = OneRow(line)
    knowledge = Knowledge(readers=InProcessReaders(), contacts=Strangers(), lists=lists)
    addressed = envelope(recipients=("hanako@minami.example",))
    examination = await examine(
        addressed, QUOTING, policy=policy("hold"), knowledge=knowledge, now=HELD_AT
    )
    (finding,) = [one for one in examination.findings if isinstance(one, CustomerRows)]
    assert finding.own_rows == own
    assert lists.ours is not None
    assert lists.ours.domains == {"example.co.jp"}


async def test_a_list_never_imported_protects_nobody_yet() -> None:
    """Mail goes on its way while nobody has imported the list."""
    examination = await examined(NoLists(), policy("try_later"))
    assert examination.verdict.action is Action.DELIVER


def test_the_shipped_policy_asks_for_what_there_is() -> None:
    """No way of matching is written there that the search does not know."""
    assert list(load(shipped()).lists["customers"].match_on) == ["email", "phone"]
    assert "name+company" not in Path(shipped(), "main.yaml").read_text("utf-8")


async def test_a_list_may_be_imported_by_another_name() -> None:
    """Rules speak of it by the name that the policy gives it."""
    lists = OneRow(4)
    rules = Policy.model_validate(
        {
            "guard": 1,
            "us": {"domains": "example.co.jp"},
            "lists": {"clients": {"source": "customers"}},
            "rules": [
                {
                    "id": "rows",
                    "message": {"en": "{list}"},
                    "when": {"body": {"contains": "clients"}},
                    "then": "hold",
                }
            ],
        }
    )

    found = await examine(
        envelope("ito@partner.example"),
        OCTETS,
        policy=rules,
        knowledge=Knowledge(readers=InProcessReaders(), contacts=Strangers(), lists=lists),
        now=HELD_AT,
    )

    assert [one.list_name for one in found.findings if isinstance(one, CustomerRows)] == ["clients"]
    assert found.verdict.action is Action.HOLD


@pytest.mark.parametrize(
    ("asked", "thorough", "found"),
    [
        pytest.param("looks_like_list: {at_least: 5 rows}", False, True, id="a rule asks for it"),
        pytest.param("marked: true", False, False, id="none asks"),
        pytest.param("marked: true", True, True, id="none asks, but somebody asks why"),
    ],
)
async def test_only_what_is_asked_for_is_looked_for(
    tmp_path: Path, asked: str, thorough: bool, found: bool
) -> None:
    """What needs no list is found if a rule asks for it, or where all is to be told."""
    rules = f"""\
guard: 1
us: {{domains: [example.co.jp]}}
rules:
  - id: people
    message: {{en: "People."}}
    when: {{body: {{{asked}}}}}
    then: hold
"""
    (tmp_path / "guard.yaml").write_text(rules)
    people = "".join(f"Person {n}\tperson{n}@example.net\r\n" for n in range(20))
    examined = await examine(
        envelope("tanaka@sales.example.com"),
        OCTETS + people.encode(),
        policy=load(tmp_path),
        knowledge=Knowledge(readers=InProcessReaders(), contacts=Strangers(), lists=NoLists()),
        now=HELD_AT,
        thorough=thorough,
    )

    assert any(isinstance(one, ListLike) for one in examined.findings) == found
