"""Who may mail, and as whom: every combination of network, TLS, login and proxy."""

import itertools

import pytest
from certificates import Authority

from guard.config import Listen
from guard.model.address import Address
from guard.model.envelope import Submitter
from guard.ports import Login
from guard.submission.entry.listener import Listener
from guard.submission.entry.xclient import Introduction
from guard.submission.standing import Standing

ANN = Login(name="ann", address=Address.parse("ann@example.com"))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory):
    return Authority(tmp_path_factory.mktemp("tls")).issue()


def standing(certificate=None, **listen) -> Standing:
    tls = {"tls": "starttls", "certificate": certificate} if certificate else {}
    settings = Listen(trusted=("192.0.2.0/24",), **tls, **listen)
    return Standing(Listener(settings, lambda *_: None), login_domain="example.com")


@pytest.mark.parametrize(
    ("auth", "tls", "peer", "logged_in"),
    [
        *itertools.product(
            ("none", "optional", "required"),
            (False, True),
            ("192.0.2.7", "203.0.113.7", ""),
            (False, True),
        )
    ],
)
def test_who_may_mail(auth: str, tls: bool, peer: str, logged_in: bool, certificate) -> None:
    """T3: a login may; a trusted network may unless logins are required; nobody else may."""
    client = standing(certificate, auth=auth)
    client.proved = ANN if logged_in else None
    refusal = client.mail_refusal(peer, tls=tls)
    if logged_in or (peer == "192.0.2.7" and auth != "required"):
        assert refusal is None
    elif not tls:
        assert str(refusal).startswith("530 5.7.0 Must issue a STARTTLS")
    else:
        assert str(refusal)[:9] == ("554 5.7.1" if auth == "none" else "530 5.7.0")


def test_no_tls_no_login() -> None:
    """Where neither is to be had, strangers are refused for good."""
    assert str(standing().mail_refusal("203.0.113.7", tls=False)).startswith("554 5.7.1 ")


def test_submitter() -> None:
    """What is known is written down; a login proved to us counts more than a proxy's word."""
    client = standing()
    client.helo = "proxy.test"
    assert client.submitter("192.0.2.7", tls=True) == Submitter(
        peer="192.0.2.7", helo="proxy.test", tls=True
    )
    client.introduce(Introduction(address="192.0.2.9", helo="pc.test", login="bob"))
    assert client.submitter("192.0.2.9", tls=False) == Submitter(
        peer="192.0.2.9", helo="pc.test", login="bob", address=Address.parse("bob@example.com")
    )
    client.proved = ANN
    assert client.submitter("192.0.2.9", tls=False).login == "ann"


def test_forget() -> None:
    """R-B10: hello and login are forgotten; what a proxy said of its client is not."""
    client = standing()
    client.introduce(Introduction(address="192.0.2.9", login="bob"))
    client.helo, client.is_extended, client.proved = "c.test", True, ANN
    client.forget()
    assert (client.helo, client.is_extended, client.proved) == ("", False, None)
    assert client.login is not None
    assert client.login.name == "bob"


@pytest.mark.parametrize(
    ("second", "login", "helo"),
    [
        (Introduction(), "bob", "pc.test"),
        (Introduction(login=""), None, "pc.test"),
        (Introduction(helo=""), "bob", ""),
        (Introduction(login="carol"), "carol", "pc.test"),
        (Introduction(address="192.0.2.9"), None, ""),
    ],
)
def test_a_second_introduction(second: Introduction, login: str | None, helo: str) -> None:
    """It adds to the first, or takes back; with an address it is about somebody else."""
    client = standing()
    client.introduce(Introduction(address="192.0.2.9", helo="pc.test", login="bob"))
    client.introduce(second)
    submitter = client.submitter("192.0.2.9", tls=False)
    assert (submitter.login, submitter.helo) == (login, helo)
