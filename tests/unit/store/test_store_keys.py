"""The key ring: private, whole or refused, the same for everybody who opens it."""

import json
import os
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import get_args

import pytest

from guard.model.errors import KeyFileError
from guard.store.keys import KEY_BYTES, KeyRing, Purpose

PURPOSES = get_args(Purpose)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a ring may be made."""
    return tmp_path / "guard.key"


def rewrite(path: Path, change) -> None:
    """Change the ring in its file, as a person with an editor would."""
    ring = json.loads(path.read_text())
    change(ring)
    path.write_text(json.dumps(ring))


def test_a_new_ring_is_private_and_lasts(path: Path) -> None:
    """It is 0600, alone in its folder, has a secret for each purpose, and opens again the same."""
    made = KeyRing.open(path, create=True)

    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]
    secrets = {made.current(purpose)[1] for purpose in PURPOSES}
    assert len(secrets) == len(PURPOSES)
    assert {len(secret) for secret in secrets} == {KEY_BYTES}
    assert KeyRing.open(path, create=False) == made
    assert KeyRing.open(path, create=True) == made


def test_a_ring_is_private_under_any_umask(path: Path) -> None:
    """Neither too open nor too closed, whatever the shell says."""
    before = os.umask(0)
    try:
        KeyRing.open(path, create=True)
    finally:
        os.umask(before)

    assert path.stat().st_mode & 0o777 == 0o600


def test_of_many_that_make_it_all_get_one(path: Path) -> None:
    """Processes that start together never seal with rings that are lost a moment later."""
    with ThreadPoolExecutor(16) as pool:
        rings = list(pool.map(lambda _: KeyRing.open(path, create=True), range(64)))

    assert all(ring == rings[0] for ring in rings)
    assert KeyRing.open(path, create=False) == rings[0]
    assert list(path.parent.iterdir()) == [path]


def test_a_missing_ring_is_not_made_unasked(path: Path) -> None:
    """Without *create* nothing is written."""
    with pytest.raises(KeyFileError, match="backup"):
        KeyRing.open(path, create=False)

    assert not path.exists()


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o602])
def test_an_open_ring_is_refused_with_the_remedy(path: Path, mode: int) -> None:
    """Group and others may do nothing with it."""
    KeyRing.open(path, create=True)
    path.chmod(mode)

    with pytest.raises(KeyFileError, match=f"chmod 600 {path}"):
        KeyRing.open(path, create=False)


def test_a_retired_subkey_still_opens(path: Path) -> None:
    """After a rotation the new one is current, and the old one is still there."""
    old_id, old = KeyRing.open(path, create=True).current("holds")
    fresh = {
        "id": "new",
        "created": "2027-01-01T00:00:00+00:00",
        "state": "active",
        "secret": "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=",
    }

    def rotate(ring) -> None:
        ring["keys"]["holds"][0]["state"] = "retired"
        ring["keys"]["holds"].append(fresh)

    rewrite(path, rotate)
    ring = KeyRing.open(path, create=False)

    assert ring.current("holds") == ("new", b"A" * 32)
    assert ring.get("holds", old_id) == old
    assert ring.get("holds", "new") == b"A" * 32


def test_an_unknown_subkey_is_named(path: Path) -> None:
    """The operator learns which key is missing, and for what."""
    ring = KeyRing.open(path, create=True)

    with pytest.raises(KeyFileError, match=r"“gone” for links"):
        ring.get("links", "gone")


DAMAGES = {
    "a purpose is missing": lambda ring: ring["keys"].pop("links"),
    "no subkey is active": lambda ring: ring["keys"]["holds"][0].update(state="retired"),
    "two subkeys are active": lambda ring: ring["keys"]["holds"].append(
        ring["keys"]["holds"][0] | {"id": "other"}
    ),
    "two subkeys have one id": lambda ring: ring["keys"]["holds"].append(
        ring["keys"]["holds"][0] | {"state": "retired"}
    ),
    "a secret is short": lambda ring: ring["keys"]["logs"][0].update(secret="c2hvcnQ="),
    "a secret is no base64": lambda ring: ring["keys"]["logs"][0].update(secret="canary-ü"),
    "the version is another": lambda ring: ring.update(version=2),
    "there is an unknown key": lambda ring: ring.update(extra="canary"),
    "there is an unknown purpose": lambda ring: ring["keys"].update(canary=[]),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_ring_is_refused(path: Path, damage) -> None:
    """It is told that it is damaged, without a word of what stands in it."""
    KeyRing.open(path, create=True)
    rewrite(path, damage)

    with pytest.raises(KeyFileError, match="damaged") as refused:
        KeyRing.open(path, create=False)

    assert "canary" not in "".join(traceback.format_exception(refused.value))


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[]", b"null"])
def test_what_is_no_ring_is_refused(path: Path, content: bytes) -> None:
    """An empty or foreign file is never taken for a ring, nor replaced by one."""
    path.write_bytes(content)
    path.chmod(0o600)

    with pytest.raises(KeyFileError, match="damaged"):
        KeyRing.open(path, create=True)

    assert path.read_bytes() == content


def test_a_folder_is_no_ring(path: Path) -> None:
    """What the system says against it is passed on."""
    path.mkdir()

    with pytest.raises(KeyFileError, match="cannot be used"):
        KeyRing.open(path, create=True)


def test_a_ring_shows_no_secret(path: Path) -> None:
    """A ring may stand in a log or a trace by mistake."""
    ring = KeyRing.open(path, create=True)

    for purpose in PURPOSES:
        key_id, secret = ring.current(purpose)
        assert key_id in repr(ring)
        assert repr(secret) not in repr(ring)
        assert secret.hex() not in repr(ring)
