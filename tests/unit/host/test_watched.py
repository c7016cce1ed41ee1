"""Files that are exchanged while we run."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from guard.host.watched import Watched


def replaced(file: Path) -> None:
    """As by tools that write a new file with the old one's time, and rename it."""
    other = file.with_name("other")
    other.write_text("one")
    stamp = file.stat().st_mtime_ns
    os.utime(other, ns=(stamp, stamp))
    other.rename(file)


def written(file: Path) -> None:
    """Longer, within one tick of the clock."""
    stamp = file.stat().st_mtime_ns
    file.write_text("longer")
    os.utime(file, ns=(stamp, stamp))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(replaced, id="replaced"),
        pytest.param(written, id="written"),
        pytest.param(lambda file: os.utime(file, (0, 0)), id="another time"),
        pytest.param(lambda file: file.chmod(0o644), id="other rights"),
        pytest.param(Path.unlink, id="gone"),
    ],
)
def test_changed(change: Callable[[Path], None], tmp_path: Path) -> None:
    """Each change of one of the files is told once."""
    first, second = tmp_path / "1", tmp_path / "2"
    for file in (first, second):
        file.write_text("one")
        file.chmod(0o600)
    watched = Watched((first, second))
    assert not watched.changed()
    change(second)
    assert watched.changed()
    assert not watched.changed()


def test_a_file_that_comes(tmp_path: Path) -> None:
    """One that was missing is not one that has not changed."""
    watched = Watched((tmp_path / "late",))
    assert not watched.changed()
    (tmp_path / "late").touch()
    assert watched.changed()
