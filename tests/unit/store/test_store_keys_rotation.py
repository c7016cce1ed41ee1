"""Subkeys rotate alone: what is new is sealed with the new one, what is old still opens."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import get_args

import pytest

from guard.model.errors import KeyFileError
from guard.store.keys import KeyRing, Purpose, RingFile
from guard.store.rotation import changing, rotate, with_keys, without, write

PURPOSES = get_args(Purpose)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a ring is."""
    path = tmp_path / "guard.key"
    KeyRing.open(path, create=True)
    return path


def retire(path: Path, purpose: Purpose, key_id: str) -> None:
    with changing(path) as ring:
        write(path, without(ring, purpose, key_id))


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_rotation_is_of_one_purpose(path: Path, purpose: Purpose) -> None:
    """The new subkey is active, the one before opens, all others are as they were; still 0600."""
    before = KeyRing.open(path, create=False)

    old, fresh = rotate(path, purpose)

    after = KeyRing.open(path, create=False)
    assert after.current(purpose) == (fresh.id, fresh.secret)
    assert before.current(purpose) == (old.id, old.secret)
    assert after.get(purpose, old.id) == old.secret != fresh.secret
    assert after.first(purpose) == old.secret
    for other in set(PURPOSES) - {purpose}:
        assert after.current(other) == before.current(other)
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_of_many_rotations_at_once_none_is_lost(path: Path) -> None:
    """Each waits for the others; every subkey that was ever made still opens."""
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: rotate(path, "holds")[1], range(24)))

    ring = KeyRing.open(path, create=False)
    assert {subkey.id for subkey in made} < {key.id for key in RingFile.read(path).keys["holds"]}
    for subkey in made:
        assert ring.get("holds", subkey.id) == subkey.secret


def test_a_rotation_that_fails_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that cannot be written leaves the ring as it was, and nothing beside it."""
    before = path.read_bytes()

    def failing(_: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(KeyFileError, match="cannot be changed"):
        rotate(path, "holds")

    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_missing_ring_is_not_rotated(tmp_path: Path) -> None:
    """Nor made: a new one would open nothing."""
    with pytest.raises(KeyFileError, match="restore it from its backup"):
        rotate(tmp_path / "guard.key", "holds")

    assert list(tmp_path.iterdir()) == []


def test_a_reload_takes_the_new_subkey(path: Path) -> None:
    """Until then the one before is used, and the new one opens what another process sealed."""
    ring = KeyRing.open(path, create=False)
    old, fresh = rotate(path, "holds")

    assert ring.current("holds") == (old.id, old.secret)
    assert ring.get("holds", fresh.id) == fresh.secret
    ring.reload(needed=[old.id])

    assert ring.current("holds") == (fresh.id, fresh.secret)
    assert ring.get("holds", old.id) == old.secret


@pytest.mark.parametrize("content", [None, b"", b"{}"], ids=["missing", "empty", "damaged"])
def test_a_bad_file_is_passed_over(path: Path, content: bytes | None) -> None:
    """The last good ring stays in force, for sealing and for opening."""
    ring = KeyRing.open(path, create=False)
    current = ring.current("holds")
    path.unlink()
    if content is not None:
        path.write_bytes(content)
        path.chmod(0o600)

    with pytest.raises(KeyFileError):
        ring.reload()

    assert ring.current("holds") == current
    assert ring.get("holds", current[0]) == current[1]
    with pytest.raises(KeyFileError, match="lacks the key"):
        ring.get("holds", "gone")


def test_a_foreign_ring_is_passed_over(path: Path, tmp_path: Path) -> None:
    """A reload never takes a ring that does not open what is held; it says which key it lacks."""
    ring = KeyRing.open(path, create=False)
    current = ring.current("holds")
    foreign = tmp_path / "other.key"
    KeyRing.open(foreign, create=True)
    foreign.replace(path)

    with pytest.raises(KeyFileError, match=f"lacks the key “{current[0]}” for holds"):
        ring.reload(needed=[current[0]])

    assert ring.get("holds", current[0]) == current[1]


@pytest.mark.parametrize("reloaded", [True, False])
def test_a_foreign_ring_never_seals(path: Path, tmp_path: Path, reloaded: bool) -> None:
    """Neither after a reload that refused it, nor where nobody reloads; the old one opens."""
    ring = KeyRing.open(path, create=False)
    before = {purpose: ring.current(purpose) for purpose in PURPOSES}
    KeyRing.open(tmp_path / "other.key", create=True)
    (tmp_path / "other.key").replace(path)
    if reloaded:
        with pytest.raises(KeyFileError):
            ring.reload(needed=[before["holds"][0]])

    for purpose in PURPOSES:
        key_id, secret = before[purpose]
        assert ring.current(purpose) == (key_id, secret)
        assert ring.get(purpose, key_id) == secret


def test_what_was_taken_out_seals_nothing(path: Path) -> None:
    """A guard that missed the rotation never seals with a subkey that the file lacks by now."""
    ring = KeyRing.open(path, create=False)
    old, fresh = rotate(path, "holds")
    retire(path, "holds", old.id)

    assert ring.current("holds") == (fresh.id, fresh.secret)


def test_the_file_shows_no_secret(path: Path) -> None:
    """Neither a subkey nor the whole file does, where it stands in a trace by mistake."""
    ring = RingFile.read(path)

    for subkeys in with_keys(ring, "logs", ring.keys["logs"]).keys.values():
        for subkey in subkeys:
            assert repr(subkey.secret) not in repr(ring)
            assert repr(subkey.secret) not in repr(subkey)
