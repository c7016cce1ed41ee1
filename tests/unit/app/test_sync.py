"""Reading sources into the store: what is kept, counted and taken out."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from guard.app import nightly as nightly_module
from guard.app import sync as sync_module
from guard.app.nightly import is_due, latest, nightly
from guard.app.reports import End, Report, Wish
from guard.app.sync import Syncer
from guard.config import Settings
from guard.config import sources as settings
from guard.contacts.sources.changes import Change, Mark
from guard.model.address import Address, Mailbox
from guard.model.contact import Contact, Exchange
from guard.model.errors import SourceAwayError, SourceError, StoreError
from guard.store.contacts import ContactStore
from guard.store.database import Database
from guard.store.sources import Sources, SourceState

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


class Site:
    """A store, a folder and what reads it."""

    def __init__(self, folder: Path, database: Database, contacts: ContactStore) -> None:
        self.folder = folder
        self.database = database
        self.contacts = contacts
        self.sources = Sources(database)
        self.syncer = Syncer(contacts, self.sources, lambda: NOW)

    def people(self, *names: str, source: str = "crm") -> settings.FileSource:
        """Write a table; a name may be followed by ``=`` and what is shown."""
        rows = [(name.partition("=")[0], name.partition("=")[2] or name) for name in names]
        text = "".join(f"{shown},{local}@north.example\n" for local, shown in rows)
        path = self.folder / f"{source}.csv"
        path.write_text(f"name,email\n{text}")
        return settings.FileSource(name=source, kind="csv", path=path)

    def sent(self, *mails: dict[str, Any], source: str = "sent") -> settings.MailSource:
        """Write an mbox."""
        path = self.folder / f"{source}.mbox"
        text = "".join(
            f"From x Mon Nov  2 10:00:00 2026\nFrom: hanako@ours.example\nTo: {mail['to']}\n"
            f"Message-ID: <{mail['id']}@ours>\n"
            f"Date: {mail.get('day', 2)} Nov 2026 10:00:00 +0000\n\n"
            for mail in mails
        )
        path.write_text(text)
        return settings.MailSource(name=source, kind="mbox", path=path)

    async def sync(self, its: settings.Source, **wish: Any) -> Report:
        return await self.syncer.sync(its, Wish(**wish))

    async def state(self, name: str = "crm") -> SourceState:
        return next(state for state in await self.sources.states() if state.name == name)

    async def known(self, text: str = "north.example") -> list[str]:
        """Whom a process that starts now knows."""
        store = await ContactStore.open(self.database)
        found = sorted(one.name or one.address.local for one in await store.search(text, 9999))
        await store.close()
        return found

    async def count(self, recipient: str) -> int:
        """How often somebody was written to."""
        (found,) = (await self.contacts.acquaintance(mail_to(recipient))).recipients
        return found.relation.by_organisation


def mail_to(recipient: str, *, message_id: str = "") -> Exchange:
    box = Mailbox(address=Address.parse(recipient))
    sender = Mailbox(address=Address.parse("hanako@ours.example"))
    return Exchange(sender=sender, recipients=(box,), at=NOW, message_id=message_id)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """An empty store."""
    database = await Database.open(f"sqlite:///{tmp_path}/guard.db")
    contacts = await ContactStore.open(database)
    yield Site(tmp_path, database, contacts)
    await contacts.close()
    await database.close()


async def test_came_changed_went(site: Site) -> None:
    """The second reading tells what is different, and who left is forgotten."""
    people = [f"p{number}" for number in range(10)]
    first = await site.sync(site.people(*people))
    assert (first.end, first.came, first.contacts) == (End.DONE, 10, 10)
    assert (await site.sync(site.people(*people))).end in {End.UNCHANGED, End.DONE}

    report = await site.sync(site.people("p0=Ann", *people[1:9], "new"))

    told = (report.came, report.changed, report.gone, report.out, report.contacts)
    assert told == (1, 1, 1, 1, 10)
    assert await site.known() == ["Ann", "new", *people[1:9]]
    state = await site.state()
    assert (state.contacts, state.error) == (10, "")


async def test_unchanged(site: Site) -> None:
    """A file that is as it was is not read again, unless all is to be, or the settings changed."""
    its = site.people("a", "b")
    await site.sync(its)
    assert (await site.sync(its)).end is End.UNCHANGED
    assert (await site.sync(its, full=True)).end is End.DONE
    assert (await site.sync(its.model_copy(update={"skip_broken": True}))).end is End.DONE


@pytest.mark.parametrize("left", [0, 7, 8, 9])
async def test_sudden_loss(site: Site, left: int) -> None:
    """From a fifth on a loss keeps all as it was, with the way out; less is daily life."""
    people = [f"p{number}" for number in range(10)]
    await site.sync(site.people(*people))
    before = await site.state()

    report = await site.sync(its := site.people(*people[:left], "new"))

    if left > 8:
        assert report.end is End.DONE
        return
    assert report.end is End.KEPT
    assert f"{10 - left} of 10 contacts" in report.message
    assert "guard contacts sync crm --accept-loss" in report.message
    assert await site.known() == people
    after = await site.state()
    assert (after.contacts, after.read_at) == (10, before.read_at)
    assert after.error == report.message

    accepted = await site.sync(its, accept_loss=True)
    assert (accepted.end, accepted.gone) == (End.DONE, 10 - left)
    assert await site.known() == sorted(["new", *people[:left]])


async def test_who_stays(site: Site) -> None:
    """Taken out is only who is in no other source, was not imported by hand and never mailed."""
    people = ["elsewhere", "imported", "mailed", "gone"]
    await site.sync(site.people(*people, *(f"p{n}" for n in range(30))))
    await site.sync(site.people("elsewhere", source="other"))
    imported = [Contact(address=Address.parse("imported@north.example"), name="imported")]
    await site.sources.imported(imported, by="import")
    await site.contacts.learn_many([mail_to("mailed@north.example")])

    report = await site.sync(site.people(*(f"p{n}" for n in range(30))))

    assert (report.gone, report.out) == (4, 1)
    known = set(await site.known())
    assert known & set(people) == {"elsewhere", "imported", "mailed"}
    assert await site.count("mailed@north.example") == 1
    # The other one can still take out what it has alone by now.
    await site.sync(site.people("x", source="other"), accept_loss=True)
    assert "elsewhere" not in await site.known()


async def test_broken_rows(site: Site) -> None:
    """A broken row refuses the table with its line, or is left out where that is asked for."""
    its = site.people("a", "b")
    its.path.write_text("name,email\nA,a@north.example\nB,b at north\nC,c@north.example\n")

    refused = await site.sync(its)
    assert refused.end is End.FAILED
    assert "crm.csv:3: “b at north”" in refused.message
    assert "--skip-broken" in refused.message
    assert await site.known() == []

    report = await site.sync(its, skip_broken=True)
    assert (report.end, report.broken, report.contacts) == (End.DONE, 1, 2)
    assert "crm.csv:3:" in report.shown[0]
    by_settings = its.model_copy(update={"skip_broken": True, "name": "again"})
    assert (await site.sync(by_settings)).broken == 1


async def test_many_broken_rows(site: Site) -> None:
    """Of very many the first are told, and all are counted."""
    its = site.people("a")
    its.path.write_text("email\n" + "x@\n" * 3000)
    report = await site.sync(its, skip_broken=True)
    assert (report.broken, len(report.shown)) == (3000, 20)


async def test_mail_counts_once(site: Site) -> None:
    """A mail counts once: over readings, sources, and what went through Guard itself."""
    ann = {"to": "ann@north.example", "id": 1}
    report = await site.sync(site.sent(ann, ann, {"to": "ann@north.example", "id": 2}))
    assert (report.mails, report.known) == (2, 1)
    report = await site.sync(site.sent(ann, {"to": "ann@north.example", "id": 3}))
    assert (report.mails, report.known) == (1, 1)
    report = await site.sync(site.sent(ann, source="copy"))
    assert (report.mails, report.known) == (0, 1)
    assert await site.count("ann@north.example") == 3

    await site.contacts.learn_many([mail_to("ann@north.example", message_id="<live@ours>")])
    report = await site.sync(site.sent({"to": "ann@north.example", "id": "live"}))
    assert (report.mails, report.known) == (0, 1)
    assert await site.count("ann@north.example") == 4
    assert (await site.state("sent")).mails == 3


async def test_mail_goes_on_where_it_ended(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reading that is stopped, or breaks, keeps what was counted, and the next one goes on."""
    monkeypatch.setattr(sync_module, "AT_ONCE", 10)
    its = site.sent(*({"to": "ann@north.example", "id": n} for n in range(100)))
    stop = threading.Event()

    def after_thirty(count: int) -> None:
        if count >= 30:
            stop.set()

    report = await site.sync(its, stop=stop.is_set, tell=after_thirty)

    assert (report.end, report.mails) == (End.STOPPED, 30)
    assert await site.count("ann@north.example") == 30
    report = await site.sync(its)
    assert (report.end, report.mails, report.known) == (End.DONE, 70, 30)


async def test_stopped_contacts(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of contacts a reading that is stopped leaves nothing."""
    monkeypatch.setattr(sync_module, "AT_ONCE", 10)
    its = site.people(*(f"p{number}" for number in range(100)))
    report = await site.sync(its, stop=lambda: True)
    assert report.end is End.STOPPED
    assert await site.known() == []
    assert (await site.sync(its)).contacts == 100


async def test_before(site: Site) -> None:
    """Mail from a day on is left to what Guard sees itself."""
    mails = ({"to": "ann@north.example", "id": n, "day": n} for n in range(1, 10))
    its = site.sent(*mails).model_copy(update={"before": date(2026, 11, 4)})
    report = await site.sync(its)
    assert (report.mails, report.late) == (3, 6)


async def test_lines(site: Site) -> None:
    """JSON lines may have both: contacts, and mail that was sent."""
    path = site.folder / "events.jsonl"
    box = {"address": "ann@north.example", "name": "Ann"}
    mail = {"id": "1@x", "ts": 1_700_000_000, "sender": {"address": "a@ours.example"}, "to": [box]}
    rows = [box, {"op": "directory", "contacts": [box]}, {"op": "learn", "message": mail}]
    path.write_text("\n".join(map(json.dumps, rows)))
    its = settings.FileSource(name="lines", kind="jsonl", path=path)

    report = await site.sync(its)

    assert (report.contacts, report.mails) == (1, 1)
    assert (await site.sync(its)).end is End.UNCHANGED
    path.write_text("\n".join(map(json.dumps, [*rows, rows[2]])))
    assert (await site.sync(its)).known == 2


@pytest.mark.parametrize(
    ("error", "end"), [(SourceAwayError("x: away"), End.AWAY), (SourceError("x: no"), End.FAILED)]
)
@pytest.mark.parametrize("late", [True, False])
async def test_a_source_that_fails_keeps_its_data(
    site: Site, monkeypatch: pytest.MonkeyPatch, error: SourceError, end: End, late: bool
) -> None:
    """Nothing of what was known changes, however far the reading came; its age is known."""
    its = site.people("a", "b")
    await site.sync(its)
    before = await site.state()

    class Failing:
        def changes(self, since: str, *, now: datetime) -> Iterator[Change]:
            return self._broken() if late else self._refuse()

        def _refuse(self) -> Iterator[Change]:
            raise error

        def _broken(self) -> Iterator[Change]:
            yield Contact(address=Address.parse("new@north.example"))
            yield Mark("new")
            raise error

    with monkeypatch.context() as patched:
        patched.setattr(sync_module, "source_of", lambda _: Failing())
        report = await site.sync(its)
    assert (report.end, report.message, report.contacts) == (end, str(error), 2)
    assert report.read_at == before.read_at
    assert await site.known() == ["a", "b"]
    state = await site.state()
    assert (state.token, state.error) == (before.token, str(error))
    assert (await site.sync(its)).end is End.UNCHANGED
    assert (await site.state()).error == ""


async def test_one_reader(site: Site) -> None:
    """Of two processes one reads a source; who died with it keeps it for a while only."""
    its = site.people("a")
    other = Sources(site.database)
    assert await other.claim("crm", "csv", lease_s=60)
    busy = await site.sync(its)
    assert busy.end is End.BUSY
    assert "another process" in busy.message
    await other.claim("crm", "csv", lease_s=-1)
    assert (await site.sync(its)).end is End.DONE
    assert await other.claim("crm", "csv", lease_s=60)


async def test_cancelled(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A guard that ends does not wait for a source that hangs, and lets go of it."""
    asked, forever = threading.Event(), threading.Event()

    class Hanging:
        def changes(self, since: str, *, now: datetime) -> Iterator[Change] | None:
            asked.set()
            forever.wait()
            return None

    monkeypatch.setattr(sync_module, "source_of", lambda _: Hanging())
    syncing = asyncio.create_task(site.sync(site.people("a")))
    await asyncio.to_thread(asked.wait)
    syncing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await syncing
    forever.set()
    assert await Sources(site.database).claim("crm", "csv", lease_s=60)


async def test_database_fails(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where contacts cannot be written nothing is noted, and the source is free again."""
    its = site.people("a")

    async def away(_: object) -> None:
        raise StoreError("away")

    with monkeypatch.context() as patched:
        patched.setattr(site.contacts, "add", away)
        with pytest.raises(StoreError):
            await site.sync(its)
    assert (await site.state()).contacts == 0
    assert (await Syncer(site.contacts, Sources(site.database), lambda: NOW).sync(its, Wish())).came


async def test_nightly(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A running guard reads what is due, over the failure of one, and ends at once."""
    monkeypatch.setattr(nightly_module, "LOOK_S", 0.01)
    missing = settings.FileSource(name="missing", kind="csv", path=site.folder / "none")
    whole = Settings(source=(missing, site.people("a", "b")))
    async with nightly(whole, site.contacts, site.database):
        async with asyncio.timeout(20):
            while [each.contacts for each in await site.sources.states()] != [2, 0]:
                await asyncio.sleep(0.01)
    assert (await site.state("missing")).error
    assert await site.known() == ["a", "b"]


async def test_only_sources_that_the_policy_names(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a policy does not name is not read, until it does."""
    monkeypatch.setattr(nightly_module, "LOOK_S", 0.01)
    one = site.people("a").model_copy(update={"name": "one"})
    two = site.people("b").model_copy(update={"name": "two"})
    named = ["two"]
    whole = Settings(source=(one, two))
    async with nightly(whole, site.contacts, site.database, named=lambda: named):
        async with asyncio.timeout(20):
            while [each.name for each in await site.sources.states()] != ["two"]:
                await asyncio.sleep(0.01)
            named.append("one")
            while len(await site.sources.states()) < 2:
                await asyncio.sleep(0.01)


@pytest.mark.parametrize("sync", [True, False])
async def test_no_nights(site: Site, sync: bool) -> None:
    """Without sources, or where it is switched off, nothing runs."""
    sources = () if sync else (site.people("a"),)
    off = Settings.model_validate({"contacts": {"sync": sync}, "source": sources})
    before = asyncio.all_tasks()
    async with nightly(off, site.contacts, site.database):
        assert asyncio.all_tasks() == before


def test_latest() -> None:
    """The night before now, in the zone that counts."""
    tokyo = timezone(timedelta(hours=9))
    assert latest(time(3), tokyo, NOW) == datetime(2026, 11, 24, 18, tzinfo=UTC)
    assert latest(time(18), tokyo, NOW) == datetime(2026, 11, 25, 9, tzinfo=UTC)
    assert latest(time(18, 1), tokyo, NOW) == datetime(2026, 11, 24, 9, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("read_h", "tried_h", "due"),
    [
        pytest.param(None, None, True, id="never"),
        pytest.param(5, 5, False, id="read since"),
        pytest.param(7, 7, True, id="not yet"),
        pytest.param(30, 0.5, False, id="just failed"),
        pytest.param(30, 2, True, id="failed a while ago"),
        pytest.param(None, 0.5, False, id="never worked"),
    ],
)
def test_is_due(read_h: float | None, tried_h: float | None, due: bool) -> None:
    """Once a night; after a failure once an hour."""
    at = [None if hours is None else NOW - timedelta(hours=hours) for hours in (read_h, tried_h)]
    state = SourceState(name="x", kind="csv", read_at=at[0], tried_at=at[1])
    assert is_due(state, NOW - timedelta(hours=6), NOW) is due


def test_is_due_at_first() -> None:
    """A source that nobody knows yet is due."""
    assert is_due(None, NOW, NOW)
