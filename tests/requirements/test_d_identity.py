"""R-D3, R-D5, R-D6: who sends as whom, who is asked, and what a dropped recipient changes."""

from collections.abc import Sequence
from typing import Any

import pytest
from factories import HELD_AT, submission
from factories import envelope as envelope_of
from in_process_readers import InProcessReaders
from memory_store import MemoryStore
from whole import Nobody

from guard.examine import Examination, Knowledge
from guard.memory import Lane
from guard.model.address import Address
from guard.model.envelope import Submitter
from guard.model.finding import SenderNotTheirs
from guard.model.hold import Choice, Fate, Hold
from guard.model.reply import Reply
from guard.pipeline import Pipeline
from guard.policy import Policy
from guard.ports import Outcome
from guard.release import Answer, Desk, Judge, Links

OWN, COLLEAGUE, SHARED = "yamada@example.co.jp", "suzuki@example.co.jp", "info@example.co.jp"
FOREIGN, STRANGER = "info@brand.example", "ann@hold.example"

US = {"domains": ["example.co.jp"], "shared_mailboxes": {SHARED: [OWN]}}
NOT_THEIRS = {"sender": {"not_theirs": True}}
TO_STRANGER = {"recipient": {"address": STRANGER}}


class Transaction:
    """Takes everything."""

    def __init__(self) -> None:
        self.sent = 0

    async def data(self, *_: object, **__: object) -> Outcome:
        self.sent += 1
        taken = Reply(250, "2.0.0", "Taken")
        return Outcome(reply=taken, recipients=((Address.parse(STRANGER), Fate.TAKEN, taken),))

    async def reset(self) -> None:
        pass


class Office:
    """A pipeline with one rule that holds."""

    def __init__(self, when: dict[str, Any]) -> None:
        rule = {"id": "asks", "message": {"en": "Hm."}, "when": when, "then": "hold"}
        policy = Policy.model_validate({"guard": 1, "us": US, "rules": [rule]})
        nobody: Any = Nobody()
        self.store = MemoryStore(lambda: HELD_AT)
        self.links = Links(("k1", b"k" * 32), lambda _: b"k" * 32)
        self.transaction = Transaction()
        self.seen: list[Examination] = []
        self.pipeline = Pipeline(
            knowledge=Knowledge(readers=InProcessReaders(), contacts=nobody, lists=nobody),
            holds=self.store,
            links=self.links,
            clock=lambda: HELD_AT,
            policy=lambda: policy,
            name="guard.example.co.jp",
            address_for_log=str,
            afterwards=lambda work: work.close(),
            tell=lambda _: Nobody().learn(_),
            observer=lambda examination, _: self.seen.append(examination),
        )

    async def outcome(
        self,
        login: str | None,
        sender: str | None,
        head: str = "",
        recipients: Sequence[str] = (STRANGER,),
    ) -> tuple[str, str | None]:
        """What becomes of a mail, and who is asked."""
        address = Address.parse(login) if login and "@" in login else None
        mail = submission(
            f"{head}Subject: x\r\n\r\nhello\r\n".encode(),
            envelope=envelope_of(sender, recipients),
            submitter=Submitter(peer="192.0.2.7", login=login, address=address),
        )
        reply = await self.pipeline.accept(mail, self.transaction, lambda: False)  # type: ignore[arg-type]
        if self.store.holds:
            assert (reply.code, self.transaction.sent) == (250, 0)
            return "held", str(self.held.owner)
        if self.transaction.sent:
            return "delivered", None
        return f"refused {reply.code}", None

    @property
    def held(self) -> Hold:
        """The only hold."""
        (hold,) = self.store.holds.values()
        return hold

    @property
    def findings(self) -> str:
        """Where the mail is sent as somebody else, and as whom."""
        (examination,) = self.seen
        found = [f for f in examination.findings if isinstance(f, SenderNotTheirs)]
        return ", ".join(f"{one.where} {one.address}" for one in found)


FROM_OWN = f"From: 山田 <{OWN}>\r\n"
FROM_FOREIGN = f"From: Brand <{FOREIGN}>\r\n"
FROM_SEVERAL = f"From: 山田 <{OWN}>, Brand <{FOREIGN}>\r\n"
MISSING = ""
AS_OWN = f"Sender: {OWN}\r\n"
AS_COLLEAGUE = f"Sender: {COLLEAGUE}\r\n"
FOUND_IN_FROM = f"from {FOREIGN}"
FOUND_IN_MAIL = f"envelope {FOREIGN}"
FOUND_IN_BOTH = f"{FOUND_IN_MAIL}, {FOUND_IN_FROM}"
FOUND_IN_SENDER = f"sender {COLLEAGUE}"

MATRIX = [
    # Nobody logged in: the envelope sender is asked if ours, and nothing is said of who sends.
    (None, OWN, FROM_OWN, "held", OWN, ""),
    (None, OWN, FROM_FOREIGN, "held", OWN, ""),
    (None, OWN, FROM_SEVERAL, "held", OWN, ""),
    (None, OWN, MISSING, "held", OWN, ""),
    (None, OWN, FROM_OWN + AS_COLLEAGUE, "held", OWN, ""),
    (None, OWN, FROM_FOREIGN + AS_OWN, "held", OWN, ""),
    (None, FOREIGN, FROM_OWN, "refused 550", None, ""),
    (None, FOREIGN, FROM_FOREIGN, "refused 550", None, ""),
    (None, FOREIGN, FROM_SEVERAL, "refused 550", None, ""),
    (None, FOREIGN, MISSING, "refused 550", None, ""),
    (None, FOREIGN, FROM_OWN + AS_OWN, "refused 550", None, ""),
    (None, None, FROM_OWN, "delivered", None, ""),
    (None, None, FROM_FOREIGN, "delivered", None, ""),
    (None, None, FROM_SEVERAL, "delivered", None, ""),
    (None, None, MISSING, "delivered", None, ""),
    (None, None, FROM_OWN + AS_COLLEAGUE, "delivered", None, ""),
    # Yamada logged in: Yamada is asked, whatever envelope and header say.
    (OWN, OWN, FROM_OWN, "held", OWN, ""),
    (OWN, OWN, FROM_FOREIGN, "held", OWN, FOUND_IN_FROM),
    (OWN, OWN, FROM_SEVERAL, "held", OWN, FOUND_IN_FROM),
    (OWN, OWN, MISSING, "held", OWN, ""),
    (OWN, OWN, FROM_OWN + AS_OWN, "held", OWN, ""),
    (OWN, OWN, FROM_OWN + AS_COLLEAGUE, "held", OWN, FOUND_IN_SENDER),
    (OWN, OWN, FROM_FOREIGN + AS_OWN, "held", OWN, FOUND_IN_FROM),
    (OWN, OWN, FROM_FOREIGN + AS_COLLEAGUE, "held", OWN, f"{FOUND_IN_FROM}, {FOUND_IN_SENDER}"),
    (OWN, FOREIGN, FROM_OWN, "held", OWN, FOUND_IN_MAIL),
    (OWN, FOREIGN, FROM_FOREIGN, "held", OWN, FOUND_IN_BOTH),
    (OWN, FOREIGN, FROM_SEVERAL, "held", OWN, FOUND_IN_BOTH),
    (OWN, FOREIGN, MISSING, "held", OWN, FOUND_IN_MAIL),
    (OWN, FOREIGN, FROM_OWN + AS_OWN, "held", OWN, FOUND_IN_MAIL),
    (OWN, SHARED, f"From: {SHARED}\r\n", "held", OWN, ""),
    (OWN, SHARED, f"From: {SHARED}\r\n" + AS_OWN, "held", OWN, ""),
    # Somebody who is logged in can be asked, whatever the envelope says.
    (OWN, None, FROM_OWN, "held", OWN, ""),
    (OWN, None, FROM_FOREIGN, "held", OWN, FOUND_IN_FROM),
    (OWN, None, FROM_SEVERAL, "held", OWN, FOUND_IN_FROM),
    (OWN, None, MISSING, "held", OWN, ""),
    (OWN, None, FROM_OWN + AS_COLLEAGUE, "held", OWN, FOUND_IN_SENDER),
    # A login of which no address is known: that name at our domain; the envelope sender is asked.
    ("yamada", OWN, FROM_OWN, "held", OWN, ""),
    ("yamada", COLLEAGUE, FROM_OWN, "held", COLLEAGUE, f"envelope {COLLEAGUE}"),
    ("yamada", FOREIGN, FROM_FOREIGN, "refused 550", None, FOUND_IN_BOTH),
    ("yamada", None, FROM_FOREIGN, "refused 550", None, FOUND_IN_FROM),
]


@pytest.mark.parametrize(("login", "sender", "head", "outcome", "owner", "found"), MATRIX)
async def test_identity(
    login: str | None, sender: str | None, head: str, outcome: str, owner: str | None, found: str
) -> None:
    """R-D5: a mail that a rule holds: what becomes of it, who is asked, whose address is used."""
    office = Office(TO_STRANGER)

    assert await office.outcome(login, sender, head) == (outcome, owner)
    assert office.findings == found
    if outcome == "held":
        assert office.held.login == login
        (created,) = office.store.log
        assert created.details.get("login") == login


@pytest.mark.parametrize(("login", "sender", "head", "outcome", "owner", "found"), MATRIX)
async def test_only_another_sender_is_held(
    login: str | None, sender: str | None, head: str, outcome: str, owner: str | None, found: str
) -> None:
    """R-D5: ``sender: {not_theirs: true}`` holds where an address is not theirs, and only there."""
    office = Office(NOT_THEIRS)

    assert await office.outcome(login, sender, head) == (
        (outcome, owner) if found else ("delivered", None)
    )


async def test_held_once_for_each() -> None:
    """R-D3: who is named twice is asked about once, and gets the mail once."""
    office = Office(TO_STRANGER)
    await office.outcome(OWN, OWN, FROM_OWN, (STRANGER, COLLEAGUE, STRANGER.upper()))

    assert [a.text for a in office.held.recipients] == [STRANGER, COLLEAGUE]
    assert [a.text for a in office.held.verdict.doubtful] == [STRANGER]
    assert len(office.held.envelope.recipients) == 3


async def test_drop_changes_the_envelope_only() -> None:
    """R-D6: the whole message waits; who is dropped is out, and the octets are as they were."""
    office = Office(TO_STRANGER)
    head = f"{FROM_OWN}To: {STRANGER}, {COLLEAGUE}\r\n"
    await office.outcome(OWN, OWN, head, (STRANGER, COLLEAGUE))
    held = office.held
    octets = await office.store.octets(held.id)

    assert held.to == (STRANGER, COLLEAGUE)
    judge = Judge(
        holds=office.store,
        knowledge=office.pipeline.knowledge,
        policy=office.pipeline.policy,
        clock=lambda: HELD_AT,
        lane=Lane(),
    )
    desk = Desk(office.store, lambda: HELD_AT, judge)
    sent = await desk.answer(office.links.token(held), Answer(choice=Choice.DROP))

    assert [a.text for a in sent.recipients] == [COLLEAGUE]
    assert sent.envelope == held.envelope
    assert sent.to == held.to
    assert await office.store.octets(held.id) == octets
    assert f"To: {STRANGER}, {COLLEAGUE}\r\n".encode() in octets
