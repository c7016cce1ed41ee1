"""Changes of the policy's folder are seen, once it stands still."""

import os
from pathlib import Path

import pytest

from guard.app.policy_files import QUIET_S, PolicyFiles


class Watch:
    """A folder that is looked at, with a clock that only the test moves."""

    def __init__(self, path: Path) -> None:
        self.now_s = 0.0
        self.files = PolicyFiles(path, clock=lambda: self.now_s)

    def sees(self) -> bool:
        """Whether a change is told once it has stood still."""
        assert not self.files.changed()  # it may be half written yet
        self.now_s += QUIET_S
        return self.files.changed()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "main.yaml").write_text("guard: 1\n")
    return tmp_path


def rename_over(folder: Path) -> None:
    """As editors do, of the same size and time."""
    main, new = folder / "main.yaml", folder / ".main.yaml.swp"
    state = main.stat()
    new.write_text("guard: 2\n")
    os.utime(new, ns=(state.st_atime_ns, state.st_mtime_ns))
    new.replace(main)


def test_all_ways_of_changing_are_seen(folder: Path) -> None:
    """Written in place, exchanged, added, taken away."""
    watch = Watch(folder)
    for change in (
        lambda: (folder / "main.yaml").write_text("guard: 1\nmode: watch\n"),
        lambda: rename_over(folder),
        lambda: (folder / "b.yml").write_text(""),
        (folder / "b.yml").unlink,
        lambda: (folder / "main.yaml").chmod(0),
    ):
        watch.files.take()
        change()
        assert watch.sees()
        assert watch.files.moved()
    watch.files.take()
    assert not watch.sees()


def test_what_is_no_policy_does_not_count(folder: Path) -> None:
    """Editors and people leave other files beside it."""
    watch = Watch(folder)
    (folder / ".main.yaml").write_text("x")
    (folder / "README").write_text("x")
    (folder / "tests").mkdir()
    (folder / "tests" / "a.yaml").write_text("x")

    assert not watch.sees()


def test_a_config_map_is_exchanged_by_its_link(tmp_path: Path) -> None:
    """Names and sizes stay the same: only where `..data` points to changes, at once for all."""
    for name in ("..one", "..two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.yaml").write_text(f"# {name}\n")
    (tmp_path / "..data").symlink_to("..one")
    (tmp_path / "main.yaml").symlink_to("..data/main.yaml")
    watch = Watch(tmp_path)
    (tmp_path / "..new").symlink_to("..two")
    (tmp_path / "..new").replace(tmp_path / "..data")

    assert watch.sees()


def test_a_folder_that_goes_on_changing_is_left_alone(folder: Path) -> None:
    """Each change begins the wait anew; so a copy of many files is read once, and whole."""
    watch = Watch(folder)
    for count in range(1, 5):
        (folder / "main.yaml").write_text("#" * count)
        assert not watch.files.changed()
        watch.now_s += QUIET_S / 2
    assert not watch.files.changed()
    watch.now_s += QUIET_S / 2
    assert watch.files.changed()


def test_a_folder_that_is_gone_is_a_change_and_no_error(folder: Path) -> None:
    """A mount may be away for a while; the reload that follows tells of it."""
    watch = Watch(folder / "main.yaml")
    (folder / "main.yaml").unlink()

    assert watch.sees()
