"""`guard demo`, run as a visitor runs it."""

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from guard.demo.script import script
from guard.demo.words import WORDS

GUARD = (sys.executable, "-c", "from guard.cli import main; main()")
LINK = re.compile(r'class="button" href="(http://127\.0\.0\.1:\d+/m/[\w-]+)"')


@pytest.fixture
def place(tmp_path: Path) -> dict[str, Path]:
    """An empty folder to stand in, and one that temporary files go to."""
    places = {"cwd": tmp_path / "here", "tmp": tmp_path / "tmp"}
    for folder in places.values():
        folder.mkdir()
    return places


def environment(place: dict[str, Path], **more: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GUARD_")}
    return clean | {"TMPDIR": str(place["tmp"]), "LC_ALL": "C.UTF-8"} | more


def left_behind(place: dict[str, Path]) -> list[Path]:
    return [file for folder in place.values() for file in folder.rglob("*")]


def test_once_prints_a_line_a_message_and_leaves_nothing(place) -> None:
    """Every decision is the one that the script expects; settings of the visitor change nothing."""
    done = subprocess.run(
        [*GUARD, "demo", "--once", "--json"],
        capture_output=True,
        text=True,
        cwd=place["cwd"],
        env=environment(place, GUARD_UPSTREAM__ADDRESS="192.0.2.1:25"),
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(line["subject"], line["decision"], line["rule"]) for line in lines] == [
        (scene.letter.subject, scene.action.word, scene.rule) for scene in script()
    ]
    for line in lines:
        assert line["expected"] == {"decision": line["decision"], "rule": line["rule"]}
        assert {"from", "to", "subject"} <= set(line)
    assert left_behind(place) == []


def test_keep_refuses_a_folder_with_something_in_it(place) -> None:
    """Nothing of the visitor's is ever written over."""
    (place["cwd"] / "mine.txt").write_text("mine")

    done = subprocess.run(
        [*GUARD, "demo", "--once", "--keep", "."],
        capture_output=True,
        text=True,
        cwd=place["cwd"],
        env=environment(place),
        timeout=60,
        check=False,
    )

    assert done.returncode == 2
    assert "is not empty" in done.stderr
    assert left_behind(place) == [place["cwd"] / "mine.txt"]


def test_keep_leaves_a_guard_that_other_commands_can_ask(place) -> None:
    """The folder is for its owner alone, and `guard held` finds what waits in it."""
    run = {"capture_output": True, "text": True, "cwd": place["cwd"], "env": environment(place)}
    demo = subprocess.run(
        [*GUARD, "demo", "--once", "--keep", "kept"], timeout=60, check=False, **run
    )
    held = subprocess.run(
        [*GUARD, "held", "list", "--json", "--config", "kept/guard.toml"],
        timeout=60,
        check=False,
        **run,
    )

    kept = place["cwd"] / "kept"
    assert demo.returncode == held.returncode == 0
    assert stat.S_IMODE(kept.stat().st_mode) == 0o700
    waiting = [json.loads(line) for line in held.stdout.splitlines()]
    assert len(waiting) == sum(scene.action.word == "hold" for scene in script())
    assert {each["state"] for each in waiting} == {"waiting"}


class Visit:
    """A running demo, as its visitor sees it."""

    def __init__(self, process: subprocess.Popen[str], talk: str) -> None:
        self.process = process
        self.page = re.findall(r"http://127\.0\.0\.1:\d+/", talk)[0]
        self.port = re.findall(r"127\.0\.0\.1:(\d+)", talk)[0]

    def get(self, url: str = "") -> str:
        with urlopen(url or f"{self.page}?lang=en", timeout=20) as answer:
            return str(answer.read().decode())

    def post(self, url: str, **fields: str) -> str:
        with urlopen(Request(url, urlencode(fields).encode()), timeout=20) as answer:
            return str(answer.read().decode())

    def until(self, seen: Callable[[str], bool]) -> str:
        """Look at the page again until *seen* is true of it; the test's time limit ends it."""
        while not seen(page := self.get()):
            time.sleep(0.1)
        return page


@contextmanager
def visiting(place: dict[str, Path]) -> Iterator[Visit]:
    """Start the demo, wait until it invites its visitor, and end it as Ctrl-C does."""
    with subprocess.Popen(
        [*GUARD, "demo"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=place["cwd"],
        env=environment(place),
    ) as process:
        try:
            assert process.stderr is not None
            talk = ""
            for line in process.stderr:
                talk += line
                if "guard demo send" in line:
                    break
            assert "guard demo send" in talk, talk
            yield Visit(process, talk)
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)


def test_a_visit(place) -> None:
    """Notices arrive with links; one is cancelled; a mail of one's own is held; nothing is left."""
    held = sum(scene.action.word == "hold" for scene in script())
    with visiting(place) as visit:
        page = visit.until(lambda page: len(LINK.findall(page)) == held)
        (folder,) = place["tmp"].iterdir()
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700

        link = LINK.findall(page)[0]
        assert 'name="action"' in visit.get(link)
        assert len(LINK.findall(visit.get())) == held
        visit.post(link, action="cancel")
        page = visit.until(lambda page: WORDS["returned"][1] in page)
        assert len(LINK.findall(page)) == held - 1

        sent = subprocess.run(
            [*GUARD, "demo", "send", "--port", visit.port, "--to", "sato@kita-shojl.example"],
            capture_output=True,
            text=True,
            env=environment(place),
            timeout=60,
            check=False,
        )
        assert (sent.returncode, sent.stderr) == (0, "")
        assert sent.stdout.startswith("250 2.0.0 Held for your confirmation: H-")
        visit.until(lambda page: len(LINK.findall(page)) == held)

    assert visit.process.returncode == 0
    assert left_behind(place) == []


def test_send_without_a_demo_says_so(place) -> None:
    """Exit 69, and what to do, where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but not listening: connections are refused
        done = subprocess.run(
            [*GUARD, "demo", "send", "--port", str(taken.getsockname()[1]), "--to", "a@b.example"],
            capture_output=True,
            text=True,
            env=environment(place),
            timeout=60,
            check=False,
        )

    assert (done.returncode, done.stdout) == (69, "")
    assert "guard demo" in done.stderr
