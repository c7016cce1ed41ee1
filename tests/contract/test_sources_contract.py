"""What the keeper of sources promises, on each kind of database."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from guard.model.address import Address, Mailbox
from guard.model.contact import Contact, Exchange
from guard.store import source_rows
from guard.store.contacts import ContactStore
from guard.store.database import Database
from guard.store.sources import Sources, contact_id, digest

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgres"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database of each kind."""
    url = f"sqlite:///{tmp_path}/guard.db"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_server").database()
    opened = await Database.open(url)
    yield opened
    await opened.close()


def person(name: str, company: str = "") -> Contact:
    address = Address.parse(f"{name}@north.example")
    return Contact(address=address, name=name, company=company)


def mail(number: int) -> Exchange:
    box = Mailbox(address=person("ann").address)
    return Exchange(sender=box, recipients=(box,), at=NOW, message_id=f"<{number}@x>")


async def put(database: Database, source: str, *people: Contact) -> Sources:
    """Note *people* as all that a source has, as a reading does."""
    sources, contacts = Sources(database), await ContactStore.open(database)
    assert await sources.claim(source, "csv", lease_s=60)
    await contacts.add(people)
    await contacts.close()
    digests = {contact_id(one): digest(one) for one in people}
    await sources.done(source, settings="s", token="t", changed=digests, gone=())
    return sources


async def test_a_reading(database: Database) -> None:
    """What was noted is told again, and changes show in the digests."""
    ann, bob = person("ann"), person("bob")
    sources = await put(database, "crm", ann, bob)

    digests = await sources.digests("crm")
    assert digests == {contact_id(one): digest(one) for one in (ann, bob)}
    assert digest(ann) != digest(person("ann", "North"))
    (state,) = await Sources(database).states()
    assert (state.name, state.kind, state.contacts, state.token) == ("crm", "csv", 2, "t")
    assert state.read_at is not None
    assert abs((datetime.now(UTC) - state.read_at).total_seconds()) < 60


async def test_taken_out(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those whom nothing else speaks for are taken out, in batches; the rest stays known."""
    monkeypatch.setattr(source_rows, "BATCH", 7)
    people = [person(f"p{number}") for number in range(40)]
    await put(database, "other", people[0])
    sources = await put(database, "crm", *people)
    contacts = await ContactStore.open(database)
    wrote = Exchange(
        sender=Mailbox(address=people[1].address),
        recipients=(Mailbox(address=people[2].address),),
        at=NOW,
    )
    await contacts.learn_many([wrote])
    await contacts.close()

    assert await sources.claim("crm", "csv", lease_s=60)
    gone = [contact_id(one) for one in people[:30]]
    out = await sources.done("crm", settings="s", token="u", changed={}, gone=gone)

    assert out == 27
    contacts = await ContactStore.open(database)
    known = {one.name for one in await contacts.search("north.example", 99)}
    assert known == {"p0", "p1", "p2", *(f"p{number}" for number in range(30, 40))}
    await contacts.close()
    states = {state.name: state.contacts for state in await sources.states()}
    assert states == {"crm": 10, "other": 1}


async def test_counted_once(database: Database) -> None:
    """Mails that were noted, or learned as traffic, are known again."""
    sources = Sources(database)
    await sources.count([mail(1), mail(2)])
    await sources.count([mail(2), mail(3)])
    contacts = await ContactStore.open(database)
    await contacts.learn_many([mail(4)])
    await contacts.close()

    new = await sources.uncounted([mail(number) for number in (1, 2, 3, 4, 5, 5, 6)])
    assert [each.message_id for each in new] == ["<5@x>", "<6@x>"]


async def test_leases(database: Database) -> None:
    """One has a source at a time; who lost it changes nothing any more."""
    one, two = Sources(database), Sources(database)
    assert await one.claim("crm", "csv", lease_s=60)
    assert await one.claim("crm", "csv", lease_s=-1)  # its own: prolonged, here into the past
    assert await two.claim("crm", "csv", lease_s=60)
    assert await one.claim("crm", "csv", lease_s=60) is None
    await one.failed("crm", "too late")
    await one.let_go("crm")
    assert await one.claim("crm", "csv", lease_s=60) is None
    await two.failed("crm", "away")
    state = await one.claim("crm", "csv", lease_s=60)
    assert state is not None
    assert state.error == "away"
    assert (state.read_at, state.tried_at is None) == (None, False)
