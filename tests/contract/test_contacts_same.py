"""A store in SQL says what a history in memory would say, whatever happened before."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from guard.contacts.acquaintance import Acquaintance, Candidate
from guard.contacts.history import History
from guard.model.address import Address, Mailbox
from guard.model.clue import Clue
from guard.model.contact import Contact, Exchange
from guard.store import contact_rows
from guard.store.contacts import ContactStore
from guard.store.database import Database

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
OURS = ("hanako@ours.example", "taro@ours.example")
LOCALS = ("sato", "satou", "sato+news", "sato+old", "ichiro.sato", "i-sato", "kato", "info")
HOMES = ("kita.example", "kita-shoji.example", "kita-syoji.example", "minami.test", "kita.co.jp")
CLUES = (
    *(Clue("domain", home) for home in (*HOMES, "ours.example")),
    *(Clue("company", name) for name in ("北商事", "kitashoji")),
    *(Clue("label", label) for label in ("kita-shoji", "kita", "ours")),
    *(Clue("person", name) for name in ("佐藤 一郎", "Suzuki Taro", "佐藤")),
)
"""What files name; a few of it is known, as a rule."""

NAMES = ("", "佐藤 一郎", "Ichiro Sato", "加藤 一郎", "鈴木 花子", "Taro Suzuki", "山田 花子")
TABLES = (
    *(contact_rows.contacts, contact_rows.relations, contact_rows.companions),
    *(contact_rows.threads, contact_rows.contact_keys, contact_rows.contact_domains),
)


def _box(text: str, *, named: bool = True) -> Mailbox:
    """Give an address with the one name that it has in this file."""
    name = NAMES[sum(text.encode()) % len(NAMES)] if named else ""
    return Mailbox(address=Address.parse(text), name=name)


addresses = st.one_of(
    st.builds("{}@{}".format, st.sampled_from(LOCALS), st.sampled_from(HOMES)),
    st.sampled_from(OURS),
)
people = st.builds(lambda text, named: _box(text, named=named), addresses, st.booleans())
ids = st.integers(0, 9).map("<{}@ours.example>".format)
mails = st.builds(
    lambda sender, to, days, key, answered, greeted: Exchange(
        sender=sender,
        recipients=tuple({box.address: box for box in to}.values()),
        at=NOW - timedelta(days=days),
        message_id=key,
        references=tuple(answered),
        text=f"{greeted}様\n\nよろしくお願いします。 sato@kita.example\n",
        clues=CLUES,
    ),
    people,
    st.lists(people, min_size=1, max_size=4),
    st.floats(0, 60),
    ids,
    st.lists(ids, max_size=3),
    st.sampled_from(("佐藤", "一郎", "鈴木 花子")),
)
directories = st.builds(
    lambda box, company: Contact(address=box.address, name=box.name, company=company),
    people,
    st.sampled_from(("株式会社北商事", "北商事", "Kita Shoji Ltd", "")),
)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One database for all examples."""
    if request.param == "sqlite":
        folder: Path = tmp_path_factory.mktemp("same")
        yield f"sqlite:///{folder}/guard.db"
    else:
        yield request.getfixturevalue("postgres_server").database()


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.one_of(mails, mails, directories), max_size=14),
    st.lists(mails, min_size=1, max_size=3),
)
def test_same_answers(url: str, events: list[Exchange | Contact], asked: list[Exchange]) -> None:
    """Every answer is the same to the last weight, but for the order of candidates."""
    unique: list[Exchange | Contact] = []
    seen: set[str] = set()
    for event in events:  # the same message is never sent twice
        key = event.message_id if isinstance(event, Exchange) else event.address.key + "!"
        if key not in seen:
            # What answers a mail that comes later joins two threads: which one is left open.
            unique.append(_answering(event, seen) if isinstance(event, Exchange) else event)
            seen.add(key)
    history = History()
    for event in unique:
        if isinstance(event, Contact):
            history.add_contact(event)
        else:
            history.learn(event)

    in_sql = asyncio.run(_asked(url, unique, asked))

    for exchange, (known, near) in zip(asked, in_sql, strict=True):
        assert told(known) == told(history.acquaintance(exchange))
        to, sender = exchange.recipients[0].address, exchange.sender.address
        assert list(map(_told, near)) == list(map(_told, history.near(to, sender=sender)))


def _answering(event: Exchange, seen: set[str]) -> Exchange:
    """Let a mail answer only what was sent before."""
    return replace(event, references=tuple(one for one in event.references if one in seen))


async def _asked(
    url: str, events: list[Exchange | Contact], asked: list[Exchange]
) -> list[tuple[Acquaintance, tuple[Candidate, ...]]]:
    database = await Database.open(url)
    async with database.write() as conn:
        for table in TABLES:
            await conn.execute(delete(table))
    store = await ContactStore.open(database)
    try:
        return await _answers(store, events, asked)
    finally:
        await store.close()
        await database.close()


async def _answers(
    store: ContactStore, events: list[Exchange | Contact], asked: list[Exchange]
) -> list[tuple[Acquaintance, tuple[Candidate, ...]]]:
    for event in events:
        if isinstance(event, Contact):
            await store.add([event])
        else:
            await store.learn(event)
            await store.acquaintance(asked[0])  # what is remembered must not grow old
            await store.flush()
    return [
        (
            await store.acquaintance(exchange),
            await store.near(exchange.recipients[0].address, sender=exchange.sender.address),
        )
        for exchange in asked
    ]


def told(known: Acquaintance) -> dict[str, Any]:
    """Give an answer without what is left open: the order of equals, and the last digits."""
    return {
        "companies": known.companies,
        "recipients": [
            {
                "address": one.address.text,
                "name": one.name,
                "company": one.company,
                "relation": one.relation,
                "standing": _rounded(one.standing),
                "candidates": {each.contact.address.key: _told(each) for each in one.candidates},
            }
            for one in known.recipients
        ],
        "thread": (known.thread_known, known.reply),
        "sender": round(known.sender_mails, 6),
        "greetings": [(one.line, one.addressed, set(one.bearers)) for one in known.greetings],
    }


def _told(one: Candidate) -> tuple[Any, ...]:
    return one.contact, one.relation, _rounded(one.standing), one.likeness


def _rounded(standing: Any) -> tuple[Any, ...]:
    return tuple(round(value, 6) for value in standing)
