"""Logs: no content, token or secret, ever."""

import errno
import io
import json

import pytest
import structlog

from guard.telemetry import LOST, Pseudonyms, configure

SECRET = "山田 太郎 taro@kita.example"


@pytest.fixture
def stream():
    """Where log lines go for the time of a test."""
    lines = io.StringIO()
    configure(stream=lines)
    yield lines
    structlog.reset_defaults()


def test_an_exception_is_told_without_its_words(stream: io.StringIO) -> None:
    """Its class and the places it passed; its text may quote a mail."""
    log = structlog.get_logger()
    try:
        raise ValueError(SECRET)
    except ValueError as error:
        log.exception("job.failed", job="notice")
        log.error("job.failed", exc_info=error)  # noqa: TRY400 -- as callbacks of tasks do

    for line in stream.getvalue().splitlines():
        said = json.loads(line)
        assert (said["event"], said["error"]) == ("job.failed", "ValueError")
        assert said["at"][0].startswith(f"{__name__}.test_an_exception_is_told")
        assert "山田" not in line
        assert "taro" not in line
    assert len(stream.getvalue().splitlines()) == 2


def test_lines_are_json_with_time_and_level(stream: io.StringIO) -> None:
    """What is below the level is not written."""
    structlog.get_logger().info("guard.started", mode="hold")
    structlog.get_logger().debug("guard.whispered")

    (line,) = stream.getvalue().splitlines()
    said = json.loads(line)
    assert (said["event"], said["level"], said["mode"]) == ("guard.started", "info", "hold")
    assert said["ts"].endswith("Z")


@pytest.mark.parametrize(
    ("show", "shown"),
    [("full", "Taro@kita.example"), ("domain", "@kita.example")],
)
def test_addresses_as_the_settings_say(show, shown: str) -> None:
    """In clear only where somebody chose so."""
    assert Pseudonyms(b"k" * 32, show)("Taro@kita.example") == shown


def test_a_pseudonym_is_one_persons() -> None:
    """The same for any case, another under another key, and the domain stays in clear."""
    one, other = Pseudonyms(b"k" * 32), Pseudonyms(b"x" * 32)

    assert one("Taro@kita.example") == one("taro@kita.example")
    assert one("taro@kita.example") != one("jiro@kita.example")
    assert one("taro@kita.example") != other("taro@kita.example")
    assert one("taro@kita.example").endswith("@kita.example")
    assert "taro" not in one("taro@kita.example")
    assert one(None) == "<>"


class Full(io.StringIO):
    """A stream on a full disk."""

    def write(self, text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_under_the_log_stops_nobody() -> None:
    """Whoever logs has better things to do: a mail that was accepted must get its reply."""
    configure(stream=Full())
    before = LOST._value.get()
    structlog.get_logger().info("submission.done")
    structlog.reset_defaults()

    assert LOST._value.get() == before + 1
