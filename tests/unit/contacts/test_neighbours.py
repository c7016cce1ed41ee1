"""Whom a face resembles is remembered, and is never another answer for it."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from guard.contacts.history import History
from guard.contacts.neighbours import MOST_FACES, Neighbourhood
from guard.contacts.roll import MostAlike, Roll
from guard.model.address import Address, Mailbox
from guard.model.contact import Contact, Exchange
from guard.names.likeness import Face

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
ME = "me@ours.example"
LOCALS = ("sato", "satou", "sato+news", "ichiro.sato", "i-sato", "kato", "info", "suzuki")
HOMES = ("kita.example", "kita-shoji.example", "kita-syoji.example", "minami.test")
NAMES = ("", "佐藤 一郎", "Ichiro Sato", "加藤 一郎", "鈴木 花子", "Taro Suzuki")

people = st.builds(
    lambda local, home, name: Mailbox(address=Address.parse(f"{local}@{home}"), name=name),
    st.sampled_from(LOCALS),
    st.sampled_from(HOMES),
    st.sampled_from(NAMES),
)
senders = st.sampled_from([Mailbox(address=Address.parse(text)) for text in (ME, "x@ours.example")])
mails = st.builds(
    lambda sender, to, days, greeted: Exchange(
        sender=sender,
        recipients=tuple({box.address: box for box in to}.values()),
        at=NOW - timedelta(days=days),
        text=f"{greeted}様\n\nよろしくお願いします。 sato@kita.example\n",
    ),
    senders,
    st.lists(people, min_size=1, max_size=3),
    st.integers(0, 200),
    st.sampled_from(("佐藤", "一郎", "鈴木 花子")),
)
directories = people.map(lambda box: Contact(address=box.address, name=box.name, company="北商事"))


@given(st.lists(st.one_of(mails, directories), max_size=12), st.lists(mails, max_size=3))
def test_remembering_changes_no_answer(
    events: list[Exchange | Contact], asked: list[Exchange]
) -> None:
    """One who was asked all along says the same as one who only then is asked."""
    old, new = History(), History()
    for event in events:
        _take(old, event)
        for exchange in asked:
            old.acquaintance(exchange)
    for event in events:
        _take(new, event)
    for exchange in asked:
        to, sender = exchange.recipients[0].address, exchange.sender.address
        assert old.acquaintance(exchange) == new.acquaintance(exchange)
        assert old.near(to, sender=sender) == new.near(to, sender=sender)


def _take(history: History, event: Exchange | Contact) -> None:
    if isinstance(event, Contact):
        history.add_contact(event)
    else:
        history.learn(event)


@given(st.lists(st.text("abc", max_size=4), max_size=30), st.text("abc", max_size=4), st.data())
def test_most_alike_in_any_steps(texts: list[str], asked: str, data: st.DataObject) -> None:
    """Compared as they arrive, or all at once: the same are the most alike, in the same order."""
    roll, at_once, in_steps = Roll(), MostAlike(asked), MostAlike(asked)
    for number, text in enumerate(texts):
        roll.add(number, text)
        if data.draw(st.booleans()):
            in_steps.catch_up(roll)
    in_steps.catch_up(roll)
    at_once.catch_up(roll)

    assert in_steps.numbers(roll) == at_once.numbers(roll)
    assert not in_steps.catch_up(roll)


def test_roll_keeps_the_first_text() -> None:
    """A number has one text, the first that was known."""
    roll = Roll()
    roll.add(7, "sato")
    roll.add(7, "kato")

    assert (roll.numbers, roll.texts) == ([7], ["sato"])


def test_faces_are_forgotten() -> None:
    """However many are asked about, only so many are remembered, and those asked last."""
    around = Neighbourhood(History())
    first = around.of(Face("0", "kita.example"), None)
    for number in range(1, MOST_FACES):
        around.of(Face(str(number), "kita.example"), None)

    assert around.of(Face("0", "kita.example"), None) is first
    around.of(Face("one", "more.example"), None)
    assert len(around) == MOST_FACES
    assert around.of(Face("0", "kita.example"), None) is first
