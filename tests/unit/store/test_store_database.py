"""Opening the database, writing durably, and what its troubles are called."""

import asyncio
import os
import sqlite3
import traceback
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.dialects.sqlite import dialect
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from guard.model.errors import StoreError, StoreFullError
from guard.store import sqlite
from guard.store.database import Database
from guard.store.faults import store_errors
from guard.store.mounts import shared_mount
from guard.store.schema import SCHEMA_VERSION, Instant

CANARY = "a value that no error may show"


@pytest.fixture
async def database(tmp_path: Path):
    """An open database in a folder of its own."""
    opened = await Database.open("sqlite:///guard.db", folder=tmp_path, busy_s=0.2)
    yield opened
    await opened.close()


def modes_in(folder: Path) -> dict[str, int]:
    """The permissions of every file in *folder*, by name."""
    return {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}


async def test_files_are_private(database: Database, tmp_path: Path) -> None:
    """Database, log and shared memory are 0600 under any umask."""
    before = os.umask(0)
    try:
        other = await Database.open("sqlite:///other.db", folder=tmp_path)
        async with other.write() as conn:
            await conn.execute(text("UPDATE schema_version SET version = version"))
    finally:
        os.umask(before)

    modes = modes_in(tmp_path)
    await other.close()

    assert {"other.db", "other.db-wal", "other.db-shm"} < set(modes)
    assert set(modes.values()) == {0o600}


async def test_connections_keep_their_promises(database: Database) -> None:
    """Every pooled connection, not only the first: full syncs, log, foreign keys, overwriting."""

    async def pragmas() -> list[object]:
        async with database.read() as conn:
            await asyncio.sleep(0)  # so that all three are open at once
            names = ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
            return [await conn.scalar(text(f"PRAGMA {name}")) for name in names]

    assert await asyncio.gather(*(pragmas() for _ in range(3))) == [["wal", 2, 1, 1]] * 3


async def test_a_failed_write_leaves_nothing(database: Database) -> None:
    """Whatever ends a transaction early ends it without a trace, and the next one works."""

    async def fail_after_all() -> None:
        async with database.write() as conn:
            await conn.execute(text("UPDATE schema_version SET version = 99"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail_after_all()

    async with database.write() as conn:
        assert await conn.scalar(text("SELECT version FROM schema_version")) == SCHEMA_VERSION


async def test_writers_of_one_process_take_turns(database: Database) -> None:
    """Thirty that read and then write at once all succeed, and none reads what is old."""
    async with database.write() as conn:
        await conn.execute(text("CREATE TABLE counter (n INTEGER)"))
        await conn.execute(text("INSERT INTO counter VALUES (0)"))

    async def count() -> None:
        async with database.write() as conn:
            n = await conn.scalar(text("SELECT n FROM counter"))
            await asyncio.sleep(0)
            await conn.execute(text("UPDATE counter SET n = :n"), {"n": n + 1})

    await asyncio.gather(*(count() for _ in range(30)))

    async with database.read() as conn:
        assert await conn.scalar(text("SELECT n FROM counter")) == 30


async def test_a_lock_of_another_process_is_waited_for_and_told(
    database: Database, tmp_path: Path
) -> None:
    """The write ends as `StoreError`, reads go on meanwhile, and afterwards all is well."""
    other = sqlite3.connect(tmp_path / "guard.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")

    async def write() -> None:
        async with database.write() as conn:
            await conn.execute(text("UPDATE schema_version SET version = version"))

    blocked = asyncio.create_task(write())
    async with database.read() as conn:
        assert await conn.scalar(text("SELECT version FROM schema_version")) == SCHEMA_VERSION
    with pytest.raises(StoreError, match="SQLITE_BUSY") as failed:
        await blocked
    assert not isinstance(failed.value, StoreFullError)

    other.execute("ROLLBACK")
    other.close()
    await write()


async def test_too_long_a_queue_is_told(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer waits for the others of its process only so long."""
    monkeypatch.setattr("guard.store.database.QUEUE_S", 0.05)
    async with database.write():
        with pytest.raises(StoreError, match="too many writes"):
            async with database.write():
                pytest.fail("two writers at once")

    async with database.write():
        pass


async def test_a_cancelled_writer_leaves_no_lock(tmp_path: Path) -> None:
    """One that is cancelled while it waits for the lock does not get it later, unseen."""
    database = await Database.open("sqlite:///guard.db", folder=tmp_path, busy_s=30)
    other = sqlite3.connect(tmp_path / "guard.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")

    async def write() -> None:
        async with database.write() as conn:
            await conn.execute(text("UPDATE schema_version SET version = version"))

    waiting = asyncio.create_task(write())
    async with database.read() as conn:  # two turns of the threads: by now it waits
        await conn.scalar(text("SELECT 1"))
    waiting.cancel()
    other.execute("ROLLBACK")
    other.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting

    await write()
    await database.close()


async def test_no_room_has_its_own_name(tmp_path: Path) -> None:
    """A full disk is `StoreFullError` (452), changes nothing, and is over when there is room."""

    def limit(connection, _record) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA max_page_count = 200")
        cursor.close()

    event.listen(Engine, "connect", limit)
    try:
        database = await Database.open("sqlite:///guard.db", folder=tmp_path)
        async with database.write() as conn:
            await conn.execute(text("CREATE TABLE ballast (octets BLOB)"))
        fill = text("INSERT INTO ballast VALUES (zeroblob(:size))")

        async def fill_up() -> None:
            async with database.write() as conn:
                await conn.execute(fill, {"size": 1000})
                await conn.execute(fill, {"size": 10_000_000})

        with pytest.raises(StoreFullError):
            await fill_up()

        async with database.write() as conn:
            assert await conn.scalar(text("SELECT count(*) FROM ballast")) == 0
            await conn.execute(fill, {"size": 1000})
        await database.close()
    finally:
        event.remove(Engine, "connect", limit)


@pytest.mark.parametrize("code", [sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_CORRUPT])
async def test_a_connection_that_failed_to_write_is_not_used_again(
    database: Database, code: int
) -> None:
    """After a failed fsync the next may say yes and have written nothing: the file is reopened."""

    async def used() -> object:
        async with database.write() as conn:
            raw = await conn.get_raw_connection()
            await conn.execute(text("UPDATE schema_version SET version = version"))
            return raw.driver_connection

    def fail(cursor, statement, _parameters, _context) -> None:
        if statement.startswith("UPDATE"):
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode, error.sqlite_errorname = code, "SQLITE_IOERR_FSYNC"
            raise error

    first = await used()
    assert await used() is first
    event.listen(Engine, "do_execute", fail)
    try:
        with pytest.raises(StoreError, match="SQLITE_IOERR_FSYNC"):
            await used()
    finally:
        event.remove(Engine, "do_execute", fail)

    assert await used() is not first


async def test_room_keeps_a_reserve(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice the message must be free, 64 MB at least, and a name for a file."""
    mb = 1024 * 1024

    def disk(free_bytes: int, names: int = 100, all_names: int = 1000) -> None:
        values = [4096, 4096, 0, 0, free_bytes // 4096, all_names, 0, names, 0, 255]
        monkeypatch.setattr(os, "statvfs", lambda _: os.statvfs_result(values))

    disk(64 * mb)
    assert database.room(mb)
    assert database.room(32 * mb)
    assert not database.room(33 * mb)
    disk(64 * mb - 4096)
    assert not database.room(mb)
    disk(64 * mb, names=0)
    assert not database.room(mb)
    disk(64 * mb, names=0, all_names=0)
    assert database.room(mb)


async def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    """An old Guard must not write what a new one has arranged differently."""
    database = await Database.open("sqlite:///guard.db", folder=tmp_path)
    async with database.write() as conn:
        await conn.execute(text("UPDATE schema_version SET version = 1000"))
    await database.close()

    with pytest.raises(StoreError, match="made by a newer Guard"):
        await Database.open("sqlite:///guard.db", folder=tmp_path)


async def test_many_open_a_new_database_at_once(tmp_path: Path) -> None:
    """Workers that start together make the tables once."""
    opened = await asyncio.gather(
        *(Database.open("sqlite:///guard.db", folder=tmp_path) for _ in range(4))
    )

    for database in opened:
        async with database.read() as conn:
            assert await conn.scalar(text("SELECT version FROM schema_version")) == SCHEMA_VERSION
        await database.close()


@pytest.mark.parametrize("mode", [0o644, 0o660, 0o604])
async def test_an_open_file_is_refused_with_the_remedy(tmp_path: Path, mode: int) -> None:
    """R-J2: others on the machine may not even read it."""
    path = tmp_path / "guard.db"
    path.touch()
    path.chmod(mode)

    with pytest.raises(StoreError, match=f"chmod 600 {path}"):
        await Database.open("sqlite:///guard.db", folder=tmp_path)


@pytest.mark.parametrize("end", ["-wal", "-shm", "-journal"])
async def test_what_stands_beside_the_file_is_private_too(
    database: Database, tmp_path: Path, end: str
) -> None:
    """R-J2: the log has the same mail in it, and a copy by hand may have lost its permissions."""
    beside = tmp_path / f"guard.db{end}"
    beside.touch()
    beside.chmod(0o640)

    with pytest.raises(StoreError, match=f"chmod 600 {beside}"):
        await Database.open("sqlite:///guard.db", folder=tmp_path)


async def test_a_log_without_its_database_is_refused(tmp_path: Path) -> None:
    """SQLite would play what an old log says into the new, empty file."""
    (tmp_path / "guard.db-wal").touch(0o600)

    with pytest.raises(StoreError, match="restore both or neither"):
        await Database.open("sqlite:///guard.db", folder=tmp_path)

    assert not (tmp_path / "guard.db").exists()


def test_a_folder_that_all_may_change_is_refused(tmp_path: Path) -> None:
    """R-J2: there others could put a file in the place of ours; not so under the sticky bit."""
    for mode in (0o777, 0o770, 0o702):
        tmp_path.chmod(mode)
        with pytest.raises(StoreError, match=f"chmod 700 {tmp_path}"):
            sqlite.prepare_file(tmp_path / "guard.db")

    tmp_path.chmod(0o1777)
    sqlite.prepare_file(tmp_path / "guard.db")


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "mysql://h/db", "guard.db", "", "oracle://h/db"]
)
async def test_other_databases_are_refused(url: str) -> None:
    """What could not keep mail, or is no address at all, is refused before anything is made."""
    with pytest.raises(StoreError):
        await Database.open(url)


async def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    """A foreign file is neither used nor changed."""
    path = tmp_path / "guard.db"
    path.write_bytes(b"not a database, but a letter to somebody\n" * 100)
    path.chmod(0o600)
    before = path.read_bytes()

    with pytest.raises(StoreError, match=r"guard\.db: is no SQLite database.*SQLITE_NOTADB"):
        await Database.open("sqlite:///guard.db", folder=tmp_path)

    assert path.read_bytes() == before


def test_naive_times_are_refused() -> None:
    """A time without a zone would be read as another moment somewhere."""
    naive = datetime.now(UTC).replace(tzinfo=None)
    with pytest.raises(ValueError, match="naive"):
        Instant().process_bind_param(naive, dialect())


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(IntegrityError("INSERT", {}, Exception(f"row contains ({CANARY})")), id="row"),
        pytest.param(DataError("INSERT", {}, Exception(f"invalid: {CANARY}")), id="value"),
    ],
)
def test_what_a_database_repeats_is_left_out(error: SQLAlchemyError) -> None:
    """PostgreSQL shows the row that it refuses; nobody else does."""
    with pytest.raises(StoreError) as failed, store_errors():
        raise error

    assert failed.value.__suppress_context__
    assert failed.value.__cause__ is None


async def test_values_stay_out_of_errors(database: Database) -> None:
    """Neither the error nor anything that it came from repeats a value."""

    async def fail() -> None:
        async with database.write() as conn:
            await conn.execute(text("UPDATE nowhere SET name = :name"), {"name": CANARY})

    with pytest.raises(StoreError, match="SQLITE_ERROR") as failed:
        await fail()

    told = "".join(traceback.format_exception(failed.value))
    assert "nowhere" in told
    assert CANARY not in told


MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
server:/home /home nfs4 rw 0 0
tmpfs /home/yamada/local tmpfs rw 0 0
server:/x /srv/my\\040mail cifs rw 0 0
proc /srv/twice nfs rw 0 0
/dev/sdb1 /srv/twice xfs rw 0 0
host /mnt/c 9p rw 0 0
me@there:/ /mnt/there fuse.sshfs rw 0 0
bucket /mnt/bucket fuse.s3fs rw 0 0
/dev/sdc1 /mnt/cluster ocfs2 rw 0 0
/dev/sdd1 /mnt/stick fuseblk rw 0 0
share /mnt/tab\\011stop ceph rw 0 0
guest /mnt/guest virtiofs rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib/guard", None),
        ("/home/yamada", "nfs4"),
        ("/home/yamada/local/guard", None),
        ("/homestead", None),
        ("/srv/my mail", "cifs"),
        ("/srv/twice", None),
        ("/mnt/c/guard", "9p"),
        ("/mnt/there", "fuse.sshfs"),
        ("/mnt/bucket", "fuse.s3fs"),
        ("/mnt/cluster", "ocfs2"),
        ("/mnt/stick", None),
        ("/mnt/tab\tstop", "ceph"),
        ("/mnt/guest", None),
    ],
)
def test_network_mounts_are_seen(path: str, kind: str | None) -> None:
    """R-K5: the nearest mount counts; a name that only begins alike does not."""
    assert shared_mount(Path(path), MOUNTS) == kind


@pytest.mark.parametrize("how", ["deleted", "replaced"])
async def test_a_file_that_is_gone_takes_nothing(
    database: Database, tmp_path: Path, how: str
) -> None:
    """What is written to a deleted file is gone with the process: nothing may count as kept."""
    path = tmp_path / "guard.db"
    path.rename(tmp_path / "moved.db")
    if how == "replaced":
        path.write_bytes((tmp_path / "moved.db").read_bytes())
        path.chmod(0o600)

    with pytest.raises(StoreError, match="start again"):
        async with database.write():
            pass
    path.unlink(missing_ok=True)
    (tmp_path / "moved.db").rename(path)
    async with database.write():
        pass
