"""What EHLO announces, by what the upstream can and where the session stands."""

import pytest

from guard.config.mail import Limits
from guard.submission.announce import announced

ALL = {
    "PIPELINING": "",
    "SIZE": "50000",
    "8BITMIME": "",
    "SMTPUTF8": "",
    "DSN": "",
    "CHUNKING": "",
    "REQUIRETLS": "",
    "AUTH": "PLAIN",
    "STARTTLS": "",
    "LIMITS": "RCPTMAX=50 MAILMAX=5",
    "X-OTHER": "",
}
LIMITS = Limits(message_bytes=100_000, recipients=200)


def lines(extensions: dict[str, str], **state) -> list[str]:
    settled = {"tls": False, "starttls": False, "mechanisms": (), **state}
    return list(announced(extensions, LIMITS, **settled))


def test_what_the_upstream_has_is_offered() -> None:
    """Only what both can; nothing of the upstream's TLS, logins or own inventions is repeated."""
    assert lines(ALL) == [
        "PIPELINING",
        "SIZE 50000",
        "8BITMIME",
        "SMTPUTF8",
        "DSN",
        "CHUNKING",
        "ENHANCEDSTATUSCODES",
        "LIMITS RCPTMAX=50",
    ]


def test_what_the_upstream_lacks_is_not() -> None:
    """What we do ourselves needs no upstream."""
    own = ["PIPELINING", "SIZE 100000", "ENHANCEDSTATUSCODES", "LIMITS RCPTMAX=200"]
    assert lines({}) == own


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({}, set()),
        ({"starttls": True}, {"STARTTLS"}),
        ({"starttls": True, "mechanisms": ("PLAIN",)}, {"STARTTLS"}),
        ({"starttls": True, "tls": True}, {"REQUIRETLS"}),
        ({"tls": True, "mechanisms": ("PLAIN", "LOGIN")}, {"AUTH PLAIN LOGIN", "REQUIRETLS"}),
    ],
)
def test_tls(state: dict, words: set[str]) -> None:
    """R-B10: STARTTLS in clear only, AUTH and REQUIRETLS under TLS only."""
    assert set(lines(ALL, **state)) - set(lines(ALL)) == words


@pytest.mark.parametrize(
    ("theirs", "line"),
    [
        ("", "LIMITS RCPTMAX=200"),
        ("RCPTMAX=1000", "LIMITS RCPTMAX=200"),
        ("MAILMAX=3 RCPTMAX=100 RCPTDOMAINMAX=10", "LIMITS RCPTMAX=100 RCPTDOMAINMAX=10"),
        ("RCPTMAX 100", "LIMITS RCPTMAX=100"),
        ("RCPTMAX=0", "LIMITS RCPTMAX=200"),
        ("RCPTMAX=x RCPTMAX=-1", "LIMITS RCPTMAX=200"),
    ],
)
def test_limits(theirs: str, line: str) -> None:
    """RFC 9422: the narrower of the upstream's limit and ours."""
    assert lines({"LIMITS": theirs})[-1] == line


@pytest.mark.parametrize(
    ("theirs", "line"),
    [("", "SIZE 100000"), ("0", "SIZE 100000"), ("99", "SIZE 99"), ("²", "SIZE 100000")],
)
def test_size(theirs: str, line: str) -> None:
    """The smaller limit; an upstream that names none, or nonsense, has none (RFC 1870 §4)."""
    assert line in lines({"SIZE": theirs})
