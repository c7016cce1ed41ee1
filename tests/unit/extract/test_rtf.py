"""RTF as programs write it, and as nobody should."""

import pytest
from containers import packed
from hypothesis import given
from hypothesis import strategies as st

from guard.extract.budget import Budget
from guard.extract.read import read
from guard.model.extract import ReadState, Reason


def rtf(body: str | bytes, head: str = r"\ansi\ansicpg932{\fonttbl{\f0\fcharset128 X;}}") -> bytes:
    """A document with this in it."""
    inner = body.encode("ascii") if isinstance(body, str) else body
    return b"{\\rtf1" + head.encode("ascii") + b"\n" + inner + b"}"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        pytest.param(r"\f0 \'8eR\'93c", "山田", id="the second half is a letter"),
        pytest.param(r"\f0 \'95\'5c\'8e\'a6", "表示", id="the second half is a backslash, in hex"),
        pytest.param(r"\f0 \'95\\\'8e\'a6", "表示", id="the second half is a backslash"),
        pytest.param(r"\f0 \'83\{", "ボ", id="the second half is a brace"),
        pytest.param(b"\\f0 \x95\x5c\x8e\xa6", "表示", id="as it stands"),
        pytest.param(r"\f0 \'8e" + "\n" + r"\'52", "山", id="a line end between the halves"),
        pytest.param(r"{\f0 \'8e}{\f0 R}", "山", id="groups between the halves"),
        pytest.param(r"\uc2\u23665\'8eR\u30000\'93cx", "山田x", id="Unicode with two to skip"),
        pytest.param(r"\uc1\u23665?\u30000?x", "山田x", id="Unicode with one to skip"),
        pytest.param(r"\uc0\u23665\u30000x", "山田x", id="Unicode with none"),
        pytest.param(r"{\uc2 {\u23665 ab}}\u30000 cd", "山田d", id="how many belongs to a group"),
        pytest.param(r"\u-10179?\u-8704?", "😀", id="a surrogate pair"),
        pytest.param(r"a\par b\tab c\line d", "a\nb\tc\nd", id="marks"),
        pytest.param(r"\intbl a\par b\cell c\cell\row", "a b\tc", id="a paragraph in a cell"),
        pytest.param(r"a{\*\generator xyz;}b", "ab", id="noise"),
        pytest.param(r"a\bin3 }}}b", "ab", id="octets that are no RTF"),
        pytest.param(r"{\upr{old}{\*\ud{\u23665?}}}", "old山", id="a Unicode twin"),
        pytest.param(r"a{\v b}c", "abc", id="hidden text stays where it is"),
    ],
)
def test_text(body: str | bytes, text: str) -> None:
    """What the reader of a document sees is what comes out."""
    found = read("a.rtf", rtf(body), budget=Budget())
    assert (found.text, found.state) == (text, ReadState.READ)


@pytest.mark.parametrize(
    ("body", "place", "text"),
    [
        (r"a{\header b}c", "header", "b"),
        (r"a{\footnote b}c", "footnotes", "b"),
        (r"a{\*\annotation b}c", "comments", "b"),
        (r"a{\field{\*\fldinst LINK x}{\fldrslt c}}", "field codes", "LINK x"),
        (r"a{\deleted b}c", "deleted text", "b"),
        (r"a\deleted b\deleted0 c", "deleted text", "b"),
        (r"{\info{\title b}}ac", "properties", "b"),
        (r"ac{\*\shpinst{\sp{\sn wzDescription}{\sv b}}{\sp{\sn x}{\sv 9}}}", "drawing", "b"),
        (r"ac{\*\nobodyknows b}", "unknown destination", "b"),
        (
            (
                r"ac{\*\listtable{\list{\listlevel{\leveltext\leveltemplateid7\'03TEL 0312\'00;}"
                r"{\levelnumbers\'01;}}{\listlevel{\leveltext\'02\'00.;}}}}"
            ),
            "list labels",
            "TEL 0312;",
        ),
    ],
)
def test_what_stands_apart(body: str, place: str, text: str) -> None:
    """It is named, and leaves the line around it whole."""
    found = read("a.rtf", rtf(body), budget=Budget())
    assert {one.place: one.text for one in found.passages} == {"": "ac", place: text}


def test_fonts_of_several_languages() -> None:
    """Each font has its code page, that of the document holds for the others."""
    head = r"\ansi\ansicpg1252{\fonttbl{\f0\fcharset0 A;}{\f1\fcharset128 B;}{\f2\fcharset204 C;}}"
    found = read("a.rtf", rtf(r"\f0\'e9 \f1\'8eR \f2\'e4\'e0", head), budget=Budget())
    assert found.text == "é 山 да"


def test_utf8_that_nobody_declared() -> None:
    """Some writers put it in as it is."""
    octets = rtf("山田 太郎".encode(), r"\ansi{\fonttbl{\f0 A;}}")
    assert read("a.rtf", octets, budget=Budget()).text == "山田 太郎"


def test_object() -> None:
    """An embedded file is read; a link has only its name."""
    package = b"\2\0n.txt\0n\0\0\0\3\0" + b"\2\0\0\0n\0" + b"\4\0\0\0note"
    octets = b"\1\5\0\0\2\0\0\0\x08\0\0\0Package\0" + bytes(8)
    octets += len(package).to_bytes(4, "little") + package
    found = read("a.rtf", rtf(rf"a{{\object{{\*\objdata {octets.hex()}}}}}"), budget=Budget())
    assert [(one.place, one.text) for one in found.passages] == [
        ("", "a"),
        ("a.rtf/n.txt", "note"),
    ]
    link = b"\1\5\0\0\1\0\0\0" + b"\2\0\0\0X\0" + b"\6\0\0\0c.xls\0" + bytes(4)
    found = read("a.rtf", rtf(rf"{{\object{{\*\objdata {link.hex()}}}}}"), budget=Budget())
    assert "c.xls" in found.text


def test_picture_alone() -> None:
    """A document that is nothing but a scan says so."""
    assert read("a.rtf", rtf(r"{\pict 0102}"), budget=Budget()).reasons == (Reason.IMAGE_ONLY,)


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        pytest.param(rtf("{" * 200_000), Reason.LIMIT, id="groups without an end"),
        pytest.param(rtf("{" * 5000 + "}" * 5000)[:-40], Reason.CORRUPT, id="torn"),
        pytest.param(rtf(r"\bin2147483647 x"), Reason.CORRUPT, id="more octets than there are"),
    ],
)
def test_hostile(octets: bytes, reason: Reason) -> None:
    """It ends soon, and says why."""
    assert reason in read("a.rtf", octets, budget=Budget()).reasons


def test_many_empty_binaries() -> None:
    """As many as one likes take no more than a moment each."""
    assert read("a.rtf", rtf(r"\bin0 " * 50_000 + "end"), budget=Budget()).text == "end"


_BITS = [
    *(b"{", b"}", b"\\u12354 ", b"\\'82", b"\\'a0", b"\\uc3 ", b"\\bin4 ", b"{\\*\\objdata 01"),
    *(b"{\\fonttbl", b"\\f1 ", b"\\fcharset128 ", b"{\\*\\x", b"{\\sp{\\sn wzName}{\\sv ", b"\\"),
    *(b"\\deleted ", b"\\plain ", b"{\\pict ", b"abc ", b"\x83", b"\\cell ", b"{\\header "),
]


@given(st.lists(st.sampled_from(_BITS) | st.binary(max_size=4), max_size=40))
def test_any_tokens(pieces: list[bytes]) -> None:
    """Whatever stands in one, it is read to its end, and gives no more than it has."""
    octets = b"{\\rtf1\\ansicpg932 " + b"".join(pieces)
    found = read("a.rtf", octets, budget=Budget())
    assert len(found.text) <= 2 * len(octets)
    assert (found.state is ReadState.READ) == (not found.reasons)


def test_files_in_octets_that_are_no_rtf() -> None:
    """A file may stand among them, in a picture or in the text, and behind the document."""
    inner = packed({"in.txt": "ann@example.com"})
    for octets in (
        rtf(b"a\\bin%d %bb" % (len(inner), inner)),
        rtf(b"a{\\pict\\bin%d %b}b" % (len(inner), inner)),
        rtf("ab") + inner,
    ):
        found = read("a.rtf", octets, budget=Budget())
        assert "ann@example.com" in found.text


def test_text_in_octets_that_are_no_rtf() -> None:
    found = read("a.rtf", rtf(r"a{\pict\bin21 ...ann@example.com...}c"), budget=Budget())
    assert "...ann@example.com..." in {p.place: p.text for p in found.passages}["binary data"]
