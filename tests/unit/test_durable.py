"""Files are there whole or not at all."""

import stat
from pathlib import Path

import pytest

from guard.durable import private_file


def test_private_and_whole(tmp_path: Path) -> None:
    """It appears at the end, for its owner alone, with the folders that it needs."""
    path = tmp_path / "a" / "b" / "file"

    with private_file(path, replace=False) as file:
        file.write(b"whole")
        assert not path.exists()

    assert path.read_bytes() == b"whole"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(("replace", "left"), [(True, b"new"), (False, b"old")])
def test_what_stood_there(tmp_path: Path, *, replace: bool, left: bytes) -> None:
    """It is replaced, or left alone, as was asked."""
    path = tmp_path / "file"
    path.write_bytes(b"old")

    with private_file(path, replace=replace) as file:
        file.write(b"new")

    assert path.read_bytes() == left
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("replace", [True, False])
def test_an_error_leaves_nothing(tmp_path: Path, *, replace: bool) -> None:
    """What stood there still does, and no half of the new one beside it."""
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def write_half() -> None:
        with private_file(path, replace=replace) as file:
            file.write(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_half()

    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
