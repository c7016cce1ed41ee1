"""Certificates of a listener, and what a client's own says."""

import os
import ssl
from pathlib import Path

import pytest
import structlog
from certificates import Authority

from guard.config import Listen
from guard.model.errors import SettingsError
from guard.submission.entry.tls import CURRENT, EXPIRES, Certificates, certified_identity


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def listen(certificate: Path, **more) -> Listen:
    return Listen(address="127.0.0.1:0", tls="starttls", certificate=certificate, **more)


def gauge(metric) -> float:
    return metric.labels("127.0.0.1:0")._value.get()


def test_context(authority: Authority) -> None:
    """TLS 1.2 and newer, no compression, no renegotiation, our order of ciphers, no client CA."""
    context = Certificates(listen(authority.issue())).context
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    for option in (ssl.OP_NO_COMPRESSION, ssl.OP_CIPHER_SERVER_PREFERENCE, ssl.OP_NO_RENEGOTIATION):
        assert option in context.options
    assert context.verify_mode is ssl.CERT_NONE


def test_client_authorities_ask_for_a_certificate(authority: Authority) -> None:
    """`client_ca`: a client may show a certificate, and need not."""
    settings = listen(authority.issue(), client_ca=authority.file, auth="optional")
    context = Certificates(settings).context
    assert context.verify_mode is ssl.CERT_OPTIONAL
    assert [each["subject"] for each in context.get_ca_certs()] == [
        ((("commonName", "Test authority"),),)
    ]


@pytest.mark.parametrize(
    ("role", "content", "says"),
    [
        pytest.param("certificate", None, "cannot be read", id="no file"),
        pytest.param("certificate", b"", "holds no certificate", id="empty"),
        pytest.param("certificate", b"-----BEGIN CERTIFICATE-----\nx", "no certificate", id="torn"),
        pytest.param("key", None, "cannot be read", id="no key file"),
        pytest.param("key", b"nothing", "no key for this", id="no key"),
        pytest.param("key", "other", "no key for this", id="of another certificate"),
        pytest.param("key", "encrypted", "no key for this", id="with a password"),
        pytest.param("client_ca", None, "cannot be read", id="no authorities' file"),
        pytest.param("client_ca", b"nothing", "holds no certificate", id="no authorities"),
    ],
)
def test_a_bad_file_refuses_the_start(
    role: str, content: bytes | str | None, says: str, authority: Authority, tmp_path: Path
) -> None:
    """The problem names the file and what to do, and nothing that stands in it."""
    files = {"certificate": authority.issue(), "client_ca": authority.file}
    bad = files[role] = tmp_path / "bad.pem"
    match content:
        case bytes():
            bad.write_bytes(content)
        case "other":
            authority.issue(file="bad.pem")
        case "encrypted":
            bad.write_bytes(ENCRYPTED_KEY)
    with pytest.raises(SettingsError) as caught:
        Certificates(listen(auth="optional", **files))
    (problem,) = caught.value.problems
    assert problem.file == str(bad)
    assert says in problem.message
    assert problem.hint


@pytest.mark.parametrize("role", ["certificate", "key", "client_ca"])
def test_a_pipe_is_refused_at_once(role: str, authority: Authority, tmp_path: Path) -> None:
    """R-B11: nobody waits for what may never come."""
    os.mkfifo(tmp_path / "pipe.pem")
    files = {"certificate": authority.issue(), "client_ca": authority.file}
    files[role] = tmp_path / "pipe.pem"
    with pytest.raises(SettingsError, match="no regular file"):
        Certificates(listen(auth="optional", **files))


def test_reload(authority: Authority, tmp_path: Path) -> None:
    """R-B11: a new file is seen, and its certificate is for the next connection."""
    certificates = Certificates(listen(authority.issue()))
    before = certificates.context
    assert not certificates.changed()
    authority.issue()
    assert certificates.changed()
    assert certificates.reload()
    assert certificates.context is not before
    assert not certificates.changed()


@pytest.mark.parametrize("damage", ["cut", "gone"])
def test_a_broken_new_file_keeps_the_old_and_alarms(authority: Authority, damage: str) -> None:
    """R-B11: told once in the log, by the gauge until it is mended; with no content of the file."""
    file = authority.issue()
    certificates = Certificates(listen(file))
    before = certificates.context
    assert gauge(CURRENT) == 1
    secret = file.read_text().splitlines()[-3]
    if damage == "cut":
        file.write_bytes(file.read_bytes()[:-200])
    else:
        file.unlink()
    with structlog.testing.capture_logs() as logs:
        assert not certificates.reload()
    assert certificates.context is before
    assert gauge(CURRENT) == 0
    assert not certificates.changed()
    (line,) = logs
    assert (line["event"], line["log_level"]) == ("certificate.refused", "error")
    assert secret not in repr(line)
    authority.issue()
    assert certificates.reload()
    assert gauge(CURRENT) == 1


def test_a_file_exchanged_by_a_link_is_another(authority: Authority, tmp_path: Path) -> None:
    """R-B11: as tools for certificates do it, also within one tick of the clock."""
    link = tmp_path / "live.pem"
    link.symlink_to(authority.issue(file="1.pem"))
    certificates = Certificates(listen(link))
    second = authority.issue(file="2.pem")
    stamp = link.stat().st_mtime_ns
    link.unlink()
    link.symlink_to(second)
    os.utime(second, ns=(stamp, stamp))
    assert certificates.changed()


def test_expiry_is_a_metric(authority: Authority) -> None:
    """When the certificate runs out can be watched; one that has is told of, and served."""
    Certificates(listen(authority.issue()))
    good = gauge(EXPIRES)
    with structlog.testing.capture_logs() as logs:
        Certificates(listen(authority.issue(expired=True)))
    assert gauge(EXPIRES) == good - 2 * 86400
    assert [line["event"] for line in logs] == ["certificate.expired"]


@pytest.mark.parametrize(
    ("certificate", "identity"),
    [
        pytest.param(None, None, id="none"),
        pytest.param({}, None, id="not verified"),
        pytest.param({"subject": ()}, None, id="without names"),
        pytest.param(
            {
                "subject": ((("commonName", "Ann"),),),
                "subjectAltName": (
                    ("DNS", "a.example"),
                    ("email", "ann@example.com"),
                    ("email", "b@example.com"),
                ),
            },
            "ann@example.com",
            id="the first mail address",
        ),
        pytest.param(
            {
                "subject": ((("countryName", "JP"),), (("commonName", "Ann"),)),
                "subjectAltName": (("DNS", "a.example"),),
            },
            "Ann",
            id="else the common name",
        ),
        pytest.param(
            {"subject": ((("commonName", "An\nn"),),)}, None, id="but nothing that is not printable"
        ),
    ],
)
def test_certified_identity(certificate: dict | None, identity: str | None) -> None:
    """Whom a verified certificate names."""
    assert certified_identity(certificate) == identity


def _encrypted_key() -> bytes:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"pass"),
    )


ENCRYPTED_KEY = _encrypted_key()
