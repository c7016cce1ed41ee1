"""Contacts from a directory, before a real slapd."""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from certificates import Authority
from slapd import needed, person, slapd

from guard.config.sources import LdapSource
from guard.contacts.sources.changes import Broken, Change, Mark
from guard.model.contact import Contact
from guard.model.errors import SourceAwayError, SourceError
from guard.sources import directory, source_of

PASSWORD = "pw"
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
PEOPLE = "".join(
    [
        person("reader", password="pw"),
        person("limited", password="pw"),
        person("ann", mail=("ann@north.example", "bell@north.example")),
        person("odd", mail=("not an address", "odd@north.example")),
        *(person(f"p{number}", mail=(f"p{number}@south.example",)) for number in range(1100)),
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
    folder = tmp_path_factory.mktemp("slapd")
    with slapd(folder, PEOPLE, authority, who="users") as addresses:
        yield addresses


def read(
    place: Path, url: str, *, who: str | None = "reader", password: str = PASSWORD, **more: Any
) -> list[Change]:
    (place / "password").write_text(password)
    if who is not None:
        bind = f"uid={who},ou=people,dc=example,dc=com" if "=" not in who else who
        more = {"bind_dn": bind, "password_file": place / "password"} | more
    more = {"base": "dc=example,dc=com", "patience_s": 3} | more
    its = LdapSource(name="company", kind="ldap", url=url, **more)
    return list(source_of(its).changes("", now=NOW) or ())


def test_everybody(tmp_path: Path, addresses: tuple[str, str]) -> None:
    """All pages come, each address once; what is no address is told and the rest comes."""
    changes = read(tmp_path, addresses[0], page=100)

    people = [each for each in changes if isinstance(each, Contact)]
    assert len({each.address for each in people}) == len(people) == 1103
    assert {each.name for each in people if each.address.domain == "north.example"} == {
        "ann", "odd",
    }  # fmt: skip
    (broken,) = (each.message for each in changes if isinstance(each, Broken))
    assert broken.startswith("company: uid=odd,ou=people,dc=example,dc=com: “not an address”")
    assert isinstance(changes[-1], Mark)


def test_filter(tmp_path: Path, addresses: tuple[str, str]) -> None:
    """The settings say who counts."""
    changes = read(tmp_path, addresses[0], filter="(uid=ann)")
    assert [each.address.local for each in changes if isinstance(each, Contact)] == ["ann", "bell"]


def test_encrypted(
    tmp_path: Path,
    addresses: tuple[str, str],
    authority: Authority,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Away from this machine all is encrypted, to a directory that proves who it is."""
    clear, encrypted = addresses
    assert len(read(tmp_path, encrypted, ca=authority.file)) == 1105
    for url, ca in (
        (encrypted, None),
        (encrypted.replace("127.0.0.1", "localhost"), authority.file),
    ):
        with pytest.raises(SourceError, match="certificate that is not trusted") as refused:
            read(tmp_path, url, ca=ca)
        assert not isinstance(refused.value, SourceAwayError)
    monkeypatch.setattr(directory, "is_loopback", lambda _: False)
    assert len(read(tmp_path, clear, ca=authority.file)) == 1105
    with pytest.raises(SourceError, match="does not encrypt"):
        read(tmp_path, clear)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"password": "no"}, "refuses bind_dn or its password"),
        ({"who": "nobody"}, "refuses bind_dn or its password"),
        ({"who": None}, "Server is unwilling to perform"),
        ({"base": "dc=elsewhere"}, "has nothing at base “dc=elsewhere”"),
        ({"base": "nowhere"}, "is no name of an entry"),
        ({"filter": "(mail=*"}, r"filter “\(mail=\*” cannot be read"),
        ({"who": "limited"}, "does not give all entries"),
        ({"ca": "nowhere.pem"}, "ca nowhere.pem: cannot be used"),
    ],
)
def test_refused(
    tmp_path: Path, addresses: tuple[str, str], settings: dict[str, Any], message: str
) -> None:
    """What only a person can mend is said in one line; a part of the people is none of them."""
    with pytest.raises(SourceError, match=rf"^company: .*{message}") as refused:
        read(tmp_path, addresses[0], **settings)
    assert not isinstance(refused.value, SourceAwayError)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("scheme", ["ldap", "ldaps"])
@pytest.mark.parametrize("listens", [True, False], ids=["silent", "away"])
def test_no_answer(tmp_path: Path, scheme: str, listens: bool) -> None:
    """A directory that is away, or silent, is temporary trouble, and soon."""
    needed()
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"{scheme}://127.0.0.1:{server.getsockname()[1]}"
        if not listens:
            server.close()
        with pytest.raises(SourceAwayError, match=rf"^company: {url} does not answer"):
            read(tmp_path, url, patience_s=0.3)


def test_without_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is named where it is missing."""
    import sys

    monkeypatch.setitem(sys.modules, "ldap", None)
    with pytest.raises(SourceError, match=r"guard-relay\[ldap\]"):
        read(tmp_path, "ldap://127.0.0.1:1")
