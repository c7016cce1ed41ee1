"""Sent mail from an IMAP folder."""

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from certificates import Authority
from imap import Account, imap

from guard.config.sources import ImapSource
from guard.contacts.sources.changes import Broken, Change, Mark
from guard.model.contact import Exchange
from guard.model.errors import SourceAwayError, SourceError
from guard.sources import mailbox, source_of
from guard.sources.mailbox import _utf7

PASSWORD = "geheim ❤"
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def account() -> Account:
    """Some mails, with gaps between their UIDs."""
    return Account(mails={uid: mail(uid) for uid in range(10, 700, 5)})


@pytest.fixture
def address(account: Account) -> Iterator[str]:
    with imap(account) as address:
        yield address


def mail(uid: int) -> bytes:
    return (
        f"From: hanako@ours.example\r\nTo: ann{uid}@north.example\r\n"
        f"Message-ID: <{uid}@ours.example>\r\n\r\n"
    ).encode() + b"x" * 100


def read(
    place: Path, address: str, *, since: str = "", password: str = PASSWORD, **more: Any
) -> list[Change]:
    (place / "password").write_text(f"{password}\n", "utf-8")
    words = {"tls": "none", "user": "hanako", "patience_s": 5} | more
    its = ImapSource(
        name="sent", kind="imap", address=address, password_file=place / "password", **words
    )
    return list(source_of(its).changes(since, now=NOW) or ())


def uids(changes: list[Change]) -> list[int]:
    return [
        int(each.message_id.strip("<").split("@")[0])
        for each in changes
        if isinstance(each, Exchange)
    ]


def mark(changes: list[Change]) -> str:
    assert isinstance(changes[-1], Mark)
    return changes[-1].token


def test_each_mail_once(tmp_path: Path, address: str, account: Account) -> None:
    """All mails come, in their order; a second reading has the new ones alone."""
    first = read(tmp_path, address)
    assert uids(first) == sorted(account.mails)
    assert uids(read(tmp_path, address, since=mark(first))) == []

    account.mails |= {uid: mail(uid) for uid in (701, 900)}
    second = read(tmp_path, address, since=mark(first))
    assert uids(second) == [701, 900]
    # A message that was deleted moves the numbers, not the UIDs.
    del account.mails[10]
    account.mails[901] = mail(901)
    assert uids(read(tmp_path, address, since=mark(second))) == [901]


def test_only_what_is_needed_is_fetched(tmp_path: Path, address: str, account: Account) -> None:
    """A second reading finds its place by halving, and flags stay as they are."""
    token = mark(read(tmp_path, address))
    account.said.clear()
    read(tmp_path, address, since=token)

    fetched = [said for said in account.said if said.startswith("FETCH")]
    assert len(fetched) <= 9
    assert not any("BODY" in said for said in fetched)
    assert not any(said.startswith(("SELECT", "STORE")) for said in account.said)


def test_marks_on_the_way(tmp_path: Path, address: str, account: Account) -> None:
    """A connection that breaks loses what came after the last mark alone."""
    account.dies_at = 2
    (tmp_path / "password").write_text(account.password)
    its = ImapSource(
        name="sent", kind="imap", address=address, tls="none", user="hanako",
        password_file=tmp_path / "password",
    )  # fmt: skip
    got: list[Change] = []
    with pytest.raises(SourceAwayError, match="does not answer"):
        got.extend(source_of(its).changes("", now=NOW) or ())
    assert uids(got) == sorted(account.mails)[: mailbox.AT_ONCE]

    account.dies_at = 0
    rest = read(tmp_path, address, since=mark(got))
    assert uids(got) + uids(rest) == sorted(account.mails)


def test_new_numbers(tmp_path: Path, address: str, account: Account) -> None:
    """A folder that was made anew (another UIDVALIDITY) is read from the beginning."""
    token = mark(read(tmp_path, address))
    account.validity += 1
    assert uids(read(tmp_path, address, since=token)) == sorted(account.mails)


def test_empty(tmp_path: Path, address: str, account: Account) -> None:
    """A folder without mail has nothing new."""
    account.mails.clear()
    assert uids(read(tmp_path, address)) == []


def test_broken_mails(tmp_path: Path, address: str, account: Account) -> None:
    """What has no sender or recipient is told with its UID; the rest comes."""
    account.mails |= {12: b"", 13: b"\0\xff\r\n" * 99, 14: b"From: a@b.example\r\n\r\n"}
    changes = read(tmp_path, address)
    broken = [each.message for each in changes if isinstance(each, Broken)]
    assert [f"UID {uid} " in message for uid, message in zip((12, 13, 14), broken, strict=True)]
    assert len(uids(changes)) == len(account.mails) - 3


@pytest.mark.parametrize(
    ("folders", "found"),
    [
        ({"INBOX": "", '"Sent Items"': "\\Sent"}, '"Sent Items"'),
        ({"INBOX": "", '"a \\"b\\""': "\\Sent"}, '"a \\"b\\""'),
        ({"INBOX": "", "&kAFP4W4IMH8w4TD8MOs-": "\\Sent"}, '"&kAFP4W4IMH8w4TD8MOs-"'),
    ],
)
@pytest.mark.parametrize("capable", [True, False])
def test_finds_the_folder(
    tmp_path: Path, account: Account, folders: dict[str, str], found: str, capable: bool
) -> None:
    """The folder is the one that the server marks, whatever it is called."""
    account.folders = folders
    if capable:
        account.capabilities += " SPECIAL-USE"
    with imap(account) as address:
        read(tmp_path, address)
    assert f"EXAMINE {found}" in account.said


def test_no_folder_is_marked(tmp_path: Path, address: str, account: Account) -> None:
    """Where none is marked, the names that there are help to choose."""
    account.folders = {"INBOX": "", "Gesendet": ""}
    with pytest.raises(SourceError, match=r"no folder as \\Sent; .* INBOX, Gesendet"):
        read(tmp_path, address)
    assert read(tmp_path, address, folder="Gesendet")
    with pytest.raises(SourceError, match=r'does not open the folder "Sent"'):
        read(tmp_path, address, folder="Sent")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("送信済みメール", "&kAFP4W4IMH8w4TD8MOs-"),
        ("a & b", "a &- b"),
        ("plain/x", "plain/x"),
        ("Entwürfe", "Entw&APw-rfe"),
        ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
    ],
)
def test_folder_names(name: str, said: str) -> None:
    """RFC 3501 §5.1.3."""
    assert _utf7(name) == said


def test_wrong_password(tmp_path: Path, address: str, account: Account) -> None:
    """A login that is refused is for a person; one that the server is too busy for is not."""
    with pytest.raises(SourceError, match="refuses the login of hanako") as refused:
        read(tmp_path, address, password="no")
    assert not isinstance(refused.value, SourceAwayError)
    assert "geheim" not in str(refused.value)
    account.refusal = "NO [UNAVAILABLE] later"
    with pytest.raises(SourceAwayError):
        read(tmp_path, address, password="no")
    account.capabilities, account.password = "IMAP4rev1", "simple"
    assert uids(read(tmp_path, address, password="simple"))
    with pytest.raises(SourceError, match="ASCII"):
        read(tmp_path, address, password="秘密")


@pytest.mark.parametrize("text", [None, "", "\n"])
def test_password_file(tmp_path: Path, text: str | None) -> None:
    """A password that is missing is told of before the server is asked."""
    file = tmp_path / "pw"
    if text is not None:
        file.write_text(text)
    its = ImapSource(
        name="sent", kind="imap", address="localhost:1", user="hanako", password_file=file
    )
    with pytest.raises(SourceError, match=r"password_file .*pw: (cannot be read|is empty)"):
        source_of(its).changes("", now=NOW)


@pytest.mark.parametrize("tls", ["implicit", "required"])
def test_encrypted(tmp_path: Path, authority: Authority, tls: str) -> None:
    """The certificate must be trusted, and the server's own; only then the password goes out."""
    account = Account(mails={1: mail(1)}, starttls=tls == "required")
    account.capabilities += " STARTTLS" if account.starttls else ""
    account.context = authority.server_context()
    with imap(account) as address:
        assert uids(read(tmp_path, address, tls=tls, ca=authority.file)) == [1]
        account.said.clear()
        for flaw in (
            {},
            {"ca": authority.file, "address": address.replace("localhost", "127.0.0.1")},
        ):
            with pytest.raises(SourceError, match=r"certificate that is not trusted") as refused:
                read(tmp_path, flaw.pop("address", address), tls=tls, **flaw)
            assert not isinstance(refused.value, SourceAwayError)
        assert not {"LOGIN", "AUTHENTICATE"} & set(account.said)


def test_wrong_kind_of_tls(tmp_path: Path, address: str, authority: Authority) -> None:
    """A server in clear where TLS is wanted is no reason to send the password."""
    with pytest.raises(SourceError, match="does not speak TLS"):
        read(tmp_path, address, tls="implicit", ca=authority.file)
    with pytest.raises(SourceError, match="does not offer STARTTLS"):
        read(tmp_path, address, tls="required", ca=authority.file)
    (tmp_path / "empty.pem").write_text("")
    with pytest.raises(SourceError, match=r"ca .*empty.pem: cannot be used"):
        read(tmp_path, address, ca=tmp_path / "empty.pem")


@pytest.mark.parametrize("greeting", [None, b"", b"220 smtp.example ESMTP\r\n", b"* BYE\r\n"])
def test_no_imap_server(tmp_path: Path, greeting: bytes | None) -> None:
    """Silence, a closed port and another protocol are told in one line, and soon."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        if greeting is None:
            server.close()
        greeter = threading.Thread(target=_greet, args=(server, greeting))
        if greeting:
            greeter.start()
        with pytest.raises(SourceError, match=r"^sent: localhost") as failed:
            read(tmp_path, f"localhost:{port}", patience_s=0.3)
        assert "\n" not in str(failed.value)
        if greeting:
            greeter.join()
        else:
            assert isinstance(failed.value, SourceAwayError)


def _greet(server: socket.socket, greeting: bytes) -> None:
    server.settimeout(5)
    with server.accept()[0] as client:
        client.sendall(greeting)
