"""The supervisor with workers that do what a test wants, as processes of their own."""

import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.timeout(30)

SCRIPT = """
import os, signal, socket, sys, time
from guard.host import metrics
with metrics.counted_together():
    from guard.service import seat, supervisor
    from guard.config import Settings
    from guard.config.mail import Listen
    from guard.config.schema import Admin, Web
    from guard.host.listening import bound
    from guard.service.supervisor import Supervisor
    from guard.host.systemd import ServiceManager
    from guard.telemetry import configure

    configure()
    shares = bound(Settings(
        listen=(Listen(address="127.0.0.1:0"),), web=Web(address="127.0.0.1:0"),
        admin=Admin(address="127.0.0.1:0"),
    ), shares=2)

    def told(*words):  # in one piece: others write to the same pipe
        os.write(1, (" ".join(map(str, words)) + "\\n").encode())

    def work(sockets, link):
        channel = link._channel
        channel.setblocking(True)
        def say(*words):
            told(*words, os.getpid())
        def order():
            try:
                return channel.recv(10)
            except ConnectionResetError:  # it died with our words unread
                return b""
        {work}

    supervisor.TICK_S = 0.02
    supervisor.STUCK_S = {stuck}
    supervisor.MARGIN_S = 0
    sys.exit(Supervisor(
        shares, work, drain_s={drain}, manager=ServiceManager.of(os.environ),
        started=lambda: told("started"),
    ).run())
"""

SERVE = """
        link.ready()
        say("serving", len(list(sockets)))
        while order():
            say("reloading")
            link.ready()
        say("ending")
"""


class Running:
    """A supervisor, with what its workers say."""

    def __init__(self, work: str, *, stuck: float = 60, drain: float = 30, **environ: str) -> None:
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                SCRIPT.replace("{work}", work.strip()).format(stuck=stuck, drain=drain),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **environ},
        )
        self.said: list[str] = []

    def until(self, pattern: str, count: int = 1) -> list[str]:
        """Read until *count* lines match, and give what the group of each was."""
        assert self.process.stdout is not None
        found: list[str] = []
        for line in iter(self.process.stdout.readline, ""):
            self.said.append(line.strip())
            if match := re.fullmatch(pattern, line.strip()):
                found.append(match[1] if match.re.groups else line.strip())
                if len(found) == count:
                    return found
        pytest.fail(f"{pattern} not said {count} times: {self.said}\n{self.process.stderr.read()}")

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def end(self) -> tuple[int, str]:
        """Wait for the end; give the exit code and what was logged."""
        # Not `communicate`, which would miss what `readline` has already in its buffer.
        self.said += self.process.stdout.read().splitlines()
        return self.process.wait(), self.process.stderr.read()


@pytest.fixture
def running() -> Iterator[type[Running]]:
    """Start supervisors that do not outlive the test."""
    started: list[Running] = []

    def start(*args, **options) -> Running:
        started.append(Running(*args, **options))
        return started[-1]

    yield start
    for each in started:
        each.process.kill()
        each.process.communicate()


def alive(pid: str) -> bool:
    """Whether a process runs; one that ended and is not yet waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_all_serve_and_all_end(running) -> None:
    """R-A8: on SIGTERM every worker is asked to finish, and the exit code is 0."""
    guard = running(SERVE)
    guard.until(r"started")
    guard.signal(signal.SIGTERM)
    code, _ = guard.end()

    assert code == 0
    assert sum(line.startswith("ending") for line in guard.said) == 2
    assert {line.split()[1] for line in guard.said if line.startswith("serving")} == {"3"}


def test_a_worker_that_dies_is_replaced(running) -> None:
    """At once the first time, on the same seat; the other one does not notice."""
    guard = running(SERVE)
    first, second = guard.until(r"serving 3 (\d+)", 2)
    os.kill(int(first), signal.SIGKILL)
    (third,) = guard.until(r"serving 3 (\d+)")
    guard.signal(signal.SIGTERM)
    code, logged = guard.end()

    assert code == 0
    assert len({first, second, third}) == 3
    assert {f"ending {second}", f"ending {third}"} <= set(guard.said)
    (died,) = (line for line in logged.splitlines() if "worker.died" in line)
    assert "signal 9" in died


def test_a_reload_reaches_all(running) -> None:
    """SIGHUP to the supervisor is enough."""
    guard = running(SERVE)
    guard.until(r"started")
    guard.signal(signal.SIGHUP)
    assert len(set(guard.until(r"reloading (\d+)", 2))) == 2
    guard.signal(signal.SIGINT)

    assert guard.end()[0] == 0


def test_a_reload_comes_too_early(running) -> None:
    """R-A8: SIGHUP to a worker that has read nothing yet does not end it; nor does Ctrl-C."""
    guard = running(
        """
        os.kill(os.getpid(), signal.SIGHUP)
        os.kill(os.getpid(), signal.SIGINT)
        link.ready()
        say("serving")
        while order(): pass
        """
    )
    guard.until(r"serving (\d+)", 2)
    guard.signal(signal.SIGTERM)

    code, logged = guard.end()
    assert code == 0
    assert "worker.died" not in logged


def test_a_start_that_fails_ends_all(running) -> None:
    """The exit code of the first worker is the supervisor's: 78 keeps systemd from trying again."""
    guard = running("sys.exit(78)")

    assert guard.end()[0] == 78


def test_a_bug_at_the_start_ends_all(running) -> None:
    """Not 0, and what happened is in the log."""
    code, logged = running("1 / 0").end()

    assert code == 1
    assert "ZeroDivisionError" in logged


def test_workers_do_not_outlive_their_supervisor(running) -> None:
    """Killed without a word, it takes no leave; they finish their work and end."""
    guard = running(SERVE)
    pids = guard.until(r"serving 3 (\d+)", 2)
    guard.process.kill()
    guard.until(r"ending (\d+)", 2)
    deadline = time.monotonic() + 10
    while any(map(alive, pids)) and time.monotonic() < deadline:
        select.select([], [], [], 0.01)

    assert not any(map(alive, pids))


def test_one_that_will_not_end_is_killed(running) -> None:
    """After `drain_s` and a margin; the exit is still in good order."""
    guard = running(
        """
        link.ready()
        say("serving")
        while True: signal.pause()
        """,
        drain=0.05,
    )
    pids = guard.until(r"serving (\d+)", 2)
    guard.signal(signal.SIGTERM)
    code, logged = guard.end()

    assert code == 0
    assert "worker.cut" in logged
    assert not any(map(alive, pids))


def test_a_second_signal_ends_at_once(running) -> None:
    """Whoever presses Ctrl-C twice does not want to wait."""
    guard = running(
        """
        link.ready()
        say("serving")
        channel.recv(10)
        say("ending")
        while True: signal.pause()
        """
    )
    guard.until(r"started")
    guard.signal(signal.SIGTERM)
    guard.until(r"ending \d+", 2)
    guard.signal(signal.SIGTERM)

    assert guard.end()[0] == 128 + signal.SIGTERM


def test_a_stuck_worker_is_replaced(running, tmp_path: Path) -> None:
    """One that gives no sign of life for too long is killed, and its seat taken again."""
    (tmp_path / "stuck").touch()
    guard = running(
        """
        link.ready()
        say("serving")
        try:
            os.unlink(os.environ["STUCK"])
        except FileNotFoundError:
            pass
        else:
            while True: signal.pause()
        channel.settimeout(0.1)
        while True:
            try:
                if not order(): break
            except TimeoutError:
                link.alive()
        """,
        stuck=1,
        STUCK=str(tmp_path / "stuck"),
    )
    guard.until(r"serving (\d+)", 3)
    guard.signal(signal.SIGTERM)
    code, logged = guard.end()

    assert code == 0
    assert logged.count("worker.stuck") == 1
    assert "signal 9" in logged


def test_systemd_is_told(running, tmp_path: Path) -> None:
    """READY once all serve, RELOADING and READY around a reload, signs of life, STOPPING."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(tmp_path / "notify"))
        heard.settimeout(20)
        guard = running(
            SERVE.replace('say("reloading")', "say('reloading', dict(os.environ).keys())"),
            NOTIFY_SOCKET=str(tmp_path / "notify"),
            WATCHDOG_USEC="400000000",
        )

        def told(word: str) -> str:
            while True:
                text = heard.recv(4096).decode()
                if text.startswith(word):
                    return text

        told("WATCHDOG=1")
        assert "2 of 2 workers" in told("READY=1")
        assert "started" in guard.until("started")
        guard.signal(signal.SIGHUP)
        told("RELOADING=1\nMONOTONIC_USEC=")
        told("READY=1")
        guard.signal(signal.SIGTERM)
        told("STOPPING=1")
        assert guard.end()[0] == 0

    assert not any("NOTIFY_SOCKET" in line for line in guard.said)
