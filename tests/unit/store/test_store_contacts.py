"""How contacts are kept in rows: found by keys, brought up to date, upgraded, forgotten."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from factories import box
from sqlalchemy import Table, func, select, text

from guard.contacts import keys
from guard.contacts.acquaintance import Acquaintance
from guard.contacts.history import History
from guard.model.address import Address
from guard.model.contact import Contact, Exchange
from guard.names.fold import person
from guard.names.likeness import UNLIKE
from guard.store import contact_books, contact_rows, migrations, upkeep
from guard.store.contact_adding import Addition
from guard.store.contact_books import Books
from guard.store.contact_forgetting import first_of_the_day
from guard.store.contact_indexing import bring_up
from guard.store.contacts import ContactStore
from guard.store.database import Database

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
HANAKO, TARO = "花子 <hanako@ours.example>", "太郎 <taro@ours.example>"
SATO, ONO, ABE = "佐藤 健 <sato@kita.example>", "小野 <ono@minami.example>", "abe@nishi.example"
SLIP = "satou@kita.example"


def mail(
    sender: str, *to: str, days_ago: float = 0, number: int = 0, answers: Sequence[str] = ()
) -> Exchange:
    """Make an exchange."""
    return Exchange(
        sender=box(sender),
        recipients=tuple(map(box, to)),
        at=NOW - timedelta(days=days_ago),
        message_id=f"<{number}@ours.example>",
        references=tuple(answers),
    )


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/guard.db"
    address: str = request.getfixturevalue("postgres_server").database()
    return address


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    """The same, with tables."""
    opened = await Database.open(url)
    yield opened
    await opened.close()


@pytest.fixture
async def store(database: Database) -> AsyncIterator[ContactStore]:
    """A store that knows nobody."""
    opened = await ContactStore.open(database)
    yield opened
    await opened.close()


async def count(database: Database, table: Table) -> int:
    """Give the number of rows of a table."""
    async with database.read() as conn:
        return await conn.scalar(select(func.count()).select_from(table)) or 0


def meant(known: Acquaintance) -> set[str]:
    """Give those whom the first recipient resembles."""
    candidates = known.recipients[0].candidates
    return {one.contact.address.text for one in candidates if one.likeness is not UNLIKE}


MAILS = (
    mail(HANAKO, SATO, ONO, days_ago=9, number=1),
    mail(SATO, HANAKO, days_ago=8, number=2, answers=["<1@ours.example>"]),
    mail(HANAKO, SATO, ABE, days_ago=7, number=3, answers=["<1@ours.example>", "<2@ours.example>"]),
    mail(TARO, ABE, days_ago=1, number=4),
)


async def test_contacts_of_the_first_releases_are_known_after_the_upgrade(url: str) -> None:
    """Counts, threads and names that older tables had are in every answer."""
    database = Database.connect(url)
    async with database.write() as conn:
        await conn.run_sync(lambda sync: migrations.make(sync, 2))
        await conn.execute(text("UPDATE schema_version SET version = 2"))
        addition = Addition.of_exchanges(MAILS)
        for number, one in addition.people.items():
            await conn.execute(
                text(
                    "INSERT INTO contacts (id, address, name, company, imported, writes, changed)"
                    " VALUES (:id, :address, :name, '', :no, :writes, 1)"
                ),
                {"id": number, "address": one.address.text, "name": one.name, "no": False}
                | {"writes": one.writes},
            )
        for (sender, recipient), tally in addition.relations.items():
            await conn.execute(
                text(
                    "INSERT INTO relations (sender, recipient, count, weight, last, changed)"
                    " VALUES (:s, :r, :c, :w, :l, 1)"
                ),
                {"s": sender, "r": recipient}
                | {"c": tally.count, "w": tally.weight, "l": tally.last},
            )
        for (one_id, other), weight in addition.companions.items():
            await conn.execute(
                text("INSERT INTO companions (one, other, weight, changed) VALUES (:a, :b, :w, 1)"),
                {"a": one_id, "b": other, "w": weight},
            )
        for each in addition.messages:
            await conn.execute(
                text(
                    "INSERT INTO thread_messages"
                    " (message, parents, sender, recipients, at, changed)"
                    " VALUES (:m, :p, :s, :r, :at, 1)"
                ),
                {"m": each.key, "p": " ".join(map(str, each.parents)), "s": each.sender}
                | {"r": " ".join(map(str, each.recipients)), "at": each.at},
            )
        await conn.execute(text("INSERT INTO contacts_state VALUES ('contacts', 1)"))
    history = History()
    for exchange in MAILS:
        history.learn(exchange)

    await upkeep.upgrade(database)

    store = await ContactStore.open(database)
    for asked in (
        mail(HANAKO, SLIP, ONO, number=9, answers=["<1@ours.example>", "<3@ours.example>"]),
        mail(TARO, "abe@nishii.example", number=9, answers=["<2@ours.example>"]),
    ):
        known, expected = await store.acquaintance(asked), history.acquaintance(asked)
        assert meant(known) == meant(expected) != set()
        for one, other in zip(known.recipients, expected.recipients, strict=True):
            assert one.standing._asdict() == pytest.approx(other.standing._asdict())
            assert one.relation == other.relation
        assert known.sender_mails == pytest.approx(expected.sender_mails)
    assert [found.name for found in await store.search("佐藤")] == ["佐藤 健"]
    await store.close()
    await database.close()


async def test_keys_of_another_guard_are_made_anew(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Folded otherwise, nobody is found by old keys; brought up to date, all are, and no others."""
    older = await ContactStore.open(database)
    await older.learn_many(MAILS)
    await older.close()
    before = await count(database, contact_rows.contact_keys)
    weight = await _weight_of(database, "kita.example")
    async with database.write() as conn:
        await contact_rows.set_number(conn, contact_rows.KEYED, keys.VERSION)
    monkeypatch.setattr(keys, "VERSION", keys.VERSION + 1)
    real = keys.stable
    monkeypatch.setattr(keys, "stable", lambda *words: real("anew", *words))
    for cached in (keys.slip_keys, keys.name_keys, keys.domain_keys):
        cached.cache_clear()

    assert await bring_up(database) == 5
    assert await bring_up(database) == 0

    store = await ContactStore.open(database)
    assert meant(await store.acquaintance(mail("eve@ours.example", SLIP))) == {"sato@kita.example"}
    assert await count(database, contact_rows.contact_keys) == before
    assert await _weight_of(database, "kita.example") == weight
    await store.close()
    for cached in (keys.slip_keys, keys.name_keys, keys.domain_keys):
        cached.cache_clear()


async def _weight_of(database: Database, domain: str) -> float:
    async with database.read() as conn:
        table = contact_rows.contact_domains
        return await conn.scalar(select(table.c.weight).where(table.c.domain == domain)) or 0.0


async def test_a_start_goes_on_with_what_an_upgrade_left(database: Database) -> None:
    """Contacts without keys are put under them in the background."""
    store = await ContactStore.open(database)
    await store.learn_many(MAILS)
    await store.close()
    async with database.write() as conn:
        for statement in (
            "DELETE FROM contact_keys",
            "DELETE FROM contact_domains",
            "DELETE FROM contacts_state WHERE name = 'keyed'",
            "UPDATE contacts SET keyed = 0, folded = '', called = '', home = 0",
        ):
            await conn.execute(text(statement))

    again = await ContactStore.open(database)
    async with asyncio.timeout(20):
        while not await again.search("sato@"):
            await asyncio.sleep(0.01)
    assert meant(await again.acquaintance(mail(HANAKO, SLIP))) == {"sato@kita.example"}
    await again.close()


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (("local", "sato"), 4977310540678342839),
        (("name", "ken", "sato"), 529450495361929721),
    ],
)
def test_keys_are_the_same_everywhere(words: Sequence[str], key: int) -> None:
    """A database has them: if one must change, raise `keys.VERSION`."""
    assert keys.stable(*words) == key


def test_what_people_are_kept_under() -> None:
    """Of the folding that databases have keys of: if this must change, raise `keys.VERSION`."""
    under = {
        *keys.address_keys("ichiro.sato+news", "kita-shoji.co.jp"),
        *keys.name_keys(person("髙橋 健一")),
        *keys.domain_keys("kita-shoji.co.jp"),
    }

    assert (keys.VERSION, len(under), sum(under) % 1_000_000_007) == (2, 33, 418458964)


async def test_in_a_crowd_those_who_get_mail_are_found(store: ContactStore) -> None:
    """Of very many with one local part, whoever is written to comes before those who are not."""
    crowd = [
        Contact(address=Address.parse(f"info@company{number}.example")) for number in range(700)
    ]
    await store.add(crowd)
    often = [crowd[13].address, crowd[555].address]
    for address in often:
        await store.learn_many([mail(HANAKO, address.text, number=n) for n in range(5)])

    known = await store.acquaintance(mail(TARO, "info@elsewhere.test"))

    assert {address.text for address in often} <= meant(known)
    assert len(meant(known)) <= 100


async def test_names_stand_beside_each_other(database: Database, store: ContactStore) -> None:
    """Whoever was called otherwise once is found by either name, also when much is sent there."""
    names = ["佐藤 健", *["Ken Suzuki"] * 6]
    for number, name in enumerate(names):
        await store.learn_many([mail(HANAKO, f"{name} <x@kita.example>", number=number)])

    table = contact_rows.contact_keys
    for name in names[:2]:
        under = keys.name_keys(person(name))
        async with database.read() as conn:
            query = select(table.c.contact).where(table.c.key.in_(under))
            found = set((await conn.scalars(query)).all())
        assert found == {contact_rows.address_id("x@kita.example")}


async def test_forgotten(database: Database, store: ContactStore) -> None:
    """Nothing of a forgotten address is left, but for the count of its domain."""
    await store.learn_many([mail(HANAKO, SATO, number=1)])
    tables = contact_rows.contacts, contact_rows.relations, contact_rows.companions
    assert await store.forget(box(SATO).address)
    assert await store.forget(box(HANAKO).address)

    assert [await count(database, table) for table in tables] == [0, 0, 0]
    assert await store.search("") == ()


async def test_old_contacts_expire(database: Database, store: ContactStore) -> None:
    """Who was not written to for long is forgotten with all keys; whom a directory has stays."""
    await store.add([Contact(address=box(ABE).address, name="安部")])
    await store.learn_many(
        [
            mail(HANAKO, SATO, ABE, days_ago=500, number=1),
            mail("old@ours.example", SATO, days_ago=450, number=2),
            mail(HANAKO, ONO, days_ago=5, number=3),
        ]
    )

    assert await store.expire(NOW - timedelta(days=400)) == 2

    left = {found.address.text for found in await store.search("")}
    assert left == {"hanako@ours.example", "ono@minami.example", "abe@nishi.example"}
    assert await count(database, contact_rows.relations) == 1
    assert await count(database, contact_rows.companions) == 0
    assert await count(database, contact_rows.contact_domains) == 3
    async with database.read() as conn:
        ids = set((await conn.scalars(select(contact_rows.contact_keys.c.contact))).all())
    there = {contact_rows.address_id(key) for key in left}
    assert ids <= there | {contact_rows.address_id(key.partition("@")[2]) for key in left}
    assert await store.expire(NOW - timedelta(days=400)) == 0


async def test_one_process_forgets_old_contacts_once_a_day(database: Database) -> None:
    """Of all that ask, the first is told the time, and nobody else that day."""
    now = await first_of_the_day(database)

    assert now is not None
    assert abs(now - datetime.now(UTC)) < timedelta(minutes=5)
    assert await first_of_the_day(database) is None


async def test_books_have_an_end(
    database: Database, store: ContactStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many write to however many, only so much is remembered, of those who wrote last."""
    monkeypatch.setattr(contact_books, "MOST_REMEMBERED", 25)
    monkeypatch.setattr(contact_books, "LONGEST", 8)
    books = Books()
    for number in range(9):
        sender = f"user{number}@ours.example"
        await store.learn_many([mail(sender, *(f"p{n}@north.example" for n in range(10)))])
    for number in range(9):
        sender_id = contact_rows.address_id(f"user{number}@ours.example")
        book = await store._asking.ask(lambda conn, one=sender_id: books.of(conn, one, 9))
        assert len(book) == 8
        assert len(books) <= 25
