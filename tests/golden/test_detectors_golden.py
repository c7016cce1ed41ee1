"""
Mails as files, and what every detector says of them.

Each `detectors/NAME-CASE.eml` has a `.json` beside it: the findings, and the decision of the
shipped policy. A detector that is added without a message here, or without its row in
docs/detectors.md, fails. `UPDATE_GOLDEN=1` writes the files anew; look at the difference before
you commit it.
"""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from in_process_readers import InProcessReaders

from guard.contacts.history import History
from guard.contacts.travels import carried
from guard.detect import DETECTORS
from guard.examine import Examination, Knowledge, examine
from guard.lists.build import build
from guard.lists.columns import Column
from guard.lists.kinds import Kind
from guard.model.address import Address, Mailbox
from guard.model.contact import Contact, Exchange
from guard.model.envelope import Envelope, Recipient, Submitter
from guard.model.finding import FINDINGS
from guard.parse import parse
from guard.policy import load, shipped
from guard.store.lists import ListFolder

HERE = Path(__file__).parent / "detectors"
NOW = datetime(2026, 11, 23, 6, 4, tzinfo=UTC)
SENDER = Address.parse("yamada@example.co.jp")

CONTACTS = (
    ("sato@kita-shoji.example", "佐藤 一郎", "北商事", 42),
    ("reed@acme-tools.example", "Olivia Reed", "Acme Tools", 12),
    ("tanaka@minato.co.jp", "田中 恵子", "港物産", 8),
    ("suzuki@example.co.jp", "鈴木 花", "", 30),
)
CUSTOMERS = (
    ("南 花子", "南工業", "hanako@minami.example", "03-5555-0101"),
    ("西 次郎", "西電機", "jiro@nishi.example", "06-5555-0102"),
    ("John Carter", "Carter Ltd", "john.carter@carter.example", "+44 20 7946 0103"),
    ("東 美咲", "東設計", "misaki@higashi.example", "090-5555-0104"),
    ("Anna Berg", "Berg AB", "anna@berg.example", "+46 8 5555 0105"),
    ("中 健太", "中食品", "kenta@naka.example", "052-555-0106"),
)


class KnownPeople:
    """`ports.Contacts` over a history in memory."""

    def __init__(self) -> None:
        self.history = History()
        for address, name, company, mails in CONTACTS:
            contact = Contact(address=Address.parse(address), name=name, company=company)
            self.history.add_contact(contact)
            for number in range(mails):
                self.history.learn(
                    Exchange(
                        sender=Mailbox(address=SENDER, name="山田 太郎"),
                        recipients=(Mailbox(address=contact.address, name=name),),
                        at=NOW - timedelta(days=3 * number + 1),
                        message_id=f"<{number}.{address}>",
                    )
                )

        # One file went out before, to somebody else.
        sent = parse(_octets(HERE / "wrong_file-sent-before.eml"))
        for number in range(3):
            self.history.learn(
                Exchange(
                    sender=Mailbox(address=SENDER),
                    recipients=(Mailbox(address=Address.parse("reed@acme-tools.example")),),
                    at=NOW - timedelta(days=7 * number + 3),
                    files=carried(sent),
                )
            )

    async def acquaintance(self, exchange: Exchange):
        return self.history.acquaintance(exchange)

    async def learn(self, exchange: Exchange) -> None:
        self.history.learn(exchange)


def _octets(path: Path) -> bytes:
    return path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    """An office that knows four people and has six customers."""
    folder = tmp_path_factory.mktemp("lists")
    folder.chmod(0o700)
    columns = [
        Column(header=header, place=place, kind=Kind(kind))
        for place, (header, kind) in enumerate(
            (("氏名", "name"), ("会社名", "company"), ("メール", "email"), ("電話", "phone"))
        )
    ]
    build(
        enumerate(CUSTOMERS, start=1),
        columns,
        folder=folder,
        name="customers",
        key=b"k" * 32,
        key_id="golden",
        now=NOW,
    )
    lists = ListFolder(folder, b"k" * 32, "golden")
    return Knowledge(readers=InProcessReaders(), contacts=KnownPeople(), lists=lists)


async def judged(octets: bytes, knowledge: Knowledge) -> Examination:
    """What Guard makes of a mail to those in its To and Cc, from somebody who logged in."""
    message = parse(octets)
    people = (*message.to, *message.cc)
    envelope = Envelope(
        sender=SENDER, recipients=tuple(Recipient(address=each.address) for each in people)
    )
    submitter = Submitter(peer="192.0.2.7", login="yamada", address=SENDER)
    return await examine(
        envelope,
        octets,
        policy=load(shipped()),
        knowledge=knowledge,
        now=NOW,
        submitter=submitter,
        thorough=True,
    )


def told(examination: Examination) -> dict[str, object]:
    """What is compared: everything but what a new fit of weights may move, or chance makes."""
    findings = FINDINGS.dump_python(examination.findings, mode="json")
    for finding in findings:
        for name in ("score", "parts", "list_version", "usual", "written"):
            finding.pop(name, None)
    verdict = examination.verdict
    return {
        "decision": verdict.action.word,
        "rules": [match.rule for match in verdict.acting],
        "sentences": [dict(match.sentences) for match in verdict.acting],
        "findings": findings,
    }


@pytest.mark.parametrize("path", sorted(HERE.glob("*.eml")), ids=lambda path: path.stem)
async def test_mail(path: Path, knowledge: Knowledge) -> None:
    """The findings, the rules and the sentences are those that stand beside the mail."""
    octets = _octets(path)
    said = json.loads(json.dumps(told(await judged(octets, knowledge))))
    expected = path.with_suffix(".json")
    if os.environ.get("UPDATE_GOLDEN"):
        expected.write_text(json.dumps(said, ensure_ascii=False, indent=2) + "\n", "utf-8")

    assert said == json.loads(expected.read_text("utf-8"))


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda detector: detector.__name__)
def test_every_detector_is_known_everywhere(detector) -> None:
    """Module, table, golden mails (one that is found, one that is not) and documentation agree."""
    name = detector.__name__
    page = (Path(__file__).parents[2] / "docs" / "detectors.md").read_text("utf-8")

    assert detector.__module__ == f"guard.detect.{name}"
    assert f"| `{name}` |" in page
    found = [
        bool(json.loads(path.read_text("utf-8"))["findings"])
        for path in HERE.glob(f"{name}-*.json")
    ]
    assert set(found) == {True, False}
