"""Mail that only its recipients can read: whom it is to is checked, and the content is unread."""

import pytest
from factories import HELD_AT, SENDER, envelope
from in_process_readers import InProcessReaders
from test_examine import NoLists, Strangers

from guard.examine import Examination, Knowledge, examine
from guard.model.extract import Reason
from guard.model.finding import Unread
from guard.model.verdict import Action
from guard.policy import Policy

HEAD = f"From: {SENDER}\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
ENVELOPED = "MBwGCSqGSIb3DQEHA6APMA0CAQAxADAGBASlpaWl"
"""CMS EnvelopedData with nothing in it that could be read."""

SMIME = (
    f"{HEAD}Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\r\n"
    f"Content-Transfer-Encoding: base64\r\n\r\n{ENVELOPED}\r\n"
)
PGP_MIME = (
    f"{HEAD}Content-Type: multipart/encrypted; protocol=application/pgp-encrypted;\r\n"
    " boundary=X\r\n\r\n"
    "--X\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n"
    "--X\r\nContent-Type: application/octet-stream\r\n\r\n"
    "-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA1234567890ab\r\n-----END PGP MESSAGE-----\r\n--X--\r\n"
)
INLINE_PGP = (
    f"{HEAD}\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA1234567890ab\r\n=abcd\r\n"
    "-----END PGP MESSAGE-----\r\n"
)
MAILS = [
    pytest.param(SMIME, id="S/MIME"),
    pytest.param(PGP_MIME, id="PGP/MIME"),
    pytest.param(INLINE_PGP, id="PGP in the text"),
]


async def judged(octets: str, when: dict[str, object]) -> Examination:
    rule = {"id": "one", "message": {"en": "Look."}, "when": when, "then": "hold"}
    policy = Policy.model_validate(
        {"guard": 1, "us": {"domains": ["example.co.jp"]}, "rules": [rule]}
    )
    knowledge = Knowledge(readers=InProcessReaders(), contacts=Strangers(), lists=NoLists())
    return await examine(
        envelope(SENDER, ["ann@partner.example"]),
        octets.encode(),
        policy=policy,
        knowledge=knowledge,
        now=HELD_AT,
    )


@pytest.mark.parametrize("octets", MAILS)
async def test_content_is_unread(octets: str) -> None:
    """It says why, so that a rule can ask for it."""
    found = await judged(octets, {"attachment": {"unreadable": "encrypted"}})

    reasons = [each.reasons for each in found.findings if isinstance(each, Unread)]
    assert any(Reason.ENCRYPTED in each for each in reasons)
    assert found.verdict.action is Action.HOLD


@pytest.mark.parametrize("octets", MAILS)
@pytest.mark.parametrize(
    "recipient",
    [{"address": "*@partner.example"}, {"outside": True}, {"first_time": True}],
    ids=lambda recipient: next(iter(recipient)),
)
async def test_recipients_are_checked(octets: str, recipient: dict[str, object]) -> None:
    """As of any mail."""
    found = await judged(octets, {"recipient": recipient})

    assert found.verdict.action is Action.HOLD
    assert found.inspection.automatic is None
