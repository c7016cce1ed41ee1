"""Logins by LDAP, before a real slapd."""

import asyncio
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from certificates import Authority
from slapd import needed, person, slapd

from guard.config.mail import Ldap
from guard.model.address import Address
from guard.model.errors import LoginRefusedError, SettingsError, UpstreamError
from guard.submission.login import directory as directory_module
from guard.submission.login.directory import Directory

ANN = Address.parse("ann@example.com")
PEOPLE = "".join(
    [
        person("ann", password="pw", mail=("ann@example.com", "a@example.com")),
        person("bob", password="pw"),
        person("carol", password="pw", mail=("not an address",)),
        person("dan"),
        person("eve,cn=x", password="pw", mail=("eve@example.com",)),
    ]
)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def addresses(
    tmp_path_factory: pytest.TempPathFactory, authority: Authority
) -> Iterator[tuple[str, str]]:
    """The clear and the encrypted address of a directory."""
    needed()
    with slapd(tmp_path_factory.mktemp("slapd"), PEOPLE, authority) as addresses:
        yield addresses


@pytest.fixture
def directory(addresses: tuple[str, str]) -> Directory:
    """The directory, in clear on loopback."""
    return Directory(Ldap(url=addresses[0]))


@pytest.mark.parametrize(
    ("name", "address"),
    [("ann", ANN), ("bob", None), ("carol", None), ("eve,cn=x", Address.parse("eve@example.com"))],
)
async def test_right(directory: Directory, name: str, address: Address | None) -> None:
    """The address is what the entry shows to its owner; a name is one value, whatever is in it."""
    assert await directory.check(name, "pw") == address


@pytest.mark.parametrize(
    ("name", "password"),
    [
        pytest.param("ann", "no", id="wrong"),
        pytest.param("ann", "", id="empty: RFC 4513 §5.1.2"),
        pytest.param("", "pw", id="no name"),
        pytest.param("nobody", "pw", id="unknown"),
        pytest.param("dan", "pw", id="without a password"),
        pytest.param("ann,ou=people,dc=example,dc=com", "pw", id="a whole name"),
        pytest.param("ann+uid=ann", "pw", id="two values"),
        pytest.param("*", "pw", id="star"),
        pytest.param('\\"#;<> ', "pw", id="specials"),
    ],
)
async def test_wrong(directory: Directory, name: str, password: str) -> None:
    """All are told the same."""
    with pytest.raises(LoginRefusedError) as refused:
        await directory.check(name, password)
    assert str(refused.value.answer) == "535 5.7.8 Authentication credentials invalid"


async def test_other_attribute(addresses: tuple[str, str]) -> None:
    """The settings say where the address stands; one that is not there is none."""
    assert await Directory(Ldap(url=addresses[0], mail_attribute="o")).check("ann", "pw") is None


async def test_ldaps(addresses: tuple[str, str], authority: Authority) -> None:
    """T21: over TLS, to the directory that its certificate names."""
    assert await Directory(Ldap(url=addresses[1], ca=authority.file)).check("ann", "pw") == ANN


async def test_start_tls(
    addresses: tuple[str, str], authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T21: away from this machine, ldap:// is encrypted before the password goes out."""
    monkeypatch.setattr(directory_module, "is_loopback", lambda _: False)
    url = addresses[0]
    assert await Directory(Ldap(url=url, ca=authority.file)).check("ann", "pw") == ANN
    with pytest.raises(UpstreamError):
        await Directory(Ldap(url=url)).check("ann", "pw")


@pytest.mark.parametrize("flaw", ["wrong name", "unknown authority"])
async def test_not_trusted(addresses: tuple[str, str], authority: Authority, flaw: str) -> None:
    """T22: no password to a directory that cannot prove who it is; that is temporary."""
    url, ca = addresses[1], authority.file
    if flaw == "wrong name":
        url = url.replace("127.0.0.1", "localhost")
    with pytest.raises(UpstreamError):
        await Directory(Ldap(url=url, ca=None if flaw == "unknown authority" else ca)).check(
            "ann", "pw"
        )


@pytest.mark.parametrize("listens", [True, False], ids=["silent", "away"])
async def test_no_answer(monkeypatch: pytest.MonkeyPatch, listens: bool) -> None:
    """A directory that is away, or silent, is temporary trouble, and soon."""
    needed()
    monkeypatch.setattr(directory_module, "PATIENCE_S", 1)
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"ldap://127.0.0.1:{server.getsockname()[1]}"
        if not listens:
            server.close()
        with pytest.raises(UpstreamError):
            await Directory(Ldap(url=url)).check("ann", "pw")


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """The remedy is named."""
    monkeypatch.setitem(sys.modules, "ldap", None)
    with pytest.raises(SettingsError, match=r"guard-relay\[ldap\]"):
        Directory(Ldap())


@pytest.mark.parametrize("url", ["localhost", "http://localhost", ""])
def test_no_directory(url: str) -> None:
    """An address that is none of a directory is told of at the start."""
    needed()
    with pytest.raises(SettingsError, match="no address"):
        Directory(Ldap(url=url))


def test_nothing_is_asked_at_the_start(tmp_path: Path) -> None:
    """A directory that is away does not keep Guard from starting."""
    needed()
    Directory(Ldap(url="ldaps://ldap.example"))


async def test_a_flood(monkeypatch: pytest.MonkeyPatch) -> None:
    """R-B7: a login whose turn does not come gets its 454, and the next one its turn."""
    pytest.importorskip("ldap")
    asked, go_on = threading.Semaphore(0), threading.Event()
    directory = Directory(Ldap(url="ldap://127.0.0.1:9"))

    def bind(name: str, password: str) -> Address | None:
        asked.release()
        assert go_on.wait(10)
        return ANN

    monkeypatch.setattr(directory, "_bind", bind)
    flood = [
        asyncio.create_task(directory.check("ann", "x")) for _ in range(directory_module.AT_ONCE)
    ]
    try:
        for _ in flood:
            assert await asyncio.to_thread(asked.acquire, timeout=10)
        monkeypatch.setattr("guard.upstream.turns.TURN_S", 0.01)
        with pytest.raises(UpstreamError, match="too many logins"):
            await directory.check("ann", "x")
    finally:
        go_on.set()
    assert await asyncio.gather(*flood) == [ANN] * len(flood)
    assert await directory.check("ann", "x") == ANN
