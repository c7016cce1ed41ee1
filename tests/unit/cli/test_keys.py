"""``guard keys``: what is shown, what is made, and what is not taken away."""

import json
import secrets
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from factories import HELD_AT, hold

from guard.cli.keys import PURPOSES, keys
from guard.cli.lists import lists
from guard.model.errors import KeyFileError, NoSuchHoldError
from guard.model.hold import Hold, HoldState
from guard.model.job import Job, JobKind
from guard.ports import AuditEntry, Kept
from guard.release import Links
from guard.release.links import fingerprint
from guard.store.audit import AuditLog
from guard.store.holds import SqlHoldStore
from guard.store.keys import PURPOSES as KNOWN
from guard.store.keys import KeyRing
from guard.store.opening import Ground, opened
from guard.store.outbox import SqlOutbox

RAW = b"Subject: a\r\n\r\nb\r\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder with settings and a key file."""
    monkeypatch.chdir(tmp_path)
    Path("guard.toml").write_text("", "utf-8")
    KeyRing.open(Path("guard.key"), create=True)


def run(*arguments: str) -> Result:
    """Call it in a thread: it has an event loop of its own, as some tests do."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(CliRunner().invoke, keys, list(arguments)).result()


def active(purpose: str) -> str:
    return KeyRing.open(Path("guard.key"), create=False).current(purpose)[0]


def used() -> dict[tuple[str, str], tuple[str, int | None]]:
    """What ``guard keys list`` says, by purpose and id."""
    result = run("list", "--json")
    assert result.exit_code == 0, result.output
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    return {(row["purpose"], row["id"]): (row["state"], row["used"]) for row in rows}


def ground():
    return opened("sqlite:///guard.db", Path("guard.key"))


def store_on(ground: Ground) -> SqlHoldStore:
    return SqlHoldStore(ground.database, ground.keys, SqlOutbox(ground.database))


def links_on(ground: Ground) -> Links:
    ring = ground.keys
    return Links(ring.current("links"), lambda key_id: ring.get("links", key_id))


async def held() -> Hold:
    """Hold a mail under the active subkeys."""
    async with ground() as on:
        links = links_on(on)
        kept = hold(
            id=secrets.token_hex(16), number=secrets.token_hex(4), link_key=links.current[0]
        )
        await store_on(on).put(
            Kept(
                hold=kept,
                octets=RAW,
                tokens=links.tokens(kept),
                jobs=(),
                audit=AuditEntry(event="hold.created", hold_id=kept.id, at=HELD_AT),
            )
        )
    return kept


async def end(kept: Hold, *, destroyed: bool = False) -> None:
    """Give a mail back, and destroy its octets if told so."""
    async with ground() as on:
        store = store_on(on)
        note = AuditEntry(event="hold.returned", hold_id=kept.id, at=HELD_AT)
        await store.advance(kept.id, old=HoldState.WAITING, new=HoldState.RETURNED, audit=note)
        if destroyed:
            await store.destroy(kept.id, audit=note)


async def events(hold_id: str) -> list[str]:
    async with ground() as on:
        log = AuditLog(on.database)
        assert await log.first_wrong() is None
        return [entry.event async for entry in log.entries(hold_id)]


def test_purposes_are_those_of_the_ring() -> None:
    """The command knows them without loading the ring."""
    assert PURPOSES == KNOWN


def test_without_a_key_file_nothing_is_made() -> None:
    """A lost file is told; a new one would open nothing."""
    Path("guard.key").unlink()

    for words in (["list"], ["rotate", "holds"], ["retire", "holds", "x"]):
        assert isinstance(run(*words).exception, KeyFileError)

    assert sorted(path.name for path in Path().iterdir()) == ["guard.toml"]


async def test_what_is_old_opens_and_what_is_new_uses_the_new() -> None:
    """The list counts both; the audit log has who rotated what."""
    before, old = await held(), active("holds")
    assert used()["holds", old] == ("active", 1)

    assert run("rotate", "holds").exit_code == 0
    after = [await held(), await held()]

    assert used()["holds", old] == ("retired", 1)
    assert used()["holds", active("holds")] == ("active", 2)
    async with ground() as on:
        for kept in (before, *after):
            assert await store_on(on).octets(kept.id) == RAW
    assert await events("") == ["keys.rotated"]


@pytest.mark.parametrize("purpose", PURPOSES)
def test_an_active_or_unknown_subkey_is_not_retired(purpose: str) -> None:
    """The first would leave nothing to seal with."""
    ring = Path("guard.key").read_bytes()

    assert "rotate" in run("retire", purpose, active(purpose), "--force").stderr
    assert run("retire", purpose, "gone", "--force").exit_code == 1

    assert Path("guard.key").read_bytes() == ring


@pytest.mark.parametrize("purpose", PURPOSES)
def test_what_nothing_needs_goes(purpose: str) -> None:
    """Its secret is in no file of the folder any more."""
    old = active(purpose)
    secret = json.loads(Path("guard.key").read_text())["keys"][purpose][0]["secret"].encode()
    run("rotate", purpose)

    result = run("retire", purpose, old)

    assert result.exit_code == 0, result.output
    assert (purpose, old) not in used()
    files = [path for path in Path().rglob("*") if path.is_file()]
    assert [path for path in files if secret in path.read_bytes()] == []


async def test_mail_that_is_not_over_keeps_its_key() -> None:
    """Not even --force loses what we said 250 for."""
    kept, old = await held(), active("holds")
    run("rotate", "holds")

    for words in ([], ["--force"]):
        result = run("retire", "holds", old, *words)
        assert result.exit_code == 1
        assert "1 held mails that are not over yet" in result.stderr

    async with ground() as on:
        assert await store_on(on).octets(kept.id) == RAW


async def test_mail_whose_sender_was_not_told_keeps_its_key() -> None:
    """The result may carry the original: until it is sent, the mail is not over."""
    kept, old = await held(), active("holds")
    await end(kept)
    async with ground() as on:
        told = Job(kind=JobKind.RESULT, hold_id=kept.id, due_at=HELD_AT)
        await store_on(on).record(jobs=[told])
    run("rotate", "holds")

    assert run("retire", "holds", old, "--force").exit_code == 1
    async with ground() as on:
        assert await store_on(on).octets(kept.id) == RAW


async def test_what_is_over_is_forgotten_by_force_alone() -> None:
    """It is said what goes; other mail and the audit log stay, and a guard starts afterwards."""
    whole, known, old = await held(), await held(), active("holds")
    await end(whole)
    await end(known, destroyed=True)
    run("rotate", "holds")
    other = await held()

    refused = run("retire", "holds", old)
    assert refused.exit_code == 1
    assert "1 held mails with their octets" in refused.stderr
    assert "1 whose octets are destroyed" in refused.stderr
    assert used()["holds", old] == ("retired", 2)
    forced = run("retire", "holds", old, "--force")

    assert forced.exit_code == 0, forced.output
    async with ground() as on:
        store = store_on(on)
        assert [each.id async for each in store.find()] == [other.id]
        assert await store.octets(other.id) == RAW
    assert (await events(whole.id))[-1] == "hold.forgotten"


async def test_a_removed_key_kills_its_links() -> None:
    """R-F11: old links work after a rotation, and none of that key after a forced removal."""
    first, old = await held(), active("links")
    async with ground() as on:
        token = fingerprint(links_on(on).token(first))
    run("rotate", "links")
    second = await held()
    async with ground() as on:
        assert (await store_on(on).by_token(token)).hold.id == first.id
        newer = fingerprint(links_on(on).token(second))

    assert "links of 1 held mails" in run("retire", "links", old).stderr
    async with ground() as on:
        assert (await store_on(on).by_token(token)).hold.id == first.id
    result = run("retire", "links", old, "--force")

    assert result.exit_code == 0, result.output
    async with ground() as on:
        store = store_on(on)
        with pytest.raises(NoSuchHoldError):
            await store.by_token(token)
        assert (await store.by_token(newer)).hold.id == second.id
        assert (await store.get(first.id)).state is HoldState.WAITING
    assert (await events(first.id))[-1] == "hold.links_killed"


async def test_links_of_mail_that_is_over_need_no_key() -> None:
    """They only show how it ended."""
    kept, old = await held(), active("links")
    await end(kept)
    run("rotate", "links")

    assert run("retire", "links", old).exit_code == 0


def test_a_list_keeps_the_key_that_it_was_made_with() -> None:
    """It is searched as ever, and its key stays, until it is imported again."""
    Path("rows.csv").write_text(
        "氏名,メール,電話\n佐藤一郎,sato@abc.example,090-1234-5678\n", "utf-8"
    )
    Path("mail.txt").write_text("佐藤一郎 sato@abc.example 090-1234-5678", "utf-8")
    importing = ["import", "customers", "rows.csv", "--quiet"]
    assert CliRunner().invoke(lists, importing).exit_code == 0
    old = active("lists")

    told = run("rotate", "lists")

    assert "customers" in told.stderr
    assert used()["lists", old] == ("retired", 1)
    for words in (["status"], ["test", "customers", "mail.txt", "--json"]):
        result = CliRunner().invoke(lists, words)
        assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["count"] == 1
    assert run("retire", "lists", old, "--force").exit_code == 1
    assert CliRunner().invoke(lists, importing).exit_code == 0
    assert run("retire", "lists", old).exit_code == 0
    assert CliRunner().invoke(lists, ["status"]).exit_code == 0
