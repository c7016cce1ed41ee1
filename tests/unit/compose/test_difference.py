"""How two addresses differ: marked, and in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.compose.difference import bracketed, difference, spelled
from guard.model.address import Address


@pytest.mark.parametrize(
    ("this", "usual", "marked_this", "marked_usual", "english"),
    [
        pytest.param(
            *("sato@kita-syoji.example", "sato@kita-shoji.example"),
            *("sato@kita-[sy]oji.example", "sato@kita-[sh]oji.example"),
            '"sy" instead of "sh"',
            id="one letter, shown with the one before",
        ),
        pytest.param(
            *("ann@exmaple.com", "ann@example.com"),
            *("ann@ex[ma]ple.com", "ann@ex[am]ple.com"),
            '"ma" instead of "am"',
            id="swapped",
        ),
        pytest.param(
            *("ann@example.co", "ann@example.com"),
            *("ann@example.[co]", "ann@example.[com]"),
            '"co" instead of "com"',
            id="short label whole",
        ),
        pytest.param(
            *("a@kita-shouji.example", "a@kita-shoji.example"),
            *("a@kita-sh[ou]ji.example", "a@kita-sh[o]ji.example"),
            '"ou" instead of "o"',
            id="a letter too much",
        ),
        pytest.param(
            *("a@paypa1.example", "a@paypal.example"),
            *("a@paypa[1].example", "a@paypa[l].example"),
            '"1" instead of "l"; this 1 is the digit one; this l is a small L',
            id="digit named",
        ),
        pytest.param(
            *("a@kitash\u043eji.example", "a@kitashoji.example"),
            *("a@kitash[\u043e]ji.example", "a@kitash[o]ji.example"),
            '"\u043e" instead of "o"; this \u043e is Cyrillic',
            id="Cyrillic named",
        ),
        pytest.param(
            *("nguyen@harbour-legal.test", "nguyen@harbour-legal.example"),
            *("nguyen@harbour-legal.[test]", "nguyen@harbour-legal.[example]"),
            '"test" instead of "example"',
            id="an l that stands for nothing",
        ),
        pytest.param(
            *("a@b1g0.example", "a@bigo.example"),
            *("a@b[1g0].example", "a@b[igo].example"),
            '"1g0" instead of "igo"; this 1 is the digit one; this 0 is the digit zero',
            id="digits that stand for letters",
        ),
        pytest.param(
            *("ann@example.com", "ann@example.co.jp"),
            *("ann@example.[com]", "ann@example.[co.jp]"),
            '"com" instead of "co.jp"',
            id="suffixes of other lengths",
        ),
        pytest.param(
            *("ann@kita-syoji.or.jp", "ann@kita-shoji.com"),
            *("ann@kita-[sy]oji.[or.jp]", "ann@kita-[sh]oji.[com]"),
            '"sy" instead of "sh"; "or.jp" instead of "com"',
            id="label and suffix",
        ),
        pytest.param(
            *("ann@example.store", "ann@example.stone"),
            *("ann@example.[store]", "ann@example.[stone]"),
            '"store" instead of "stone"',
            id="suffix whole, however alike",
        ),
        pytest.param(
            *("ann@kita.shoji.example", "ann@kitashoji.example"),
            *("ann@kit[a.]shoji.example", "ann@kit[a]shoji.example"),
            '"a." instead of "a"',
            id="a dot too much",
        ),
        pytest.param(
            *("sato@minami.example", "sato@kita-shoji.example"),
            *("sato@[minami].example", "sato@[kita-shoji].example"),
            '"minami" instead of "kita-shoji"',
            id="different companies",
        ),
        pytest.param(
            *("sato.ichiro@kita.example", "sato.jiro@kita.example"),
            *("sato.[ich]iro@kita.example", "sato.[j]iro@kita.example"),
            '"ich" instead of "j"',
            id="local part",
        ),
        pytest.param(
            *("a@kita.co.example", "a@kita.example"),
            *("a@kita.[co.]example", "a@kita.example"),
            '"co." is too much',
            id="a label too much",
        ),
        pytest.param(
            *("Sato@kita.example", "sato@kita.example"),
            *("Sato@kita.example", "sato@kita.example"),
            "only capital and small letters",
            id="case alone",
        ),
    ],
)
def test_difference(
    this: str, usual: str, marked_this: str, marked_usual: str, english: str
) -> None:
    """What is marked is what a person would point at."""
    found = difference(Address.parse(this), Address.parse(usual))

    assert bracketed(found.this) == marked_this
    assert bracketed(found.usual) == marked_usual
    assert found.words("en") == english


def test_words_in_japanese() -> None:
    """Differences and odd letters are named in Japanese too."""
    plain = difference(
        Address.parse("sato@kita-syoji.example"), Address.parse("sato@kita-shoji.example")
    )
    odd = difference(Address.parse("a@kit\u0430.example"), Address.parse("a@kita.example"))

    assert plain.words("ja") == "「sy」と「sh」"
    assert odd.words("ja") == "「\u0430」と「a」、この \u0430 はキリル文字です"


def test_punycode_is_shown_as_people_read_it() -> None:
    """A domain in A-labels is compared, and shown, by its letters."""
    found = difference(
        Address.parse("a@xn--kitashji-n2i.example"), Address.parse("a@kitashoji.example")
    )

    assert "xn--" not in bracketed(found.this)


def test_spelled_for_screen_readers() -> None:
    """Differing letters are read one by one."""
    found = difference(
        Address.parse("sato@kita-syoji.example"), Address.parse("sato@kita-shoji.example")
    )

    assert spelled(found.this) == "sato@kita-, s, y, oji.example"


LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True).filter(
    lambda label: not label.startswith("xn--") and label[2:4] != "--"
)
ADDRESS = st.builds(
    lambda local, labels: Address.parse(f"{local}@{'.'.join(labels)}"),
    st.from_regex(r"[A-Za-z0-9]{1,8}(\.[a-z]{1,8})?", fullmatch=True),
    st.lists(LABEL, min_size=1, max_size=4),
)


@given(ADDRESS, ADDRESS)
def test_segments_are_the_addresses(this: Address, usual: Address) -> None:
    """Joined, the segments are the addresses; equal addresses have no difference."""
    found = difference(this, usual)

    assert "".join(part.text for part in found.this).lower() == this.text.lower()
    assert "".join(part.text for part in found.usual).lower() == usual.text.lower()
    assert (not found.pairs) == (this == usual)
    assert found.words("ja")
