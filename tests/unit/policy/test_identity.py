"""Whose a login is, and as whom it may send."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.model.address import Address
from guard.model.envelope import Submitter
from guard.policy.identity import Identity, address_of
from guard.policy.us import Us

YAMADA = Address.parse("yamada@example.co.jp")
US = Us.model_validate(
    {
        "domains": ["example.co.jp", "例え.example"],
        "shared_mailboxes": {
            "info@example.co.jp": ["yamada@example.co.jp", "suzuki@example.co.jp"],
            "press@example.co.jp": "suzuki@example.co.jp",
        },
        "send_as": {
            "Yamada@Example.co.jp": ["*@brand.example", "b?ss@example.co.jp"],
            "suzuki@example.co.jp": "*@xn--r8jz45g.jp",
        },
    }
)


def may(login: str | None, address: Address | None, used: str) -> bool:
    submitter = Submitter(peer="192.0.2.7", login=login, address=address)
    return Identity.of(submitter, US).may_use(Address.parse(used))


@pytest.mark.parametrize(
    ("used", "allowed"),
    [
        pytest.param("yamada@example.co.jp", True, id="own"),
        pytest.param("YAMADA@EXAMPLE.CO.JP", True, id="own in capitals"),
        pytest.param("yamada+news@example.co.jp", True, id="sub-address of the own"),
        pytest.param("yamada+@example.co.jp", True, id="empty tag"),
        pytest.param("+yamada@example.co.jp", False, id="a plus sign in front is no tag"),
        pytest.param("yamada-news@example.co.jp", False, id="another name"),
        pytest.param("yamada@mail.example.co.jp", False, id="own name at another domain"),
        pytest.param("yamada@例え.example", False, id="own name at another domain of ours"),
        pytest.param("info@example.co.jp", True, id="shared, and a member"),
        pytest.param("info+q3@example.co.jp", True, id="sub-address of the shared"),
        pytest.param("press@example.co.jp", False, id="shared, and no member"),
        pytest.param("anybody@brand.example", True, id="granted domain"),
        pytest.param("anybody@sub.brand.example", False, id="below the granted domain"),
        pytest.param("boss@example.co.jp", True, id="granted pattern"),
        pytest.param("boss+x@example.co.jp", True, id="sub-address of the granted"),
        pytest.param("bosss@example.co.jp", False, id="not of the granted pattern"),
        pytest.param("a@例え.jp", False, id="granted to somebody else"),
        pytest.param('"a@brand.example"@evil.test', False, id="granted domain in a local part"),
    ],
)
def test_may_use(used: str, allowed: bool) -> None:
    """Own, shared and granted addresses, with their sub-addresses, and nothing else."""
    assert may("yamada", YAMADA, used) is allowed


@pytest.mark.parametrize(
    ("login", "used", "allowed"),
    [
        ("yamada", "yamada@example.co.jp", True),
        ("YAMADA", "yamada@xn--r8jz45g.example", True),
        ("yamada", "yamada@elsewhere.example", False),
        ("yamada", "info@example.co.jp", True),
        ("yamada", "x@brand.example", True),
        ("yamada", "suzuki@example.co.jp", False),
        ("EXAMPLE\\yamada", "yamada@example.co.jp", False),
        ("", "yamada@example.co.jp", False),
        (None, "yamada@example.co.jp", False),
    ],
)
def test_login_without_address(login: str | None, used: str, allowed: bool) -> None:
    """A login of which no address is known is that name at each of our domains."""
    assert may(login, None, used) is allowed


@pytest.mark.parametrize(
    ("login", "address", "found"),
    [
        ("yamada", YAMADA, "yamada@example.co.jp"),
        ("other@example.co.jp", YAMADA, "yamada@example.co.jp"),
        ("other@example.co.jp", None, "other@example.co.jp"),
        ("yamada", None, None),
        ("a@b@c", None, None),
        (None, YAMADA, None),
        (None, None, None),
    ],
)
def test_address_of(login: str | None, address: Address | None, found: str | None) -> None:
    """What the checker of the login knows goes before what the login looks like."""
    known = address_of(Submitter(peer="192.0.2.7", login=login, address=address))

    assert (known and known.text) == found


@pytest.mark.parametrize(
    ("granted", "used"),
    [
        ("*@例え.jp", "a@xn--r8jz45g.jp"),
        ("*@xn--r8jz45g.jp", "a@例え.jp"),
        ("*@XN--R8JZ45G.JP", "a@例え.jp"),
        ("*@*.例え.jp", "a@b.xn--r8jz45g.jp"),
        ("*@ｂｒａｎｄ.example", "a@brand.example"),
        ("*@BRAND.example", "a@brand.EXAMPLE"),
    ],
)
def test_spellings_of_a_domain(granted: str, used: str) -> None:
    """R-D4: a pattern covers its domain in every spelling, U-labels and A-labels alike."""
    us = Us.model_validate({"domains": "example.co.jp", "send_as": {str(YAMADA): granted}})
    identity = Identity.of(Submitter(peer="", login="yamada", address=YAMADA), us)

    assert identity.may_use(Address.parse(used))


@given(st.text(max_size=40))
def test_any_login(login: str) -> None:
    """Any login is somebody or nobody, and may not be a stranger."""
    identity = Identity.of(Submitter(peer="", login=login), US)

    assert not identity.may_use(Address.parse("somebody@stranger.test"))
