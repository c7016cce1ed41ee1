"""How one domain is written for another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.names.data import lines
from guard.names.domains import domain, skeleton, slip, unicode_form
from guard.names.freemail import FREE_MAIL


@pytest.mark.parametrize(
    ("a", "b", "kind"),
    [
        ("xn--wgv71a119e.example", "日本語.example", "same"),
        ("xn--80ak6aa92e.com", "apple.com", "homoglyph"),
        ("kіta.example", "kita.example", "homoglyph"),
        ("mail.kіta.example", "kita.example", "homoglyph"),
        ("ոorth.example", "north.example", "homoglyph"),
        ("ｎｏｒｔｈ.example", "north.example", "homoglyph"),
        ("vvest.example", "west.example", "homoglyph"),
        ("cloverclale.example", "cloverdale.example", "homoglyph"),
        ("bіgbank.example", "bigbank.example", "homoglyph"),
        ("abcco.jp", "abc.co.jp", "typo"),
        ("mail.kitashoji.example", "kitashoj.example", "typo"),
        ("kitashoji.example", "kitashooji.example", "romanisation"),
        ("kita.co.jp", "kita.com", "tld_swap"),
        ("kita.co.jp", "kita.jp", "tld_swap"),
        ("kita.ne.jp", "kita.or.jp", "tld_swap"),
        ("kita.co", "kita.com", "tld_swap"),
        ("gmaul.com", "gmail.com", "doppelganger"),
        ("gmail.co.jp", "gmail.com", "doppelganger"),
        ("yahoo.cp.jp", "yahoo.co.jp", "doppelganger"),
        ("yahoo.jp", "yahoo.co.jp", "doppelganger"),
        ("docomo.co.jp", "docomo.ne.jp", "doppelganger"),
        ("ezweb.ne.jo", "ezweb.ne.jp", "doppelganger"),
        ("biglobe.or.jp", "biglobe.ne.jp", "doppelganger"),
        ("ocn.me.jp", "ocn.ne.jp", "doppelganger"),
        ("nifity.com", "nifty.com", "doppelganger"),
        ("icloud.con", "icloud.com", "doppelganger"),
    ],
)
def test_slip(a: str, b: str, kind: str) -> None:
    """Look-alike letters, punycode, dots, endings and slips of providers have their kinds."""
    found = slip(a, b)

    assert (found and found[0]) == kind


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("xn--wgv71a119e.jp", "日本語.jp"),
        ("xn--.jp", ".jp"),
        ("xn--\xff.jp", "xn--\xff.jp"),
        ("kita.jp", "kita.jp"),
    ],
)
def test_unicode_form(text: str, shown: str) -> None:
    """Punycode is shown as people read it, and what is none as it is."""
    assert unicode_form(text) == shown
    assert domain(text).shown == shown


@given(st.text(st.characters(), max_size=30), st.text(st.characters(), max_size=30))
def test_any_domain(a: str, b: str) -> None:
    """Any two texts can be compared as domains, and a skeleton has no further one."""
    found = slip(a, b)

    assert found is None or 0 <= found[1] <= 100
    assert skeleton(skeleton(a)) == skeleton(a)


def test_doppelgangers() -> None:
    """Each line names a slip and what was meant; nothing is both, and no provider is a slip."""
    pairs = [line.split() for line in lines("doppelgangers")]

    assert all(len(pair) == 2 for pair in pairs)
    slips, meant = {pair[0] for pair in pairs}, {pair[1] for pair in pairs}
    assert len(slips) == len(pairs)
    assert not slips & (meant | FREE_MAIL)
