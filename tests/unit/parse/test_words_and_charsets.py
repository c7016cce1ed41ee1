"""Header text and charsets, as mail software of thirty years has written them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.parse.charset import codec, decode, iso2022jp
from guard.parse.words import decode_words, raw_text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        pytest.param(b"Re: hello", "Re: hello", id="plain"),
        pytest.param(b"=?UTF-8?B?44GK6KaL56mN?=", "お見積", id="base64"),
        pytest.param(b"=?utf-8?q?caf=C3=A9_au_lait?=", "café au lait", id="quoted-printable"),
        pytest.param(
            b"=?UTF-8?B?44GK6KaL?=\r\n =?UTF-8?B?56mN?=", "お見積", id="adjacent words, folded"
        ),
        pytest.param(
            b"=?UTF-8?B?44GK6KY=?= =?UTF-8?B?i+epjQ==?=", "お見積", id="a character cut in two"
        ),
        pytest.param(b"A =?UTF-8?Q?b?= c", "A b c", id="blanks beside other text stay"),
        pytest.param(b"=?iso-2022-jp?B?GyRCOCs7fRsoQg==?=", "見持", id="ISO-2022-JP"),
        pytest.param(
            b"=?ISO-2022-JP?B?GyRCLSEbKEI=?=", "①", id="ISO-2022-JP with a vendor's character"
        ),
        pytest.param(b"=?Shift_JIS?B?k/qWe4zqh0A=?=", "日本語①", id="Shift_JIS is CP932"),
        pytest.param(b"=?utf-8*ja?Q?=E3=81=82?=", "あ", id="with a language (RFC 2231)"),
        pytest.param("お見積".encode(), "お見積", id="raw UTF-8"),
        pytest.param("お見積り書".encode("cp932"), "お見積り書", id="raw Shift_JIS"),
        pytest.param("お見積り書".encode("euc_jp"), "お見積り書", id="raw EUC-JP"),
        pytest.param("お見積".encode("iso2022_jp"), "お見積", id="raw ISO-2022-JP"),
        pytest.param("Müller".encode("latin-1"), "Müller", id="raw Latin-1"),
        pytest.param(b"=?x-nobody?B?YWJj?=", "abc", id="unknown charset, ASCII"),
        pytest.param(b"=?utf-8?B?YWJ?=", "ab", id="base64 cut off"),
        pytest.param(b"=?utf-8?X?abc?=", "=?utf-8?X?abc?=", id="no encoding of RFC 2047"),
        pytest.param(b"one\r\n two\r\n\tthree", "one two\tthree", id="unfolded"),
    ],
)
def test_header_text(raw: bytes, text: str) -> None:
    """A header reads as its writer meant it."""
    assert decode_words(raw_text(raw)) == text


@pytest.mark.parametrize(
    ("octets", "charset", "text", "problem"),
    [
        pytest.param("髙﨑①".encode("cp932"), "shift_jis", "髙﨑①", "", id="vendor kanji"),
        pytest.param(b"\x1b$B|b\x1b(B", "iso-2022-jp", "髙", "", id="vendor kanji in 7 bit"),
        pytest.param(b"\x1b(I1\x1b(B", "iso-2022-jp", "ｱ", "", id="half-width kana in 7 bit"),
        pytest.param(b"\xad\xa1", "euc-jp", "①", "", id="EUC-JP with row 13"),
        pytest.param("あa".encode("utf-16-le"), "utf-16", "あa", "", id="UTF-16 without a mark"),
        pytest.param(b"+MEI-", "utf-7", "あ", "", id="UTF-7"),
        pytest.param("日本".encode(), None, "日本", "", id="nothing declared"),
        pytest.param("日本".encode(), "us-ascii", "日本", "wrong-charset", id="declared ASCII"),
        pytest.param("日本".encode("cp932"), "utf-8", "日本", "wrong-charset", id="wrong"),
        pytest.param("日本".encode(), "x-foo", "日本", "unknown-charset", id="unknown"),
        pytest.param(b"abc", "x-foo", "abc", "unknown-charset", id="unknown, though ASCII"),
        pytest.param(b"\xef\xbb\xbfabc", "utf-8", "abc", "", id="byte order mark"),
    ],
)
def test_decode(octets: bytes, charset: str | None, text: str, problem: str) -> None:
    """The declared charset is used where it fits, else the likeliest, and we say so."""
    assert decode(octets, charset) == (text, problem)


@pytest.mark.parametrize("name", ["idna", "punycode", "base64", "rot13", "../x", "", "a" * 99])
def test_what_is_no_charset(name: str) -> None:
    """Codecs of Python that are no charsets are not reachable from a header."""
    assert codec(name) is None


@given(st.binary(max_size=300), st.sampled_from([None, "utf-8", "iso-2022-jp", "utf-7", "hz", "x"]))
def test_anything_decodes(octets: bytes, charset: str | None) -> None:
    """No octets and no charset raise."""
    decode(octets, charset)
    iso2022jp(octets)
    decode_words(raw_text(octets))


@given(st.text("山田太郎かなカナABC 　、。", max_size=60))
def test_seven_bit_japanese_round_trip(text: str) -> None:
    """ISO-2022-JP reads the same with and without a vendor character beside it."""
    octets = text.encode("iso2022_jp")
    assert iso2022jp(octets) == text
    assert iso2022jp(octets + b"\x1b$B-!\x1b(B") == text + "①"


@pytest.mark.timeout(20)
def test_hostile_words_are_linear() -> None:
    """A header full of beginnings of encoded words takes no longer than one full of words."""
    decode_words("=?a?q?x" * 9_000)
    decode_words("=?a?q?x?= " * 6_000)
