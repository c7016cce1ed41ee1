"""What every keeper of contacts promises: in memory alone, and in SQL."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from factories import box
from sqlalchemy import text

from guard.contacts.acquaintance import Acquaintance
from guard.contacts.history import History
from guard.contacts.travels import stem
from guard.model.address import Address
from guard.model.clue import CarriedFile, Went
from guard.model.contact import Contact, Exchange
from guard.model.errors import StoreError
from guard.model.pair_answer import PairAnswer, Said
from guard.ports import Contacts
from guard.store import contacts as sql
from guard.store.contacts import ContactStore
from guard.store.database import Database

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


class InMemory:
    """The port over a bare history."""

    def __init__(self) -> None:
        self.history = History()
        self._confirmed: set[Address] = set()

    async def acquaintance(self, exchange: Exchange) -> Acquaintance:
        return self.history.acquaintance(exchange)

    async def learn(self, exchange: Exchange) -> None:
        self.history.learn(exchange)

    async def answered(self, answers: Sequence[PairAnswer], *, about: str) -> frozenset[Address]:
        assert about
        new = {one.written for one in answers if one.said is Said.SENT} - self._confirmed
        for one in answers:
            self.history.answered(one)
        self._confirmed |= new
        return frozenset(new)


class Settled:
    """The port in SQL; what was learned is waited for."""

    def __init__(self, store: ContactStore) -> None:
        self._store = store

    async def acquaintance(self, exchange: Exchange) -> Acquaintance:
        await self._store.flush()
        return await self._store.acquaintance(exchange)

    async def learn(self, exchange: Exchange) -> None:
        await self._store.learn(exchange)

    async def answered(self, answers: Sequence[PairAnswer], *, about: str) -> frozenset[Address]:
        return await self._store.answered(answers, about=about)


def mail(
    sender: str, *to: str, days_ago: float = 0, number: int = 0, answers: str = ""
) -> Exchange:
    """Make an exchange."""
    return Exchange(
        sender=box(sender),
        recipients=tuple(map(box, to)),
        at=NOW - timedelta(days=days_ago),
        message_id=f"<{number}.{sender}@ours.example>",
        references=(answers,) if answers else (),
    )


HANAKO, TARO = "花子 <hanako@ours.example>", "太郎 <taro@ours.example>"
SATO, ONO, ABE = "佐藤 健 <sato@kita.example>", "小野 <ono@minami.example>", "abe@nishi.example"


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database."""
    opened = await Database.open(f"sqlite:///{tmp_path}/guard.db")
    yield opened
    await opened.close()


@pytest.fixture(params=["memory", "sqlite", "postgres"])
async def keeper(request: pytest.FixtureRequest, database: Database) -> AsyncIterator[Contacts]:
    """Every adapter of the port, knowing nobody."""
    if request.param == "memory":
        yield InMemory()
        return
    if request.param == "postgres":
        database = await Database.open(request.getfixturevalue("postgres_server").database())
    store = await ContactStore.open(database, file_key=lambda: b"k" * 32)
    yield Settled(store)
    await store.close()
    if request.param == "postgres":
        await database.close()


async def test_counts(keeper: Contacts) -> None:
    """Mails are counted for their sender and for everybody, each recipient once a mail."""
    for number in range(3):
        await keeper.learn(mail(HANAKO, SATO, ONO, SATO, days_ago=3 - number, number=number))
    await keeper.learn(mail(TARO, SATO, days_ago=9))

    (sato,) = (await keeper.acquaintance(mail(HANAKO, SATO))).recipients

    assert (sato.relation.by_sender, sato.relation.by_organisation) == (3, 4)
    assert sato.relation.last_at == NOW - timedelta(days=1)
    assert sato.name == "佐藤 健"


async def test_only_others_wrote(keeper: Contacts) -> None:
    """Of a recipient whom the sender never wrote to, the organisation's latest mail is told."""
    await keeper.learn(mail(TARO, SATO, days_ago=9))

    (sato,) = (await keeper.acquaintance(mail(HANAKO, SATO))).recipients

    assert (sato.relation.by_sender, sato.relation.by_organisation) == (0, 1)
    assert sato.relation.last_at == NOW - timedelta(days=9)


def carrying(*names: str, content: bytes = b"x" * 300) -> tuple[CarriedFile, ...]:
    """Give files of that content."""
    digest = sha256(content).digest()
    return tuple(CarriedFile(name=name, digest=digest, stem=stem(name)) for name in names)


async def test_where_files_went(keeper: Contacts) -> None:
    """Each company that got a file, or one of its name, is told with how often and when last."""
    files = carrying("倉庫温度_2026年11月.xlsx")
    for days_ago in (30, 2):
        sent = replace(mail(HANAKO, SATO, "x@mail.kita.example", days_ago=days_ago), files=files)
        await keeper.learn(sent)
    await keeper.learn(replace(mail(TARO, ONO, "me@ours.example", "a@gmail.com"), files=files))
    await keeper.learn(replace(mail(TARO, ABE, days_ago=181), files=files))
    other = carrying("倉庫温度_2026年12月.xlsx", content=b"y" * 300)

    asked = replace(mail(TARO, ABE), files=(*files, *other))
    same, like = (await keeper.acquaintance(asked)).travelled

    went = (
        Went("kita.example", 2, (NOW - timedelta(days=2)).timestamp()),
        Went("minami.example", 1, NOW.timestamp()),
    )
    assert (same.same, same.alike) == (went, went)
    assert (like.same, like.alike) == ((), went)


async def test_asking_learns_nothing(keeper: Contacts) -> None:
    """Asked twice, the answer is the same: nobody is known by being asked about."""
    asked = mail(HANAKO, SATO)
    first = await keeper.acquaintance(asked)

    assert await keeper.acquaintance(asked) == first
    assert first.recipients[0].relation.by_organisation == 0
    assert not first.recipients[0].standing.known


async def test_context(keeper: Contacts) -> None:
    """Threads, mail from the other side and shared recipients stand in the answer."""
    await keeper.learn(mail(SATO, HANAKO, ABE, days_ago=1, number=7))
    await keeper.learn(mail(HANAKO, SATO, ONO, days_ago=2))
    question = mail(SATO, HANAKO, number=7).message_id

    known = await keeper.acquaintance(mail(HANAKO, SATO, ONO, ABE, answers=question))
    sato, ono, abe = (one.standing for one in known.recipients)

    assert known.thread_known
    assert (sato.thread, ono.thread, abe.thread) == (3, 0, 2)
    assert sato.inbound > 0.9
    assert ono.inbound == 0
    assert ono.together > 0.3
    assert sato.writes
    assert not ono.writes


async def test_finds_whom_it_resembles(keeper: Contacts) -> None:
    """A slip finds the contact, whoever in the organisation wrote to it."""
    await keeper.learn(mail(TARO, "sato@kita-shoji.example", days_ago=1))

    known = await keeper.acquaintance(mail(HANAKO, "sato@kita-syoji.example"))

    (candidate,) = known.recipients[0].candidates
    assert candidate.contact.address.text == "sato@kita-shoji.example"
    assert candidate.relation.by_organisation == 1


SLIP = "sato@kita.exampel"


def said(
    what: Said, *, days_ago: float = 0, sender: str = HANAKO, never: bool = False
) -> PairAnswer:
    """Make an answer to whether SLIP was meant, or SATO."""
    return PairAnswer(
        sender=box(sender).address,
        written=Address.parse(SLIP),
        meant=box(SATO).address,
        kind="tld_swap",
        said=what,
        at=NOW - timedelta(days=days_ago),
        never_again=never,
    )


@pytest.mark.parametrize(
    ("answers", "asked"),
    [
        pytest.param([], True, id="nobody said anything"),
        pytest.param([said(Said.SENT, days_ago=1)], False, id="meant so"),
        pytest.param([said(Said.SENT, days_ago=1, sender=TARO)], True, id="somebody else meant so"),
        pytest.param([said(Said.SENT, days_ago=200)], True, id="meant so, long ago"),
        pytest.param([said(Said.REPLACED, days_ago=1)], True, id="was a slip"),
        pytest.param(
            [said(Said.SENT, days_ago=2), said(Said.CANCELLED, days_ago=1)], True, id="both"
        ),
        pytest.param([said(Said.SENT, days_ago=300, never=True)], False, id="never again"),
        pytest.param([said(Said.SENT, days_ago=500, never=True)], True, id="never, but that ends"),
        pytest.param(
            [said(Said.SENT, days_ago=5, never=True), said(Said.REPLACED)], True, id="never, but"
        ),
    ],
)
async def test_a_pair_is_settled(
    keeper: Contacts, answers: Sequence[PairAnswer], asked: bool
) -> None:
    """Whom a sender said to have meant is not asked about again, until that is long ago."""
    await keeper.learn(mail(HANAKO, SATO, days_ago=3))
    for number, answer in enumerate(answers):
        await keeper.answered([answer], about=f"hold {number}")

    (slip,) = (await keeper.acquaintance(mail(HANAKO, SLIP))).recipients

    assert (box(SATO).address in {one.contact.address for one in slip.candidates}) is asked


async def test_confirmed_for_the_first_time(keeper: Contacts) -> None:
    """The first word for a recipient is told apart from the second, by whichever contact."""
    other = replace(said(Said.SENT), meant=box(ONO).address)

    assert await keeper.answered([said(Said.REPLACED)], about="1") == frozenset()
    assert await keeper.answered([said(Said.SENT)], about="2") == {Address.parse(SLIP)}
    assert await keeper.answered([other], about="3") == frozenset()


# What only the adapter in SQL promises.


async def answers(store: ContactStore) -> Acquaintance:
    """Ask about everybody, with an answer to a known message."""
    question = mail(SATO, HANAKO, number=7).message_id
    return await store.acquaintance(mail(HANAKO, SATO, ONO, "sato@kita.exampel", answers=question))


async def test_all_is_kept(database: Database) -> None:
    """What was learned and imported before is known after the next start, to the last weight."""
    store = await ContactStore.open(database)
    await store.add([Contact(address=box(ABE).address, name="安部", company="西")])
    for number in range(5):
        await store.learn(mail(HANAKO, SATO, ONO, days_ago=number, number=number))
    await store.learn(mail(SATO, HANAKO, ABE, days_ago=1, number=7))
    await store.flush()
    before = await answers(store)
    await store.close()

    again = await ContactStore.open(database)

    after = await answers(again)
    assert [one.relation for one in after.recipients] == [one.relation for one in before.recipients]
    for one, other in zip(before.recipients, after.recipients, strict=True):
        assert one.standing._asdict() == pytest.approx(other.standing._asdict())
    (abe,) = await again.search("安部")
    assert (abe.address.text, abe.company) == (ABE, "西")
    await again.close()


async def test_two_processes_add_up(database: Database) -> None:
    """Two stores over one database count into the same rows, and each knows the other's."""
    one, two = await ContactStore.open(database), await ContactStore.open(database)
    await one.learn(mail(HANAKO, SATO, number=1))
    await two.learn(mail(HANAKO, SATO, number=2))
    await one.flush()
    await two.flush()
    await one.learn(mail(HANAKO, SATO, number=3))
    await two.add([Contact(address=box(ABE).address, name="安部")])

    assert [await times(store) for store in (one, two)] == [2, 2]  # the third is not written yet
    assert [found.name for found in await one.search("安部")] == ["安部"]
    await one.close()
    assert await times(two) == 3
    assert await two.forget(box(SATO).address)
    await two.close()


async def times(store: ContactStore) -> int:
    """Say how often HANAKO wrote to SATO, as a store knows it."""
    (sato,) = (await store.acquaintance(mail(HANAKO, SATO))).recipients
    return sato.relation.by_sender


def meant(known: Acquaintance) -> set[Address]:
    """Give those who may be meant in place of the first recipient."""
    return {one.contact.address for one in known.recipients[0].candidates}


async def test_all_forget_at_once(database: Database) -> None:
    """What one process forgets no other knows any more, whatever it remembers of who wrote."""
    one, two = await ContactStore.open(database), await ContactStore.open(database)
    await one.learn_many([mail(HANAKO, SATO, ONO, number=1)])
    slip = mail(HANAKO, "satou@kita.example")
    assert await times(two) == 1
    assert box(SATO).address in meant(await two.acquaintance(slip))

    await one.forget(box(SATO).address)

    assert await times(two) == 0
    assert box(SATO).address not in meant(await two.acquaintance(slip))
    await one.close()
    await two.close()


async def test_failing_is_never_raised(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the database is away mail waits to be counted, and is when it is back."""
    store = await ContactStore.open(database)
    with monkeypatch.context() as broken:
        broken.setattr(database, "write", _away)
        await store.learn(mail(HANAKO, SATO))
        with pytest.raises(StoreError):
            await store.flush()
        assert await times(store) == 0  # reading goes on
    await store.flush()
    assert await times(store) == 1
    await store.close()


async def test_no_answer_without_the_database(database: Database) -> None:
    """Nobody is taken for unknown because the database is away: that is an error of its own."""
    store = await ContactStore.open(database)
    async with database.write() as conn:
        await conn.execute(text("ALTER TABLE contacts RENAME TO elsewhere"))

    with pytest.raises(StoreError):
        await store.acquaintance(mail(HANAKO, SATO))

    async with database.write() as conn:
        await conn.execute(text("ALTER TABLE elsewhere RENAME TO contacts"))
    assert await times(store) == 0
    await store.close()


async def test_many_may_wait(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the database is away, memory has an end: the oldest mail is not counted."""
    monkeypatch.setattr(sql, "MOST_WAITING", 20)
    store = await ContactStore.open(database)
    for number in range(50):
        await store.learn(mail(HANAKO, SATO, number=number))
    await store.close()

    again = await ContactStore.open(database)
    assert 10 < await times(again) <= 20
    await again.close()


def _away() -> None:
    raise StoreError("away")


async def test_learn_many(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Very many mails are written in several transactions, none lost between them."""
    monkeypatch.setattr(sql, "BATCH", 7)
    store = await ContactStore.open(database)

    assert await store.learn_many(mail(HANAKO, SATO, number=n) for n in range(40)) == 40
    await store.close()

    again = await ContactStore.open(database)
    assert (await again.acquaintance(mail(HANAKO, SATO))).recipients[0].relation.by_sender == 40
    await again.close()


async def test_forget(database: Database) -> None:
    """A forgotten address is gone from memory and from every table."""
    store = await ContactStore.open(database)
    await store.learn(mail(HANAKO, SATO, ONO))
    assert await store.forget(box(SATO).address)
    assert not await store.forget(box(SATO).address)

    (sato,) = (await store.acquaintance(mail(HANAKO, SATO))).recipients
    (ono,) = (await store.acquaintance(mail(HANAKO, ONO))).recipients
    assert not sato.standing.known
    assert ono.relation.by_sender == 1
    await store.close()


async def test_no_text_is_kept(database: Database) -> None:
    """Neither subject nor text of a mail reaches the disk."""
    store = await ContactStore.open(database)
    secret = Exchange(
        sender=box(HANAKO), recipients=(box(SATO),), at=NOW, subject="極秘の件", text="unmistakable"
    )
    await store.learn(secret)
    await store.close()

    assert database.path is not None
    for file in database.path.parent.iterdir():
        assert b"unmistakable" not in file.read_bytes()
        assert "極秘".encode() not in file.read_bytes()


async def test_answers_count_once_a_hold(database: Database) -> None:
    """A job that is done twice counts its answers once; they are told by kind."""
    store = await ContactStore.open(database)
    for about in ("1", "1", "2", "2"):
        first = await store.answered([said(Said.SENT)], about=about)
        assert bool(first) is (about == "1")
    await store.answered([said(Said.REPLACED, sender=TARO)], about="3")

    assert await store.answers_by_kind() == {
        "tld_swap": {"sent": 2, "replaced": 1, "dropped": 0, "cancelled": 0}
    }
    await store.forget(box(SATO).address)
    assert await store.answers_by_kind() == {}
    await store.close()
