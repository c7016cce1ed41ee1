"""Mailboxes: what is one, what is none, and which two are the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.model.address import Address, AddressError

ODD_BUT_LEGAL = [
    "a@b.test",
    "first.last+tag@example.com",
    "!#$%&'*+/=?^_`{|}~-@example.com",
    "#!$%&'*+-/=?^_`{}|~@example.org",
    "user%other.test@example.com",
    '"a b"@example.com',
    '"a@b"@example.com',
    r'"a\"b"@example.com',
    '""@example.com',
    "a@[192.0.2.1]",
    "a@[IPv6:2001:db8::1]",
    "a@xn--r8jz45g.example.jp",
    "x" * 64 + "@example.com",
    "花子@例え.example.jp",
    "a_b@under_score.example.com",
]

HOSTILE = [
    pytest.param("", id="nothing"),
    pytest.param("ann", id="no domain"),
    pytest.param("@example.com", id="no local part"),
    pytest.param("ann@", id="empty domain"),
    pytest.param("a@b@example.com", id="two at signs"),
    pytest.param("@relay.test,@b.test:a@example.com", id="source route"),
    pytest.param("a..b@example.com", id="empty atom"),
    pytest.param(".a@example.com", id="leading dot"),
    pytest.param("a.@example.com", id="trailing dot in the local part"),
    pytest.param("a@example.com.", id="trailing dot in the domain"),
    pytest.param("a@example..com", id="empty label"),
    pytest.param("a@-example.com", id="label begins with a hyphen"),
    pytest.param("a b@example.com", id="bare space"),
    pytest.param('"a"b@example.com', id="something behind the quotes"),
    pytest.param('"a@example.com', id="open quotes"),
    pytest.param("a(comment)@example.com", id="comment"),
    pytest.param("<a@example.com>", id="brackets"),
    pytest.param("=?utf-8?q?a=0d=0aRCPT_TO:<evil@x>?=@example.com", id="encoded word"),
    pytest.param("=?utf-8?q?evil?=@example.com", id="encoded word of atoms"),
    pytest.param('"=?utf-8?q?evil?="@example.com', id="encoded word in quotes"),
    pytest.param("a@=?utf-8?q?evil.test?=", id="encoded word as domain"),
    pytest.param("a\r\nRCPT TO:<evil@x>@example.com", id="CR LF"),
    pytest.param('"a\rb"@example.com', id="bare CR in quotes"),
    pytest.param('"a\0b"@example.com', id="NUL in quotes"),
    pytest.param("a\tb@example.com", id="tab"),
    pytest.param("a\x7f@example.com", id="DEL"),
    pytest.param("a\x85b@example.com", id="C1 control"),
    pytest.param("a\u200bb@example.com", id="zero-width space"),
    pytest.param("a\u202eb@example.com", id="right-to-left override"),
    pytest.param("a\u00a0b@example.com", id="no-break space"),
    pytest.param("a\u3000b@example.com", id="ideographic space"),
    pytest.param("a＠evil.test@example.com", id="full-width at sign"),
    pytest.param("a＠evil.test", id="nothing but a full-width at sign"),
    pytest.param("a＜b@example.com", id="full-width bracket"),
    pytest.param("a⑴b@example.com", id="a character that hides brackets"),
    pytest.param("a\udcffb@example.com", id="surrogate"),
    pytest.param("x" * 65 + "@example.com", id="long local part"),
    pytest.param("花" * 22 + "@example.com", id="long local part in octets"),
    pytest.param("a@" + "x" * 64 + ".com", id="long label"),
    pytest.param("a@" + "x." * 130 + "com", id="long domain"),
    pytest.param("a@[999.0.2.1]", id="no IPv4 address"),
    pytest.param("a@[IPv6::::1]", id="no IPv6 address"),
    pytest.param("a@[evil.test]", id="name in brackets"),
    pytest.param("a@[192.0.2.1", id="open bracket"),
    pytest.param("a@exam ple.com", id="space in the domain"),
    pytest.param("a@xn--a.example.com", id="impossible A-label"),
    pytest.param("a@☃-.example.com", id="impossible U-label"),
]


@pytest.mark.parametrize("text", ODD_BUT_LEGAL)
def test_odd_but_legal_survives(text: str) -> None:
    """R-D2: what RFC 5321 and 6531 allow is kept to the letter."""
    assert Address.parse(text).text == text


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_is_refused(text: str) -> None:
    """R-D1: what is no mailbox, or what somebody after us could read as another, is none."""
    with pytest.raises(AddressError):
        Address.parse(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("Ann@Example.COM", "ann@example.com", id="case"),
        pytest.param('"ann"@example.com', "ann@example.com", id="needless quotes"),
        pytest.param(r'"a\nn"@example.com', "ann@example.com", id="needless backslash"),
        pytest.param("a@例え.example.jp", "a@xn--r8jz45g.example.jp", id="U-label and A-label"),
        pytest.param("a@ｅｘａｍｐｌｅ.com", "a@example.com", id="full-width letters in a domain"),
        pytest.param("a@例え。example.jp", "a@例え.example.jp", id="ideographic full stop"),
        pytest.param("e\u0301@example.com", "\u00e9@example.com", id="composed and decomposed"),
    ],
)
def test_equal(one: str, other: str) -> None:
    """R-D4: two spellings that reach the same box are equal, and have one key."""
    assert Address.parse(one) == Address.parse(other)
    assert Address.parse(one).key == Address.parse(other).key
    assert hash(Address.parse(one)) == hash(Address.parse(other))


def test_sub_addresses_differ() -> None:
    """R-D4: what stands behind a plus sign is part of the address."""
    assert Address.parse("ann+x@example.com") != Address.parse("ann@example.com")


@given(st.text(max_size=80) | st.from_regex(r"\A[^@]{1,20}@[^@]{1,30}\Z"))
def test_any_text(text: str) -> None:
    """Any text is an address kept to the letter and safe in a command, or an AddressError."""
    try:
        address = Address.parse(text)
    except AddressError:
        return
    assert address.text == text
    assert not any(char in text for char in "\r\n\0\x85\u2028")
    assert Address.parse(address.text).key == address.key
