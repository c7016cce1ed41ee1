"""What clients answer in an AUTH exchange, mechanism by mechanism."""

from base64 import b64encode
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from guard.model.errors import LoginRefusedError
from guard.ports import Credentials
from guard.submission.login.sasl import (
    MECHANISMS,
    MalformedError,
    begin,
    decoded,
    initial_response,
)

ALL = (*MECHANISMS, "EXTERNAL")
TEXT = st.text(min_size=1).filter(lambda text: "\0" not in text)
NAMES = TEXT.filter(lambda text: text.isprintable() and text == text.strip())


def converse(mechanism: str, *responses: bytes, certificate: str | None = None) -> Credentials:
    """Go through an exchange; there must be just enough responses."""
    exchange = begin(mechanism, certificate=certificate)
    next(exchange)
    *most, last = responses
    for response in most:
        exchange.send(response)
    with pytest.raises(StopIteration) as end:
        exchange.send(last)
    return end.value.value


@pytest.mark.parametrize(
    ("mechanism", "responses", "identity", "secret"),
    [
        pytest.param("PLAIN", [b"\0ann\0pass word"], "ann", "pass word", id="PLAIN"),
        pytest.param("PLAIN", [b"ann\0ann\0pw"], "ann", "pw", id="PLAIN acting as oneself"),
        pytest.param("PLAIN", ["\0花子\0パス".encode()], "花子", "パス", id="PLAIN, UTF-8"),
        pytest.param("LOGIN", [b"ann", b"pw"], "ann", "pw", id="LOGIN"),
        pytest.param(
            "OAUTHBEARER",
            [
                (
                    b"n,a=ann@example.com,\x01host=m.example\x01port=587\x01"
                    b"auth=Bearer t0k.-_~+/=\x01\x01"
                )
            ],
            "ann@example.com",
            "t0k.-_~+/=",
            id="OAUTHBEARER",
        ),
        pytest.param(
            "OAUTHBEARER",
            [b"y,a=a=2Cb=3Dc,\x01auth=bearer t\x01\x01"],
            "a,b=c",
            "t",
            id="OAUTHBEARER, escaped name",
        ),
        pytest.param(
            "XOAUTH2",
            [b"user=ann@example.com\x01auth=Bearer ya29.t\x01\x01"],
            "ann@example.com",
            "ya29.t",
            id="XOAUTH2",
        ),
    ],
)
def test_exchanges(mechanism: str, responses: list[bytes], identity: str, secret: str) -> None:
    """R-B12: each mechanism gives who and what; a token's response is kept as it came."""
    credentials = converse(mechanism, *responses)

    assert (credentials.mechanism, credentials.identity, credentials.secret) == (
        mechanism,
        identity,
        secret,
    )
    assert credentials.response == (b"" if mechanism == "LOGIN" else responses[0])
    assert "secret" not in repr(credentials)
    assert "response" not in repr(credentials)


@pytest.mark.parametrize("response", [b"", b"ann@example.com"])
def test_external(response: bytes) -> None:
    """The certificate says who it is; the response may only repeat it (RFC 4422 appendix A)."""
    credentials = converse("EXTERNAL", response, certificate="ann@example.com")

    assert (credentials.identity, credentials.secret) == ("ann@example.com", "")


@pytest.mark.parametrize(
    ("mechanism", "response", "certificate"),
    [
        pytest.param("PLAIN", b"bob\0ann\0pw", None, id="PLAIN"),
        pytest.param("EXTERNAL", b"bob", "ann", id="EXTERNAL"),
        pytest.param("EXTERNAL", b"", None, id="no certificate"),
    ],
)
def test_acting_as_somebody_else(mechanism: str, response: bytes, certificate: str | None) -> None:
    """Nobody logs in with their own word and goes on under another's name."""
    exchange = begin(mechanism, certificate=certificate)
    next(exchange)
    with pytest.raises(LoginRefusedError):
        exchange.send(response)


@pytest.mark.parametrize(
    ("mechanism", "response"),
    [
        ("PLAIN", b""),
        ("PLAIN", b"ann\0pw"),
        ("PLAIN", b"\0ann\0p\0w"),
        ("PLAIN", b"\0\0pw"),
        ("PLAIN", b"\0ann\0"),
        ("PLAIN", b"\0ann\0\xff"),
        ("LOGIN", b""),
        ("LOGIN", b"a\0b"),
        ("OAUTHBEARER", b"\x01"),
        ("OAUTHBEARER", b"n,,\x01auth=Bearer t\x01\x01"),
        ("OAUTHBEARER", b"p=tls-unique,a=ann,\x01auth=Bearer t\x01\x01"),
        ("OAUTHBEARER", b"n,a=a=b,\x01auth=Bearer t\x01\x01"),
        ("OAUTHBEARER", b"n,a=ann,\x01auth=Bearer t\x01auth=Bearer u\x01\x01"),
        ("OAUTHBEARER", b"n,a=ann,\x01auth=Basic t\x01\x01"),
        ("OAUTHBEARER", b"n,a=ann,\x01auth=Bearer t\x01"),
        ("XOAUTH2", b"user=\x01auth=Bearer t\x01\x01"),
        ("XOAUTH2", b"ann\x01auth=Bearer t\x01\x01"),
        ("XOAUTH2", b"user=ann\x01auth=Bearer t\x01\x01more"),
        ("XOAUTH2", b"user=ann\x01\x01"),
        ("XOAUTH2", b"user=ann\x01auth=Bearer t\x01user=bob\x01\x01"),
        ("XOAUTH2", b"user=ann\x01user=bob\x01auth=Bearer t\x01\x01"),
        ("XOAUTH2", b"auth=Bearer t\x01user=ann\x01\x01"),
        ("OAUTHBEARER", b"n,a=ann,\x01auth=Bearer t\x01user=bob\x01\x01"),
        ("OAUTHBEARER", b"n,a=ann,\x01host=a\x01host=b\x01auth=Bearer t\x01\x01"),
        ("OAUTHBEARER", b"n,a=ann,\x01auth=Bearer t\x01port\x01\x01"),
        ("OAUTHBEARER", b"n,a=ann,a=bob,\x01auth=Bearer t\x01\x01"),
        ("OAUTHBEARER", b"n,a=ann,\x01host=m.example\x01\x01"),
    ],
)
def test_malformed(mechanism: str, response: bytes) -> None:
    """R-B12: what is no response of its mechanism is refused as such."""
    exchange = begin(mechanism, certificate=None)
    next(exchange)
    with pytest.raises(MalformedError):
        exchange.send(response)


@pytest.mark.parametrize(
    "name",
    [
        "ann\r\nX",
        "ann\x1b[31m",
        "ann\n",
        "ann\x85",
        "a\u202enna",
        "a\u2066nn\u2069",
        "a\u2028nn",
        " ann",
        "ann ",
        "ann\u3000",
    ],
)
@pytest.mark.parametrize(
    ("mechanism", "form"),
    [
        ("PLAIN", "\0{}\0pw"),
        ("LOGIN", "{}"),
        ("OAUTHBEARER", "n,a={},\x01auth=Bearer t\x01\x01"),
        ("XOAUTH2", "user={}\x01auth=Bearer t\x01\x01"),
        ("EXTERNAL", ""),
    ],
)
def test_names_that_would_be_shown_falsely(mechanism: str, form: str, name: str) -> None:
    """R-B12: controls, turned text and spaces at the ends make no login, by any mechanism."""
    exchange = begin(mechanism, certificate=name)
    next(exchange)
    with pytest.raises(MalformedError):
        exchange.send(form.format(name).encode())


@pytest.mark.parametrize(
    ("word", "response"), [("", None), ("=", b""), ("AGFubgBwdw==", b"\0ann\0pw")]
)
def test_initial_response(word: str, response: bytes | None) -> None:
    """RFC 4954 §4: none, an empty one, and one."""
    assert initial_response(word) == response


@pytest.mark.parametrize("word", ["x", "===", "YQ", "Y Q==", "YQ==YQ==", "花", "YQ==\x00", "-_--"])
def test_no_base64(word: str) -> None:
    """R-B12: nothing is guessed at."""
    with pytest.raises(MalformedError):
        initial_response(word)


@given(st.binary())
def test_base64_round_trip(octets: bytes) -> None:
    """What a client encodes is what we read."""
    assert decoded(b64encode(octets).decode()) == octets


@given(st.text())
def test_any_line(line: str) -> None:
    """Any line gives octets or a clean refusal."""
    with suppress(MalformedError):
        assert isinstance(decoded(line), bytes)
        assert line.isascii()


@given(st.sampled_from(ALL), st.lists(st.binary(), min_size=2, max_size=2), st.none() | TEXT)
@example("XOAUTH2", [b"user=a\x01auth=Bearer t\x01\x01", b""], None)
def test_any_octets(mechanism: str, responses: list[bytes], certificate: str | None) -> None:
    """R-B8, R-B12: any octets give whole credentials or a clean refusal, and that soon."""
    credentials = None
    exchange = begin(mechanism, certificate=certificate)
    next(exchange)
    with suppress(MalformedError, LoginRefusedError):
        try:
            for response in responses:
                exchange.send(response)
        except StopIteration as end:
            credentials = end.value
        else:
            pytest.fail("asks and asks")
    if credentials is not None:
        assert credentials.mechanism == mechanism
        assert credentials.identity
        assert (credentials.secret == "") == (mechanism == "EXTERNAL")
        assert "\0" not in credentials.identity + credentials.secret


@given(NAMES, TEXT)
def test_plain_says_what_was_meant(name: str, password: str) -> None:
    """Any name that can be shown and any password without NUL arrive."""
    credentials = converse("PLAIN", f"\0{name}\0{password}".encode(errors="ignore"))
    assert (credentials.identity, credentials.secret) == (name, password)
