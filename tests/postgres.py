"""
A PostgreSQL for tests: a server of their own, on loopback, that can be stopped and killed.

    server = await asyncio.to_thread(Server.made, folder)
    url = server.database()             # an empty one, for this test alone
    server.stop(); server.start()       # all data is kept

PostgreSQL refuses to run as root; then it runs as the user that its Debian package makes.
"""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import pytest

FOLDERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
PATH = os.pathsep.join([os.environ.get("PATH", ""), *map(str, FOLDERS)])
INITDB = shutil.which("initdb", path=PATH)
USER = "postgres"

SETTINGS = (
    "unix_socket_directories=",
    "shared_buffers=16MB",
    "max_connections=100",
    "log_min_messages=fatal",
    "max_wal_size=256MB",
)


def needed() -> None:
    """Skip the test where PostgreSQL is missing; in CI that is a failure."""
    if INITDB is not None and (os.getuid() != 0 or _user() is not None):
        return
    missing = "postgresql (Debian) is not installed"
    if os.environ.get("CI") == "true":
        pytest.fail(missing)
    pytest.skip(missing)


class Server:
    """One server. Its data survives `stop` and `kill`, and goes with `remove`."""

    def __init__(self, folder: Path, *, durable: bool) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.port = _free_port()
        self._durable = durable
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    def made(cls, *, durable: bool = False) -> Self:
        """
        Make a server and start it; not *durable*, it forgoes the syncs that only a power cut needs.
        """
        # Its user has to get there, which a folder of pytest's would not let it.
        folder = Path(tempfile.mkdtemp(prefix="guard-postgres-"))
        if (user := _user()) is not None and os.getuid() == 0:
            os.chown(folder, user.pw_uid, user.pw_gid)
        server = cls(folder, durable=durable)
        try:
            server._run(
                "initdb", "-D", str(server.data), "-U", USER, "-A", "trust", "-E", "UTF8", "-N"
            )
            server.start()
        except BaseException:
            server.remove()
            raise
        return server

    @property
    def url(self) -> str:
        """The address of the database that is always there."""
        return self._url("postgres")

    def database(self) -> str:
        """Make an empty database and give its address."""
        name = f"guard_{secrets.token_hex(6)}"
        self.sql(f"CREATE DATABASE {name}")
        return self._url(name)

    def sql(self, statement: str, database: str = "postgres") -> str:
        """Have a statement done from outside, and give what it prints."""
        words = ["psql", "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", statement]
        return self._run(*words, "-d", f"postgresql://{USER}@127.0.0.1:{self.port}/{database}")

    def start(self) -> None:
        """Start it, and wait until it answers."""
        settings = [*SETTINGS, f"port={self.port}", "listen_addresses=127.0.0.1"]
        if not self._durable:
            settings += ["fsync=off", "full_page_writes=off"]
        words = [word for setting in settings for word in ("-c", setting)]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [_program("postgres"), "-D", str(self.data), *words],
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
                **_as_user(),
            )
        while True:
            assert self._process.poll() is None, (self.folder / "log").read_text("utf-8")
            try:
                self.sql("SELECT 1")
            except subprocess.CalledProcessError:
                continue
            return

    def stop(self) -> None:
        """Stop it at once, as an administrator would: every connection is cut (fast shutdown)."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """Have it die without tidying up (immediate shutdown); it recovers at its start."""
        self._end(signal.SIGQUIT)

    def cut_connections(self, database: str) -> None:
        """End every connection to *database* from the server's side."""
        self.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"  # noqa: S608 -- our own name
            f" WHERE datname = '{database}' AND pid <> pg_backend_pid()"
        )

    def remove(self) -> None:
        """Stop it and remove all of it."""
        if self._process is not None and self._process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _end(self, by: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(by)
        self._process.wait(30)

    def _url(self, name: str) -> str:
        return f"postgresql+psycopg://{USER}@127.0.0.1:{self.port}/{name}"

    def _run(self, program: str, *words: str) -> str:
        done = subprocess.run(
            [_program(program), *words],
            check=True,
            capture_output=True,
            text=True,
            cwd="/",
            **_as_user(),
        )
        return done.stdout.strip()


@contextmanager
def postgres(*, durable: bool = False) -> Iterator[Server]:
    """A server for the block."""
    needed()
    server = Server.made(durable=durable)
    try:
        yield server
    finally:
        server.remove()


def _program(name: str) -> str:
    found = shutil.which(name, path=PATH)
    assert found is not None, name
    return found


def _user() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(USER)
    except KeyError:
        return None


def _as_user() -> dict[str, int | Sequence[int]]:
    user = _user()
    if os.getuid() != 0 or user is None:
        return {}
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
