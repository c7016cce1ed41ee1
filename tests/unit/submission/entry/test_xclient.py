"""XCLIENT: what a proxy says of its client, read."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.submission.entry.xclient import Introduction, XclientError, introduction


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("ADDR=192.0.2.7", Introduction(address="192.0.2.7")),
        ("addr=IPv6:2001:db8::7 name=a.example", Introduction(address="2001:db8::7")),
        ("ADDR=[UNAVAILABLE] NAME=[TEMPUNAVAIL]", Introduction(address="")),
        (
            (
                "NAME=c.example ADDR=192.0.2.7 PORT=51000 PROTO=ESMTP HELO=client.test LOGIN=ann "
                "DESTADDR=198.51.100.1 DESTPORT=587"
            ),
            Introduction(address="192.0.2.7", helo="client.test", login="ann"),
        ),
        ("LOGIN=ann+2Bx+20y@example.com", Introduction(login="ann+x y@example.com")),
        ("LOGIN=+E3+81+82", Introduction(login="あ")),
        ("LOGIN=[unavailable] HELO=[tempunavail]", Introduction(login="", helo="")),
        ("PROTO=SMTP", Introduction()),
    ],
)
def test_introductions(argument: str, said: Introduction) -> None:
    """Names in any case, values in xtext; what the proxy does not know is empty."""
    assert introduction(argument) == said


@pytest.mark.parametrize(
    "argument",
    [
        "",
        "ADDR",
        "ADDR=",
        "ADDR=localhost",
        "ADDR=2001:db8::7",
        "ADDR=IPV6:192.0.2.7",
        "ADDR=IPV6:fe80::1+25eth0",
        "ADDR=192.0.2.7 ADDR=192.0.2.8",
        "FNORD=1",
        "PORT=70000",
        "PORT=x",
        "PORT=١",
        "PROTO=LMTP",
        "NAME=a+20b",
        "HELO=+E3+81+82",
        "LOGIN=a+0D+0Ab",
        "LOGIN=a+0",
        "LOGIN=a+2b",
        "LOGIN=a=b",
        "LOGIN=+FF",
        "LOGIN=é",
        "LOGIN=" + "a" * 256,
        "LOGIN=a+E2+80+AEb",
    ],
)
def test_no_introductions(argument: str) -> None:
    """Anything else is refused whole."""
    with pytest.raises(XclientError):
        introduction(argument)


@given(st.text("ADRLOGINHE=+[]0123456789abcdefUV: .", max_size=80) | st.text(max_size=80))
def test_any_argument(argument: str) -> None:
    """Something clean, or a clean refusal."""
    try:
        said = introduction(argument)
    except XclientError:
        return
    assert not said.address or ipaddress.ip_address(said.address)
    assert (said.helo or "").isascii()
    assert (said.login or "").isprintable()


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=60).filter(str.isprintable))
def test_logins_come_through(login: str) -> None:
    """Whoever is said in xtext to be logged in is whom we hear of."""
    xtext = "".join(f"+{octet:02X}" for octet in login.encode())
    known = login.upper() not in {"[UNAVAILABLE]", "[TEMPUNAVAIL]"}
    assert introduction(f"LOGIN={xtext}").login == login or not known
