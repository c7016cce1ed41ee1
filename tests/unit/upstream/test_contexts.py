"""TLS settings for the upstream: made once, and again when their files change."""

import os
import ssl
from pathlib import Path

import pytest
from certificates import Authority
from structlog.testing import capture_logs

from guard.config import Route
from guard.model.errors import UpstreamError
from guard.upstream.tls import Contexts


def touched(file: Path, seconds: int) -> None:
    """Make *file* newer."""
    os.utime(file, (2_000_000_000 + seconds, 2_000_000_000 + seconds))


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def test_made_once(authority: Authority) -> None:
    """R-E4: no connection pays for reading the authorities again."""
    contexts = Contexts(Route(tls="required", ca=authority.file))
    assert contexts.current() is contexts.current()


def test_made_again_when_a_file_changes(authority: Authority) -> None:
    """A certificate that was renewed is used from the next connection on."""
    authority.server_context("guard.test")
    file = authority.file.parent / "guard.test.pem"
    contexts = Contexts(Route(tls="required", certificate=file, ca=authority.file))
    first = contexts.current()
    for number, changed in enumerate((file, authority.file)):
        touched(changed, number)
        assert contexts.current() is not first
        first = contexts.current()


@pytest.mark.parametrize("flaw", ["broken", "missing"])
def test_bad_new_file(authority: Authority, flaw: str) -> None:
    """The old settings stay in force; it is told of once, not for every connection."""
    contexts = Contexts(Route(tls="required", ca=authority.file))
    first = contexts.current()
    if flaw == "missing":
        authority.file.unlink()
    else:
        authority.file.write_text("no certificate")
        touched(authority.file, 1)
    with capture_logs() as logs:
        assert contexts.current() is first
        assert contexts.current() is first
    assert [line["event"] for line in logs] == ["upstream.certificate_refused"]


def test_never_any_good(tmp_path: Path) -> None:
    """Without authorities there is no TLS, and that is temporary trouble of ours."""
    file = tmp_path / "ca.pem"
    contexts = Contexts(Route(tls="required", ca=file))
    with pytest.raises(UpstreamError):
        contexts.current()
    Authority(tmp_path).file.rename(file)
    assert contexts.current().verify_mode is ssl.CERT_REQUIRED


@pytest.mark.parametrize("tls", ["opportunistic", "required", "implicit"])
def test_what_is_checked(authority: Authority, tls: str) -> None:
    """T22: TLS 1.2 at least; chain and name unless it is opportunistic, which takes anything."""
    context = Contexts(Route(tls=tls, ca=authority.file)).current()
    checks = tls != "opportunistic"

    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert context.check_hostname == checks
    assert (context.verify_mode is ssl.CERT_REQUIRED) == checks
    assert (len(context.get_ca_certs()) == 1) == checks
