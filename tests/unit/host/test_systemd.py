"""What systemd hands over, and what it hears."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from guard.host.systemd import ServiceManager, inherited


@pytest.fixture(params=["path", "abstract"])
def listening(request: pytest.FixtureRequest, tmp_path: Path):
    """A socket such as systemd's, and the variable that leads to it."""
    name = str(tmp_path / "notify") if request.param == "path" else f"@guard-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(name.replace("@", "\0", 1))
        heard.settimeout(10)
        yield heard, name


def test_it_hears_how_we_are(listening) -> None:
    """Each state arrives as one datagram, as sd_notify(3) spells it."""
    heard, name = listening
    environ = {"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "3000000", "OTHER": "stays"}
    manager = ServiceManager.of(environ)

    said = []
    for say in (
        lambda: manager.ready("2 of 2 workers serve"),
        manager.reloading,
        manager.alive,
        manager.stopping,
        lambda: manager.status("well"),
    ):
        say()
        said.append(heard.recv(4096).decode().split("\n"))

    assert said[0] == ["READY=1", "STATUS=2 of 2 workers serve"]
    assert said[1][0] == "RELOADING=1"
    assert said[1][1].startswith("MONOTONIC_USEC=")
    assert said[1][1].partition("=")[2].isdecimal()
    assert said[2] == ["WATCHDOG=1"]
    assert said[3][0] == "STOPPING=1"
    assert said[4] == ["STATUS=well"]
    assert manager.beat_s == 1.5
    assert environ == {"OTHER": "stays"}  # or a child would speak for us


@pytest.mark.parametrize(
    ("environ", "beat_s"),
    [
        ({}, None),
        ({"NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": "1000000"}, 0.5),
        ({"NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": "0"}, None),
        ({"NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": "soon"}, None),
        ({"NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1"}, None),
        ({"NOTIFY_SOCKET": "vsock:2:1234", "WATCHDOG_USEC": "1000000"}, None),
        ({"WATCHDOG_USEC": "1000000"}, None),
    ],
)
def test_how_often_it_wants_a_sign_of_life(environ: dict[str, str], beat_s: float | None) -> None:
    """Twice in the time that it waits; never where it does not wait for us."""
    assert ServiceManager.of(environ).beat_s == beat_s


def test_nobody_there(tmp_path: Path) -> None:
    """Without systemd, or with one that does not listen just now, nothing happens."""
    ServiceManager.of({}).ready()
    ServiceManager.of({"NOTIFY_SOCKET": str(tmp_path / "gone")}).ready()


CHILD = """
import os, sys
from guard.host.systemd import inherited
os.environ["LISTEN_PID"] = str(os.getpid())
for each in inherited(os.environ):
    print(each.name, each.socket.getsockname()[1], os.get_inheritable(each.socket.fileno()))
print(sorted(name for name in os.environ if name.startswith("LISTEN_")))
"""


def test_sockets_are_taken_over() -> None:
    """From descriptor 3 on, with their names; our own children get neither."""
    with (
        socket.create_server(("127.0.0.1", 0)) as first,
        socket.create_server(("127.0.0.1", 0)) as second,
    ):
        ports = [each.getsockname()[1] for each in (first, second)]
        # The descriptors below must be free, so the child takes copies from above.
        command = (
            f"exec 3<&{first.fileno()} 4<&{second.fileno()}; exec {sys.executable} -c '{CHILD}'"
        )
        done = subprocess.run(
            ["bash", "-c", command],
            pass_fds=(first.fileno(), second.fileno()),
            env={**os.environ, "LISTEN_FDS": "2", "LISTEN_FDNAMES": "mail"},
            capture_output=True,
            text=True,
            check=True,
        )

    assert done.stdout.splitlines() == [
        f"mail {ports[0]} False",
        f"unknown {ports[1]} False",
        "[]",
    ]


REFUSED = """
import os
from guard.host.systemd import inherited
from guard.model.errors import SettingsError
os.environ["LISTEN_PID"] = str(os.getpid())
try:
    inherited(os.environ)
except SettingsError as error:
    (problem,) = error.problems
    print(problem.file, problem.message)
print(sorted(name for name in os.environ if name.startswith("LISTEN_")))
"""


@pytest.mark.parametrize(
    ("count", "message"),
    [
        pytest.param("many", "is no number", id="no number"),
        pytest.param("-1", "is no number", id="less than none"),
        pytest.param("9" * 5000, "is no number", id="endless"),
        pytest.param("", "is no number", id="empty"),
        pytest.param("2", "is 2, but descriptor 4 is no socket", id="no socket"),
        pytest.param("99999999", "is 99999999, but descriptor 4 is no socket", id="too many"),
        pytest.param("1 4", "is no number", id="two numbers"),
    ],
)
@pytest.mark.parametrize("fourth", ["4<&-", "4</dev/null"], ids=["closed", "a file"])
def test_what_cannot_be_taken_over(count: str, message: str, fourth: str) -> None:
    """R-A8: a wrong LISTEN_FDS is a mistake in the settings, named as such."""
    with socket.create_server(("127.0.0.1", 0)) as only:
        done = subprocess.run(
            [
                "bash",
                "-c",
                f"exec 3<&{only.fileno()} {fourth}; exec {sys.executable} -W error -c '{REFUSED}'",
            ],
            pass_fds=(only.fileno(),),
            env={**os.environ, "LISTEN_FDS": count},
            capture_output=True,
            text=True,
            check=True,
        )
    assert done.stdout.splitlines() == [f"LISTEN_FDS {message}", "[]"]
    assert done.stderr == ""


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"LISTEN_PID": "1", "LISTEN_FDS": "1"},
        {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "0"},
        {"LISTEN_FDS": "1"},
    ],
)
def test_what_is_not_for_us(environ: dict[str, str]) -> None:
    """Nothing is taken, and nothing is left in the environment."""
    assert inherited(environ) == ()
    assert environ == {}
