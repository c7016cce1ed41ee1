"""What a password showed counts for as long as the mail waits; the password counts once."""

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pytest
from factories import HELD_AT, SENDER, address, hold
from in_process_readers import InProcessReaders
from memory_store import MemoryStore

from guard.contacts.acquaintance import Acquaintance
from guard.demo.files import locked_zip
from guard.examine import Knowledge
from guard.lists.hits import RowHit
from guard.memory import Lane
from guard.model.address import Address
from guard.model.contact import Exchange
from guard.model.errors import StoreError
from guard.model.extract import Extract, Passage, ReadState, Reason
from guard.model.hold import Choice, Hold, HoldState
from guard.model.message import Attachment
from guard.model.verdict import Action, Confirm
from guard.parse import parse
from guard.policy import Policy
from guard.release import Answer, Desk, Judge, Unconfirmed
from guard.release.answer import Sending
from guard.release.confirmation import encrypted
from guard.release.links import fingerprint

TOKEN = "3fJ8kQ2mZ_x9QvB7tYwLr5NcD1eHgUaP0sKiMoXjF4E"
ANN, BOB, EVE = "ann@north.example", "bob@south.example", "eve@rival.example"

RULES: list[dict[str, Any]] = [
    {
        "id": "rows",
        "when": {"attachment": {"contains": "customers", "at_least": "3 rows"}},
        "then": "hold",
        "confirm": "second_person",
    },
    {
        "id": "rival",
        "when": {
            "attachment": {"contains": "customers", "at_least": "3 rows"},
            "recipient": {"address": EVE},
        },
        "then": "refuse",
    },
    {
        "id": "locked",
        "when": {"attachment": {"unreadable": ["encrypted"]}},
        "then": "hold",
        "confirm": "tick_each",
    },
]


class Strangers:
    """Nobody knows anybody."""

    async def acquaintance(self, exchange: Exchange) -> Acquaintance:
        return Acquaintance()


class Customers:
    """The list has a row for each ``customer N``; those below ten are Ann's own."""

    def __init__(self) -> None:
        self.away = False

    async def has(self, name: str) -> bool:
        return True

    async def search(
        self, names: Sequence[str], passages: Sequence[Passage], recipients: Any, **_: Any
    ) -> tuple[tuple[RowHit, ...], ...]:
        if self.away:
            raise StoreError("away")
        return tuple(tuple(self._hits(passage.text)) for passage in passages)

    def _hits(self, text: str) -> list[RowHit]:
        return [
            RowHit(
                list_name="customers",
                list_version="1",
                row=number,
                line=1,
                fields=("email",),
                sample="c***",
                belongs_to=frozenset({address(ANN).key} if number < 10 else ()),
            )
            for number in map(int, re.findall(r"customer (\d+)", text))
        ]


class Falling(InProcessReaders):
    """Falls over a password that a reader in a child would crash by."""

    def __init__(self) -> None:
        self.tried: list[tuple[str, ...]] = []

    async def read(
        self, attachments: Sequence[Attachment], *, password: str = ""
    ) -> tuple[Extract, ...]:
        if password:
            self.tried.append(tuple(each.name for each in attachments))
        if password == "crash":
            return tuple(
                Extract(file=each.name, state=ReadState.UNREADABLE, reasons=(Reason.CRASH,))
                for each in attachments
            )
        return await super().read(attachments, password=password)


def customers(*numbers: int) -> bytes:
    return "\n".join(f"customer {number}" for number in numbers).encode()


def zipped(files: dict[str, bytes], password: bytes = b"outer") -> bytes:
    """Pack *files* in an archive, and that in one that is locked."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, octets in files.items():
            archive.writestr(name, octets)
    return locked_zip("all.zip", target.getvalue(), password)


FIRST = ("a.zip", locked_zip("a.txt", customers(11, 12, 13), b"one"))
SECOND = ("b.zip", locked_zip("b.txt", customers(21, 22), b"two"))
THIRD = ("c.zip", locked_zip("c.txt", customers(31, 32), b"three"))
ANNS = ("d.zip", locked_zip("d.txt", customers(1, 2, 3), b"anns"))
HARMLESS = ("e.zip", locked_zip("e.txt", b"hello", b"none"))


class Talk:
    """A desk with its judge, over one held mail with files that are locked."""

    def __init__(self, *files: tuple[str, bytes], to: Sequence[str] = (ANN, BOB)) -> None:
        self.customers, self.readers = Customers(), Falling()
        self.rules = RULES
        mail = EmailMessage(policy=SMTP)
        mail["From"] = SENDER
        mail.set_content("hello")
        for name, octets in files:
            mail.add_attachment(octets, maintype="application", subtype="zip", filename=name)
        octets = mail.as_bytes()
        found = parse(octets).attachments
        self.held = hold(
            recipients=to,
            attachments=tuple((each.name, len(each.octets)) for each in found),
            parts=tuple(each.part for each in found),
            second_persons=(address("boss@example.co.jp"),),
        )
        self.store = MemoryStore(lambda: HELD_AT)
        self.store.raw[self.held.id] = octets
        self.store.links[fingerprint(TOKEN)] = (self.held.id, self.held.owner)
        self.judge = Judge(
            holds=self.store,
            knowledge=Knowledge(readers=self.readers, contacts=Strangers(), lists=self.customers),
            policy=self.policy,
            clock=lambda: HELD_AT,
            lane=Lane(),
        )
        self.desk = Desk(self.store, lambda: HELD_AT, self.judge)

    def policy(self) -> Policy:
        rules = [rule | {"message": {"en": "Hm."}} for rule in self.rules]
        return Policy.model_validate(
            {
                "guard": 1,
                "us": {"domains": ["example.co.jp"]},
                "lists": {"customers": {}},
                "if_guard_cannot_check": "hold",
                "rules": rules,
            },
            context={"hash": str(len(rules))},
        )

    async def begin(self) -> "Talk":
        """Hold it, for what the policy says of it as it came."""
        verdict = await self.judge.verdict(self.held, Sending.of(self.held))
        self.store.holds[self.held.id] = replace(self.held, verdict=replace(verdict, recipients=()))
        return self

    @property
    def hold(self) -> Hold:
        return self.store.holds[self.held.id]

    @property
    def rules_that_speak(self) -> dict[str, list[str]]:
        return {
            match.rule: [each.text for each in match.recipients]
            for match in self.hold.verdict.acting
        }

    async def say(self, choice: Choice, *ticked: str, **more: Any) -> Hold:
        answer = Answer(choice=choice, ticked=frozenset(ticked), **more)
        return await self.desk.answer(TOKEN, answer)

    async def opens(self, password: str) -> Hold:
        return await self.say(Choice.OPEN, password=password)

    def part(self, number: int) -> frozenset[str]:
        return frozenset({self.held.parts[number]})


async def test_a_dropped_recipient_takes_no_demand_along() -> None:
    """The second person is asked about whoever is left."""
    talk = await Talk(FIRST).begin()
    assert talk.rules_that_speak == {"locked": [ANN, BOB]}
    opened = await talk.opens("one")
    assert talk.rules_that_speak == {"rows": [ANN, BOB]}
    assert opened.verdict.confirm is Confirm.SECOND_PERSON

    said = await talk.say(Choice.DROP, ANN)
    assert (said.state, [each.text for each in said.recipients]) == (
        HoldState.SECOND_PERSON,
        [ANN],
    )
    assert said.verdict.confirm is Confirm.SECOND_PERSON


async def test_another_file_left_out_takes_no_demand_along() -> None:
    talk = await Talk(HARMLESS, FIRST).begin()
    await talk.opens("one")
    said = await talk.say(Choice.WITHOUT, ANN, BOB, without=talk.part(0))

    assert said.state is HoldState.SECOND_PERSON
    assert [each.file for each in said.verdict.unlocked] == ["a.zip"]


async def test_the_file_itself_left_out_takes_its_demand_along() -> None:
    talk = await Talk(HARMLESS, FIRST).begin()
    await talk.opens("one")
    said = await talk.say(Choice.WITHOUT, ANN, BOB, without=talk.part(1))

    assert said.state is HoldState.UNDO


async def test_a_file_without_a_name_is_known_again() -> None:
    """It is named by its place, which is another once a file before it is gone."""
    talk = await Talk(HARMLESS, FIRST).begin()
    raw = talk.store.raw[talk.held.id]
    talk.store.raw[talk.held.id] = raw.replace(b' filename="a.zip"', b"")
    await talk.opens("one")
    (named,) = talk.hold.verdict.unlocked
    said = await talk.say(Choice.WITHOUT, ANN, BOB, without=talk.part(0))
    if said.state is HoldState.WAITING:  # the name is news
        said = await talk.say(Choice.SEND, ANN, BOB)

    assert said.state is HoldState.SECOND_PERSON
    (renamed,) = said.verdict.unlocked
    assert (named.file, renamed.file) == ("part-3.zip", "part-2.zip")
    assert renamed.findings[0].file == renamed.file  # type: ignore[union-attr]


async def test_what_was_fine_for_one_is_asked_about_for_another() -> None:
    """Ann's own rows may go to Ann; nobody has looked whose they are for Bob."""
    talk = await Talk(ANNS, to=[ANN]).begin()
    await talk.opens("anns")
    assert talk.hold.verdict.action is Action.DELIVER

    other = Sending(recipients=(address(BOB),), without=())
    verdict = await talk.judge.verdict(talk.hold, other)
    assert [match.rule for match in verdict.acting] == ["rows"]


async def test_a_refusal_goes_with_whom_it_was_about() -> None:
    """Not as it is, nor without others; but without the recipient, or without the file."""
    talk = await Talk(HARMLESS, FIRST, to=[ANN, EVE]).begin()
    await talk.opens("one")
    for choice, ticked, more in (
        (Choice.SEND, (ANN, EVE), {}),
        (Choice.DROP, (EVE,), {}),
        (Choice.WITHOUT, (ANN, EVE), {"without": talk.part(0)}),
    ):
        before = talk.hold
        with pytest.raises(Unconfirmed) as caught:
            await talk.say(choice, *ticked, **more)
        assert caught.value.missing == {"refused"}
        assert talk.hold == before

    assert (await talk.say(Choice.DROP, ANN)).state is HoldState.SECOND_PERSON


async def test_two_files_with_two_passwords() -> None:
    """One after the other; together they have as many rows as a rule asks for."""
    talk = await Talk(SECOND, THIRD).begin()
    await talk.opens("two")
    assert talk.rules_that_speak == {"locked": [ANN, BOB]}
    done = await talk.opens("three")

    assert talk.rules_that_speak == {"rows": [ANN, BOB]}
    assert [each.file for each in done.verdict.unlocked] == ["b.zip", "c.zip"]
    assert talk.readers.tried == [("b.zip", "c.zip"), ("c.zip",)]


async def test_a_lock_within_an_opened_file() -> None:
    """What is read up to it counts; no password is asked for that alone could not open it."""
    outer = zipped({"rows.txt": customers(11, 12, 13), "inner.zip": HARMLESS[1]})
    talk = await Talk(("f.zip", outer), ("b.zip", SECOND[1])).begin()
    assert encrypted(talk.hold.verdict) == {"f.zip", "b.zip"}
    await talk.opens("outer")

    assert set(talk.rules_that_speak) == {"rows", "locked"}
    assert encrypted(talk.hold.verdict) == {"b.zip"}
    with pytest.raises(Unconfirmed):
        await talk.opens("none")
    await talk.opens("two")
    assert set(talk.rules_that_speak) == {"rows", "locked"}
    assert encrypted(talk.hold.verdict) == frozenset()


async def test_the_same_password_opens_nothing_twice() -> None:
    talk = await Talk(SECOND, THIRD).begin()
    await talk.opens("two")
    before = talk.hold
    with pytest.raises(Unconfirmed):
        await talk.opens("two")
    assert talk.hold == before


@pytest.mark.parametrize("password", ["wrong", "crash", "one\0", "\0", "ｏｎｅ", "x" * 500])
async def test_a_wrong_password_changes_nothing(password: str) -> None:
    """Least of all one that a reader falls over: a file that crashed is no longer “encrypted”."""
    talk = await Talk(FIRST).begin()
    before = talk.hold
    with pytest.raises(Unconfirmed) as caught:
        await talk.opens(password)

    assert caught.value.missing == {"password"}
    assert talk.hold == before


async def test_a_wrong_password_under_another_policy() -> None:
    """The rule about encrypted files is gone by now: that opens none."""
    talk = await Talk(FIRST).begin()
    talk.rules = RULES[:2]
    before = talk.hold
    with pytest.raises(Unconfirmed):
        await talk.opens("wrong")
    assert talk.hold == before


async def test_another_policy_looks_again() -> None:
    """It may look for more: what was found stays, and the file counts as locked until then."""
    talk = await Talk(FIRST).begin()
    await talk.opens("one")
    talk.rules = [*RULES, RULES[2] | {"id": "locked-too"}]
    await talk.say(Choice.DROP, ANN)
    assert set(talk.rules_that_speak) == {"rows", "locked", "locked-too"}

    await talk.opens("one")
    assert set(talk.rules_that_speak) == {"rows"}


async def test_nobody_could_look_for_rows() -> None:
    """Lists were away when it was opened: that they are back does not make it clean."""
    talk = await Talk(FIRST).begin()
    talk.customers.away = True
    await talk.opens("one")
    assert "rows" not in talk.rules_that_speak
    assert talk.hold.verdict.action is Action.HOLD
    talk.customers.away = False

    said = await talk.say(Choice.DROP, ANN)
    assert said.verdict.action is Action.HOLD


async def test_nothing_of_password_and_text_is_kept() -> None:
    talk = await Talk(FIRST).begin()
    opened = await talk.opens("one")

    assert "customer 11" not in repr(opened)
    assert "password" not in repr(opened)
    assert Address.parse(ANN) in opened.recipients
