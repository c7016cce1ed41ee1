"""Ways in: whom networks cover, sockets that are handed over, and too few file handles."""

import asyncio
import errno
import socket
from pathlib import Path

import pytest
import structlog
from front import Client, deliver, front, pool_to
from smarthost import Smarthost

from guard.config import Listen, Settings
from guard.model.errors import SettingsError
from guard.submission import SubmissionServer
from guard.submission.entry.listener import Networks


@pytest.mark.parametrize(
    ("peer", "covered"),
    [
        ("192.0.2.7", True),
        ("192.0.3.7", False),
        ("::ffff:192.0.2.7", True),
        ("2001:db8::7", True),
        ("2001:db9::7", False),
        ("fe80::1%eth0", True),
        ("", False),
        ("unknown", False),
    ],
)
def test_networks(peer: str, covered: bool) -> None:
    """IPv4 also in the guise of IPv6; what is no address is in no network."""
    assert (peer in Networks(("192.0.2.0/24", "2001:db8::/32", "fe80::/10"))) is covered


async def test_sockets_that_are_handed_over() -> None:
    """A supervisor's or systemd's sockets take the place of our own, by the address as written."""
    inherited = socket.create_server(("127.0.0.1", 0))
    port = inherited.getsockname()[1]
    settings = Settings(listen=(Listen(address="localhost:2525"), Listen(address="127.0.0.1:0")))
    async with Smarthost() as smarthost, pool_to(smarthost.address) as pool:
        server = SubmissionServer(settings, pool, deliver)
        await server.start({"localhost:2525": [inherited]})
        try:
            assert server.addresses[0] == ("127.0.0.1", port)
            assert server.addresses[1][1] not in {0, 2525, port}
            async with await Client.greeted(server) as client:
                assert (await client.ask("NOOP")).startswith("250 ")
        finally:
            await server.stop(0)
    assert inherited.fileno() == -1


async def test_a_bad_certificate_refuses_the_start(tmp_path: Path) -> None:
    """R-B11: before anything is bound."""
    listen = Listen(address="127.0.0.1:0", tls="starttls", certificate=tmp_path / "none.pem")
    async with Smarthost() as smarthost, pool_to(smarthost.address) as pool:
        with pytest.raises(SettingsError, match=r"none\.pem"):
            SubmissionServer(Settings(listen=(listen,)), pool, deliver)


async def test_too_few_file_handles(monkeypatch: pytest.MonkeyPatch) -> None:
    """R-B7: clients wait at the listener until there are some again; nobody is lost."""
    monkeypatch.setattr("guard.submission.entry.listener.BREATH_S", 0.01)
    async with Smarthost() as smarthost, front(smarthost.address) as server:
        (listener,) = server._listeners
        (real,) = listener.sockets
        short = _Short(real, failures=2)
        loop = asyncio.get_running_loop()
        loop.remove_reader(real)
        listener._watch(short)
        with structlog.testing.capture_logs() as logs:
            async with await Client.greeted(server) as client:
                assert (await client.ask("NOOP")).startswith("250 ")
        assert [line["error"] for line in logs if line["event"] == "clients.not_taken"] == [
            "EMFILE"
        ] * 2


class _Short:
    """A listening socket in a process without file handles to spare."""

    def __init__(self, real: socket.socket, failures: int) -> None:
        self._real = real
        self._failures = failures

    def fileno(self) -> int:
        return self._real.fileno()

    def accept(self) -> tuple[socket.socket, tuple[str, int]]:
        if self._failures:
            self._failures -= 1
            raise OSError(errno.EMFILE, "Too many open files")
        return self._real.accept()
