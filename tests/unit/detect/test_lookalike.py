"""Which recipients are taken for a slip, and which are not."""

from datetime import UTC, datetime, timedelta

import pytest
from factories import box

from guard.contacts.history import History
from guard.detect import confusion, evidence
from guard.detect.channel import shipped, suspicion
from guard.detect.inspection import Inspection
from guard.detect.lookalike import best, lookalike
from guard.model.contact import Contact, Exchange
from guard.model.envelope import Envelope, Recipient
from guard.model.finding import Lookalike
from guard.model.message import Message

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
ME = "hanako@ours.example"
DEFAULT = suspicion(shipped().log_odds_of(0.003))
CLOSE = 88


def mail(
    *to: str, sender: str = ME, at: datetime = NOW, text: str = "", **more: object
) -> Exchange:
    """Make an exchange."""
    return Exchange(sender=box(sender), recipients=tuple(map(box, to)), at=at, text=text, **more)  # type: ignore[arg-type]


def habit(history: History, *to: str, times: int, sender: str = ME) -> None:
    """Let *sender* write to *to* every other day until yesterday."""
    for day in range(times):
        at = NOW - timedelta(days=1 + 2 * day)
        history.learn(mail(*to, sender=sender, at=at, message_id=f"<{sender}{to}{day}>"))


def found(history: History, exchange: Exchange) -> list[Lookalike]:
    """Inspect one message."""
    inspection = Inspection(
        envelope=Envelope(
            sender=exchange.sender.address,
            recipients=tuple(Recipient(address=one.address) for one in exchange.recipients),
        ),
        message=Message(),
        exchange=exchange,
        acquaintance=history.acquaintance(exchange),
    )
    return list(lookalike(inspection))


def held(history: History, exchange: Exchange) -> list[Lookalike]:
    """Give the findings that the shipped rule holds for."""
    return [
        one for one in found(history, exchange) if one.score >= DEFAULT and one.closeness >= CLOSE
    ]


SLIPS = [
    ("sato@kita-shoji.example", "sato@kita-syoji.example", "romanisation"),
    ("佐藤 健 <sato@kita-shoji.example>", "sato@kita-syoji.example", "romanisation"),
    ("tanaka@abc.co.jp", "tanaka@abc.com", "tld_swap"),
    ("sales@acme.com", "sales@acrne.com", "homoglyph"),
    ("tanaka@tokyo.example", "tanaka@tоkyo.example", "homoglyph"),
    ("yamada@minato.example", "yamda@minato.example", "typo_local"),
    ("watanabe@minato.example", "watanaeb@minato.example", "typo_local"),
    ("ann.miller@north-works.example", "ann.miller@nroth-works.example", "typo_domain"),
    ("mori.kenji@gmail.com", "mori.kenji@gmial.com", "typo_domain"),
    ("takagi@harbor.example", "takagi@harbor.exampl", "tld_swap"),
    ("佐藤 一郎 <sato@kita-shoji.example>", "sato+x@kita-syoji.example", "romanisation"),
    ("佐藤 一郎 <sato@kita-shoji.example>", "satо+news@kita-shoji.example", "homoglyph"),
    ("sato+x@kita-shoji.example", "satо+news@kita-shoji.example", "homoglyph"),
    ("佐藤 一郎 <sato@kita-shoji.example>", "ｓａｔｏ@kita-shoji.example", "homoglyph"),
    ("佐藤 一郎 <sato@kita-shoji.example>", "sāto@kita-shoji.example", "homoglyph"),
    ("佐藤 一郎 <sato@kita-shoji.example>", "sato@kita-shoji.example.com", "typo_domain"),
    ("tanaka@kita-shoji.co.jp", "tanaka@kita-shoji.co.jp.example.net", "typo_domain"),
]


@pytest.mark.parametrize(("contact", "typed", "kind"), SLIPS)
def test_cold_start(contact: str, typed: str, kind: str) -> None:
    """On the first day, imported contacts are enough to hold a slip in an address."""
    history = History()
    mailbox = box(contact)
    history.add_contact(Contact(address=mailbox.address, name=mailbox.name))

    (finding,) = held(history, mail(typed))

    assert (finding.intended.address, finding.kind) == (mailbox.address, kind)
    assert finding.written.by_organisation == 0


@pytest.mark.parametrize(("contact", "typed", "kind"), SLIPS)
def test_habit(contact: str, typed: str, kind: str) -> None:
    """A slip in the address of a regular contact is held, and the contact named."""
    history = History()
    habit(history, contact, times=42)
    habit(history, "ono@minami.example", times=10)

    (finding,) = held(history, mail(typed))

    assert (finding.intended.address, finding.kind) == (box(contact).address, kind)
    assert finding.usual.by_sender == 42


@pytest.mark.parametrize(
    ("contact", "typed", "kinds"),
    [
        (
            "高橋 健一 <takahashi.k@kita.example>",
            "髙橋 健一 <ktakahashi@minami.example>",
            {"kanji_variant"},
        ),
        ("佐藤 健 <k.sato@kita.example>", "Ken Sato <sato@minami.example>", {"same_reading"}),
        ("Robert Hill <rhill@north.example>", "Bob Hill <bob@south.example>", {"nickname"}),
        (
            "佐藤 健一 <sato@kita.example>",
            "佐藤 健二 <sato@minami.example>",
            {"same_surname", "same_local"},
        ),
    ],
)
def test_names(contact: str, typed: str, kinds: set[str]) -> None:
    """Somebody new with the name of a regular contact is reported as resembling that contact."""
    history = History()
    habit(history, contact, times=42)

    (finding,) = found(history, mail(typed))

    assert finding.intended.address == box(contact).address
    assert finding.kind in kinds
    assert finding.closeness >= CLOSE


def test_thread() -> None:
    """In an answer, a namesake from outside the thread of the one who is answered is held."""
    history = History()
    regular, other = "佐藤 健一 <sato@kita.example>", "佐藤 健二 <sato@minami.example>"
    habit(history, regular, times=12)
    habit(history, other, times=2)
    asked = mail(
        ME, sender=regular, at=NOW - timedelta(hours=1), message_id="<question@kita.example>"
    )
    history.learn(asked)

    (finding,) = held(history, mail(other, references=("<question@kita.example>",)))

    assert finding.recipient == box(other).address
    assert finding.intended.address == box(regular).address


def test_regular_contacts_pass() -> None:
    """Whoever is written to in daily life is not held, however much another resembles them."""
    history = History()
    for pair in (
        ("Ken Sato <k.sato@ours.example>", "Ken Saito <k.saito@ours.example>"),
        ("info@a-sangyo.example", "info@b-sangyo.example"),
        ("Ann Bell <ann@north.example>", "Ann Ball <ann@south.example>"),
    ):
        for one in pair:
            habit(history, one, times=20)
            habit(history, one, times=5, sender="taro@ours.example")

    for to in (
        "k.saito@ours.example",
        "k.sato@ours.example",
        "info@b-sangyo.example",
        "ann@south.example",
    ):
        assert held(history, mail(to)) == []


@pytest.mark.parametrize(
    "to",
    [
        pytest.param("Viktor Olsen <viktor@far-away.example>", id="unlike anybody"),
        pytest.param("suzuki@kita-shoji.example", id="new person at a known company"),
        pytest.param("Goto Maki <goto@kita-shoji.example>", id="new person with a name"),
        pytest.param("info@minami-bussan.example", id="a shared box"),
    ],
)
def test_new_people_pass(to: str) -> None:
    """Somebody new who resembles nobody is not held."""
    history = History()
    habit(history, "佐藤 健 <sato@kita-shoji.example>", times=42)
    habit(history, "info@kita-shoji.example", times=8)
    habit(history, "Ono Emi <ono@minami.example>", times=10)

    assert held(history, mail(to)) == []


@pytest.mark.parametrize("typed", ["sato+news@kita.example", "sato+x@kita.example"])
def test_another_tag_is_the_same_mailbox(typed: str) -> None:
    """A sub-address has the standing of its mailbox, whichever of its tags was written to."""
    history = History()
    habit(history, "sato@minami.example", times=42)
    habit(history, "sato+news@kita.example", "sato@kita.example", times=20)

    assert held(history, mail(typed)) == []


def test_addressed_contact_is_not_meant() -> None:
    """A contact who gets the message anyway is not suggested in place of another."""
    history = History()
    habit(history, "sato@kita-shoji.example", times=10)

    assert found(history, mail("sato@kita-syoji.example", "sato@kita-shoji.example")) == []


def test_one_finding_a_recipient() -> None:
    """However many contacts resemble a recipient, the likeliest alone is named."""
    history = History()
    habit(history, "yamada@minato.example", times=30)
    habit(history, "yamata@minato.example", times=3)

    findings = found(history, mail("yamaba@minato.example"))

    assert [one.intended.address.text for one in findings] == ["yamada@minato.example"]


def test_weighed_by_its_facts() -> None:
    """What is summed for the best candidate is the weight of each of its facts, and no more."""
    history = History()
    habit(history, "sato@kita-shoji.example", "ono@kita-shoji.example", times=30)
    habit(history, "satou@kita-shoji.example", times=2)
    acquaintance = history.acquaintance(mail("sato@kita-syoji.example", text="小野様\n"))
    (known,) = acquaintance.recipients
    weighed = {
        candidate.contact.address: tuple(
            shipped().weigh(facts)
            for facts in (
                evidence.of_recipient(known, acquaintance),
                evidence.of_candidate(candidate),
                confusion.of_pair(known, candidate, acquaintance, confusion.crowds(known)),
            )
        )
        for candidate in known.candidates
    }
    found = best(known, acquaintance, shipped())

    assert found is not None
    assert len(weighed) == 3
    assert sum(found[1]) == pytest.approx(shipped().bias + max(map(sum, weighed.values())))
    assert found[1] == pytest.approx(_with_bias(*weighed[found[0].contact.address]))


def _with_bias(recipient: float, *others: float) -> tuple[float, ...]:
    return (shipped().bias + recipient, *others)


def test_a_slip_that_went_out_once_makes_nobody_known() -> None:
    """The address of a typing slip is held the second time, too, also for a colleague."""
    history = History()
    habit(history, "山田 太郎 <yamada@minato.example>", times=50)
    slip = mail("yamata@minato.example", at=NOW - timedelta(days=10), message_id="<slip>")
    history.learn(slip)

    for sender in (ME, "jiro@ours.example"):
        (finding,) = held(history, mail("yamata@minato.example", sender=sender))
        assert finding.intended.address.text == "yamada@minato.example"


def test_who_is_quoted_in_an_answer_wrote_it() -> None:
    """An answer to an address that the text quotes is no slip, whoever resembles it."""
    history = History()
    habit(history, "佐藤 健 <ken.sato@hikari.example>", times=30)
    asked = mail(
        "佐藤 健一 <kenichi.sato@hikari.example>",
        text="承知しました。\n\n> From: 佐藤 健一 <kenichi.sato@hikari.example>\n> お願いします\n",
        references=("<unseen@hikari.example>",),
    )

    assert found(history, asked) == []


@pytest.mark.parametrize(
    ("text", "greeted"),
    [
        ("佐藤 健一 様\n", "kenichi"),
        ("佐藤 健 様\n", "ken"),
        ("佐藤様\n", "both"),
        ("Dear Mr Sato,\n", "both"),
    ],
)
def test_a_full_name_greets_one(text: str, greeted: str) -> None:
    """A greeting by surname fits every bearer, one by full name only whoever has both words."""
    history = History()
    habit(history, "佐藤 健 <ken.sato@hikari.example>", times=30)
    habit(history, "佐藤 健一 <kenichi.sato@minami.example>", times=30)

    (known,) = history.acquaintance(mail("kenichi.sato@minami.example", text=text)).recipients
    (ken,) = [c for c in known.candidates if c.contact.address.local == "ken.sato"]

    assert known.standing.greeted is (greeted in {"kenichi", "both"})
    assert ken.standing.greeted is (greeted in {"ken", "both"})
