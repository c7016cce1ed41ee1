"""
How a guard lives: workers, signals, certificates, systemd. Processes as an administrator has them.

R-A8 and what stands around it.
"""

import asyncio
import os
import re
import signal
import smtplib
import socket
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from certificates import Authority
from front import Client
from loopback import free_ports
from smarthost import Smarthost

SENDER = "yamada@example.co.jp"
KNOWN = "sato@kita-shoji.example"

SETTINGS = """
policies = "policies"
drain_s = {drain}
[[listen]]
address = "127.0.0.1:{smtp}"
{listen}
[limits]
command_s = 60
[upstream]
address = "{upstream}"
[web]
address = "127.0.0.1:{web}"
public_url = "http://127.0.0.1:{web}"
[admin]
address = "127.0.0.1:{admin}"
[notices]
from = "Mail check <guard@example.co.jp>"
"""

POLICY = """\
guard: 1
mode: watch
us:
  domains: [example.co.jp]
"""


class House:
    """A folder with settings, and a guard that is started from it."""

    def __init__(self, folder: Path, smarthost: Smarthost) -> None:
        self.folder = folder
        self.smarthost = smarthost
        self.smtp, self.web, self.admin = free_ports(3)
        self.process: subprocess.Popen[bytes] | None = None
        (folder / "policies").mkdir()
        (folder / "policies" / "main.yaml").write_text(POLICY)
        self.settings()

    def settings(self, *, listen: str = "", drain: float = 30) -> None:
        """Write guard.toml."""
        text = SETTINGS.format(
            smtp=self.smtp,
            web=self.web,
            admin=self.admin,
            upstream=self.smarthost.address,
            listen=listen,
            drain=drain,
        )
        (self.folder / "guard.toml").write_text(text, "utf-8")

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def spawn(self, *words: str, before: tuple[str, ...] = (), **more: object) -> None:
        """Start `guard run`, without waiting."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*before, sys.executable, "-m", "guard", "run", *words],
                cwd=self.folder,
                stdout=subprocess.DEVNULL,
                stderr=log,
                **more,
            )

    async def start(self, *words: str, **more: object) -> None:
        """Start `guard run`, and wait until all of it serves."""
        self.spawn(*words, **more)
        await self.until(lambda: "mail in" in self.log)

    async def until(self, condition, timeout_s: float = 30) -> None:
        """Wait until *condition* holds, as long as the guard lives."""
        async with asyncio.timeout(timeout_s):
            while not await asyncio.to_thread(condition):
                assert self.process.poll() is None, self.log
                await asyncio.sleep(0.02)

    async def ended(self) -> int:
        """Wait for the end, and give the exit code."""
        return await asyncio.to_thread(self.process.wait, 60)

    async def stop(self) -> int:
        """Ask it to end, and give its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return await self.ended()

    @property
    def workers(self) -> set[int]:
        """Process ids of the workers: forked, so that they have the supervisor's command line."""
        pid = self.process.pid
        own = Path(f"/proc/{pid}/cmdline").read_bytes()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return {int(each) for each in children if Path(f"/proc/{each}/cmdline").read_bytes() == own}

    def metric(self, name: str) -> float:
        """The sum of a metric's samples, as /metrics shows it now."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.admin}/metrics", timeout=10) as page:
            text = page.read().decode()
        found = re.findall(rf"(?m)^{name}(?:{{[^}}]*}})? (\S+)$", text)
        return sum(map(float, found))

    def client(self, **options) -> smtplib.SMTP:
        return smtplib.SMTP("127.0.0.1", self.smtp, timeout=30, **options)


@asynccontextmanager
async def housed(folder: Path) -> AsyncIterator[House]:
    folder.chmod(0o700)
    async with Smarthost() as smarthost:
        house = House(folder, smarthost)
        try:
            yield house
        finally:
            if house.process is not None and house.process.poll() is None:
                house.process.kill()
                await house.ended()
            assert smarthost.violations == []


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with housed(tmp_path) as made:
        yield made


def mail(number: int = 0) -> bytes:
    return f"From: {SENDER}\r\nTo: {KNOWN}\r\nSubject: No. {number}\r\n\r\nHello\r\n".encode()


def send(house: House, number: int = 0) -> bool:
    """Hand in one mail; whether it was taken."""
    try:
        with house.client() as client:
            client.sendmail(SENDER, [KNOWN], mail(number))
    except (smtplib.SMTPException, OSError):
        return False
    return True


async def test_workers_share_the_port(house: House) -> None:
    """Three processes, one guard: mail by each of them arrives, and /metrics shows the sum."""
    await house.start("--workers", "3")
    workers = house.workers
    assert len(workers) == 3

    for number in range(24):
        assert await asyncio.to_thread(send, house, number)
    await house.smarthost.wait_for(24)

    assert house.log.count('"guard.started"') == 3
    assert await asyncio.to_thread(house.metric, "guard_messages_total") == 24
    assert await asyncio.to_thread(house.metric, "guard_policy_last_reload_successful") == 1
    assert 0 <= await asyncio.to_thread(house.metric, "guard_event_loop_lag_seconds") < 30
    assert await house.stop() == 0
    assert house.log.count('"guard.stopped"') == 3


async def test_a_killed_worker_loses_no_mail(house: House) -> None:
    """R-A1: under load one dies at once; what was acknowledged arrived, and another follows."""
    await house.start("--workers", "2")
    before = house.workers
    acknowledged: set[int] = set()
    numbers = iter(range(10_000))
    enough = asyncio.Event()

    async def load() -> None:
        while not enough.is_set():
            number = next(numbers)
            if await asyncio.to_thread(send, house, number):
                acknowledged.add(number)

    async with asyncio.TaskGroup() as clients:
        for _ in range(4):
            clients.create_task(load())
        await house.smarthost.wait_for(10, 30)
        victim = min(before)
        os.kill(victim, signal.SIGKILL)
        await house.until(lambda: victim not in house.workers and len(house.workers) == 2)
        await house.until(lambda: house.log.count('"guard.started"') == 3)
        await house.smarthost.wait_for(len(house.smarthost.messages) + 10, 30)
        enough.set()

    arrived = {
        int(re.search(rb"Subject: No\. (\d+)", each.octets)[1]) for each in house.smarthost.messages
    }
    assert acknowledged <= arrived
    assert '"worker.died"' in house.log
    assert await asyncio.to_thread(house.metric, "guard_messages_total") >= len(acknowledged)
    assert await house.stop() == 0


@pytest.mark.parametrize("words", [(), ("--workers", "2")], ids=["alone", "workers"])
async def test_data_is_finished(house: House, words: tuple[str, ...]) -> None:
    """R-A8: SIGTERM in the middle of DATA: 421 to who is idle, 250 to who is not; exit 0."""
    await house.start(*words)
    idle, at_work = await connected(house), await connected(house)
    for line in ("EHLO c.test", f"MAIL FROM:<{SENDER}>", f"RCPT TO:<{KNOWN}>", "DATA"):
        await at_work.ask(line)
    at_work.send(mail()[:40])

    house.process.send_signal(signal.SIGTERM)
    assert (await idle.reply())[0].startswith("421")
    await house.until(lambda: refuses(house.smtp))
    assert (await at_work.ask(mail()[40:] + b".\r\n")).startswith("250")

    assert await house.ended() == 0
    assert len(house.smarthost.messages) == 1
    for client in (idle, at_work):
        client.writer.close()


async def connected(house: House) -> Client:
    """A client that was greeted."""
    client = Client(*await asyncio.open_connection("127.0.0.1", house.smtp))
    assert (await client.reply())[0].startswith("220")
    return client


def refuses(port: int) -> bool:
    """Whether nobody listens any more."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=10).close()
    except ConnectionRefusedError:
        return True
    return False


async def test_a_second_signal_ends_at_once(house: House) -> None:
    """R-A8: whoever will not wait need not."""
    await house.start()
    client = await connected(house)
    for line in ("EHLO c.test", f"MAIL FROM:<{SENDER}>", f"RCPT TO:<{KNOWN}>", "DATA"):
        await client.ask(line)
    house.process.send_signal(signal.SIGTERM)
    await house.until(lambda: '"guard.stopping"' in house.log)
    house.process.send_signal(signal.SIGTERM)

    assert await house.ended() == 128 + signal.SIGTERM
    client.writer.close()


@pytest.mark.parametrize("words", [(), ("--workers", "2")], ids=["alone", "workers"])
async def test_a_reload_comes_too_early(house: House, words: tuple[str, ...]) -> None:
    """R-A8: SIGHUP while settings are still read does not end the start."""
    settings = house.folder / "guard.toml"
    text = settings.read_text("utf-8")
    settings.unlink()
    os.mkfifo(settings)
    house.spawn(*words)
    with await asyncio.to_thread(settings.open, "w", encoding="utf-8") as pipe:  # it reads now
        house.process.send_signal(signal.SIGHUP)
        pipe.write(text)
    await house.until(lambda: "mail in" in house.log)

    assert await house.stop() == 0


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        pytest.param({"LISTEN_FDS": "many"}, "LISTEN_FDS  is no number", id="no number"),
        pytest.param({"LISTEN_FDS": "99"}, "descriptor 3 is no socket", id="too many"),
    ],
)
async def test_sockets_that_are_none(house: House, environ: dict[str, str], message: str) -> None:
    """R-A8: what systemd would have to set otherwise is told, and ends the start with 78."""
    ours = ("bash", "-c", 'export LISTEN_PID=$$; exec "$@"', "bash")
    house.spawn(before=ours, env={**os.environ, **environ})

    assert await house.ended() == 78
    assert message in house.log
    assert "Traceback" not in house.log


@pytest.mark.parametrize("words", [(), ("--workers", "2")], ids=["alone", "workers"])
async def test_a_reload_swaps_the_policy(house: House, words: tuple[str, ...]) -> None:
    """SIGHUP: every process takes the new policy, and a bad one is passed over and told."""
    await house.start(*words)
    count = 2 if words else 1
    policy = house.folder / "policies" / "main.yaml"
    policy.write_text(POLICY.replace("example.co.jp", "example.com"))
    house.process.send_signal(signal.SIGHUP)
    await house.until(lambda: house.log.count('"policy.loaded"') >= count)
    policy.write_text("guard: 1\nmode: wach\n")
    house.process.send_signal(signal.SIGHUP)
    await house.until(lambda: house.log.count('"policy.refused"') >= count)

    assert await asyncio.to_thread(house.metric, "guard_policy_last_reload_successful") == 0
    assert await asyncio.to_thread(send, house)
    assert await house.stop() == 0


@pytest.mark.parametrize("words", [(), ("--workers", "2")], ids=["alone", "workers"])
async def test_a_reload_swaps_the_certificate(house: House, words: tuple[str, ...]) -> None:
    """R-B11: SIGHUP gives new clients the new one, by every process; sessions go on."""
    authority = Authority(house.folder)
    file, shown = house.folder / "served.pem", house.folder / "localhost.pem"
    authority.server_context()
    file.write_bytes(shown.read_bytes())
    house.settings(listen=f'tls = "implicit"\ncertificate = "{file}"')
    await house.start(*words)
    old = await asyncio.to_thread(certificate, house.smtp, authority)
    reader, writer = await asyncio.open_connection(
        "localhost", house.smtp, ssl=ssl.create_default_context(cafile=authority.file)
    )
    await reader.readline()

    authority.server_context()
    file.write_bytes(shown.read_bytes())
    house.process.send_signal(signal.SIGHUP)
    await house.until(lambda: house.log.count('"policy.loaded"') == len(words or ("one",)))
    await house.until(lambda: old not in shown_to_many(house.smtp, authority))
    writer.write(b"NOOP\r\n")

    assert len(await asyncio.to_thread(shown_to_many, house.smtp, authority)) == 1
    assert (await reader.readline()).startswith(b"250")
    writer.close()
    assert await house.stop() == 0


def certificate(port: int, authority: Authority) -> bytes:
    """The certificate that a client is shown."""
    context = ssl.create_default_context(cafile=authority.file)
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as wrapped,
    ):
        return wrapped.getpeercert(binary_form=True)


def shown_to_many(port: int, authority: Authority) -> set[bytes]:
    """What sixteen clients are shown: enough to meet each of two workers."""
    return {certificate(port, authority) for _ in range(16)}


@pytest.mark.parametrize("words", [(), ("--workers", "2")], ids=["alone", "workers"])
async def test_a_start_that_cannot_be_is_told(house: House, words: tuple[str, ...]) -> None:
    """R-I1: a bad policy ends it with 78, a taken port with 69; with words, not a traceback."""
    policy = house.folder / "policies" / "main.yaml"
    policy.write_text("guard: 1\nmode: wach\n")
    house.spawn(*words)
    assert await house.ended() == 78
    assert "wach" in house.log

    policy.write_text(POLICY)
    with socket.create_server(("127.0.0.1", house.smtp)):
        house.spawn(*words)
        assert await house.ended() == 69
    assert "is another guard running?" in house.log
    assert "Traceback" not in house.log


async def test_one_guard_on_a_database(house: House) -> None:
    """R-K5: workers share it, a second guard does not, and neither while workers outlive theirs."""
    await house.start("--workers", "2")
    first = house.process
    house.smtp, house.web, house.admin = free_ports(3)
    house.settings()
    house.spawn("--workers", "2")
    try:
        assert await house.ended() == 69
        assert "another guard is running on this database" in house.log
    finally:
        first.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(first.wait, 60) == 0


PARENT = """
import os, socket, sys
sockets = [socket.create_server(("127.0.0.1", int(port))) for port in sys.argv[1].split(",")]
os.environ["LISTEN_PID"], os.environ["LISTEN_FDS"] = str(os.getpid()), str(len(sockets))
os.environ["LISTEN_FDNAMES"] = ":".join(f"guard{n}" for n in range(len(sockets)))
keep = [os.dup2(each.fileno(), 100 + n) for n, each in enumerate(sockets)]
for n, fd in enumerate(keep):
    os.dup2(fd, 3 + n)
os.execv(sys.argv[2], sys.argv[2:])
"""


@pytest.mark.parametrize("words", [(), ("--workers", "2")], ids=["alone", "workers"])
async def test_sockets_of_systemd_are_served(house: House, words: tuple[str, ...]) -> None:
    """Those that were handed over are used, and what was not is bound."""
    ports = f"{house.smtp},{house.web}"
    await house.start(*words, before=(sys.executable, "-c", PARENT, ports))

    assert await asyncio.to_thread(send, house)
    with pytest.raises(urllib.error.HTTPError, match="404"):
        await asyncio.to_thread(urllib.request.urlopen, f"http://127.0.0.1:{house.web}/m/x")
    assert await asyncio.to_thread(house.metric, "guard_messages_total") == 1
    assert await house.stop() == 0


async def test_a_socket_too_many_is_told(house: House) -> None:
    """One that no setting names would be a door that nobody watches: 78."""
    (other,) = free_ports(1)
    house.spawn(before=(sys.executable, "-c", PARENT, f"{house.smtp},{other}"))

    assert await house.ended() == 78
    assert "guard1" in house.log
    assert str(other) in house.log


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    """A socket such as systemd's."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(tmp_path / "notify"))
        heard.settimeout(30)
        yield heard


@pytest.mark.parametrize("words", [(), ("--workers", "2")], ids=["alone", "workers"])
async def test_systemd_hears(house: House, manager: socket.socket, words: tuple[str, ...]) -> None:
    """READY when all serve, RELOADING and READY, WATCHDOG while the loop turns, STOPPING."""

    async def told(word: str) -> str:
        while not (text := (await asyncio.to_thread(manager.recv, 4096)).decode()).startswith(word):
            pass
        return text

    environ = {
        **os.environ,
        "NOTIFY_SOCKET": str(house.folder / "notify"),
        "WATCHDOG_USEC": "20000000",
    }
    house.spawn(*words, env=environ)
    await told("READY=1")
    assert await asyncio.to_thread(send, house)  # it is so
    house.process.send_signal(signal.SIGHUP)
    await told("RELOADING=1\nMONOTONIC_USEC=")
    await told("READY=1")
    await told("WATCHDOG=1")
    house.process.send_signal(signal.SIGTERM)
    await told("STOPPING=1")

    assert await house.ended() == 0
