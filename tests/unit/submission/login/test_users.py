"""The file of logins: what is read, what is refused, and who may log in."""

import asyncio
import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from guard.model.address import Address
from guard.model.errors import LoginRefusedError, SettingsError, UpstreamError
from guard.submission.login import users as users_module
from guard.submission.login.users import User, UserFile, hashed, read_users, write_users

ANN = Address.parse("ann@example.com")
CANARY = "canary-in-the-coal-mine"


@pytest.fixture(scope="module")
def canary_hash() -> str:
    """The hash of the canary; making one takes a while."""
    return hashed(CANARY)


@pytest.fixture
def file(tmp_path: Path, canary_hash: str) -> Path:
    """A file in which ann has the canary for her password."""
    path = tmp_path / "users.toml"
    write_users(path, {"ann": User(hash=canary_hash, address=ANN)})
    return path


def test_round_trip(file: Path) -> None:
    """What is written is what is read; only its owner can."""
    assert file.stat().st_mode & 0o777 == 0o600
    (name, user), *others = read_users(file).items()
    assert (name, user.address, others) == ("ann", ANN, [])
    assert user.hash.startswith("$argon2id$v=19$m=65536,")
    assert user.hash not in repr(user)
    assert CANARY not in file.read_text()


@given(st.dictionaries(st.text(min_size=1).filter(str.isprintable), st.none() | st.just(ANN)))
def test_any_name(tmp_path_factory: pytest.TempPathFactory, people: dict) -> None:
    """Names with quotes, dots and brackets, of any script, stay what they are."""
    path = tmp_path_factory.mktemp("users") / "users.toml"
    written = {name: User(hash="$argon2id$x", address=address) for name, address in people.items()}
    write_users(path, written)
    assert read_users(path) == written


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("ann = ", "no TOML"),
        (f"secret = '{CANARY}'", "no login"),
        ("[ann]", "no login"),
        ("[ann]\nhash = '$2b$12$x'", "no login"),
        ("[ann]\nhash = 1", "no login"),
        ("[ann]\nhash = '$argon2id$x'\npassword = 'x'", "no login"),
        ("[ann]\nhash = '$argon2id$x'\naddress = 'ann'", "bad address"),
        ("\ufeff\xff", "no TOML"),
    ],
)
def test_bad_files(tmp_path: Path, text: str, told: str) -> None:
    """What cannot be meant is told of, without a word of what stands there in secret."""
    path = tmp_path / "users.toml"
    path.write_text(text, "latin-1" if "\xff" in text else "utf-8", errors="replace")
    path.chmod(0o600)
    with pytest.raises(SettingsError, match=told) as error:
        read_users(path)
    assert CANARY not in str(error.value)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620])
def test_open_to_others(file: Path, mode: int) -> None:
    """R-J2: a file that others may read or write is not used."""
    file.chmod(mode)
    with pytest.raises(SettingsError, match="chmod 600"):
        UserFile(file)


def test_missing(tmp_path: Path) -> None:
    """The remedy is named."""
    with pytest.raises(SettingsError, match="guard users set"):
        UserFile(tmp_path / "users.toml")


async def test_who_may_log_in(file: Path) -> None:
    """The right password gives the address; a wrong one and an unknown name are told the same."""
    users = UserFile(file)
    assert await users.check("ann", CANARY) == ANN
    answers = set()
    for name, password in (("ann", "x"), ("ann", ""), ("Ann", CANARY), ("bob", CANARY)):
        with pytest.raises(LoginRefusedError) as refused:
            await users.check(name, password)
        answers.add(str(refused.value.answer))
    assert answers == {"535 5.7.8 Authentication credentials invalid"}


async def test_unknown_names_cost_as_much(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody can tell by the time which names there are: each is a hash of the same cost."""
    users = UserFile(file)
    verified = []
    verifies = users_module._verifies
    monkeypatch.setattr(
        users_module,
        "_verifies",
        lambda hash_, password: verified.append(hash_) or verifies(hash_, password),
    )
    for name in ("ann", "nobody"):
        with pytest.raises(LoginRefusedError):
            await users.check(name, "x")
    ann, nobody = (hash_.rsplit("$", 2)[0] for hash_ in verified)
    assert ann == nobody


async def test_read_again(file: Path, canary_hash: str) -> None:
    """A change counts from the next login on; a bad file is passed over and told of, once."""
    users = UserFile(file)
    write_users(file, {"bob": User(hash=canary_hash)})
    assert await users.check("bob", CANARY) is None
    with pytest.raises(LoginRefusedError):
        await users.check("ann", CANARY)

    file.chmod(0o644)
    with capture_logs() as logs:
        assert await users.check("bob", CANARY) is None
        assert await users.check("bob", CANARY) is None
    assert [line["event"] for line in logs] == ["logins.refused"]
    assert users_module.CURRENT._value.get() == 0

    file.chmod(0o600)
    os.utime(file, (2_000_000_000, 2_000_000_000))
    assert await users.check("bob", CANARY) is None
    assert users_module.CURRENT._value.get() == 1


async def test_two_at_once(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many log in, no more than two hashes take memory; the loop is not kept."""
    users = UserFile(file)
    running, most = 0, 0
    both = asyncio.Barrier(2)
    loop = asyncio.get_running_loop()

    def verifies(hash_: str, password: str) -> bool:
        nonlocal running, most
        running += 1
        most = max(most, running)
        asyncio.run_coroutine_threadsafe(both.wait(), loop).result(10)
        running -= 1
        return True

    monkeypatch.setattr(users_module, "_verifies", verifies)
    assert await asyncio.gather(*(users.check("ann", "x") for _ in range(8))) == [ANN] * 8
    assert most == 2


async def test_a_flood(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """R-B7: a login whose turn does not come gets its 454, and the next one its turn."""
    users = UserFile(file)
    both, go_on = threading.Barrier(3), threading.Event()
    monkeypatch.setattr("guard.upstream.turns.TURN_S", 0.01)

    def verifies(hash_: str, password: str) -> bool:
        both.wait(10)
        return go_on.wait(10)

    monkeypatch.setattr(users_module, "_verifies", verifies)
    flood = [asyncio.create_task(users.check("ann", "x")) for _ in range(2)]
    try:
        await asyncio.to_thread(both.wait, 10)
        with pytest.raises(UpstreamError):
            await users.check("ann", CANARY)
    finally:
        go_on.set()
    assert await asyncio.gather(*flood) == [ANN] * 2

    monkeypatch.setattr(users_module, "_verifies", lambda *_: True)
    assert await asyncio.gather(*(users.check("ann", "x") for _ in range(2))) == [ANN] * 2


@pytest.mark.parametrize("hash_", ["$argon2id$", "$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA", ""])
def test_damaged_hash(hash_: str) -> None:
    """Nobody gets in by it, and nothing breaks."""
    assert not users_module._verifies(hash_, "x")
