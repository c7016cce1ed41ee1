"""HTML as the text that a reader sees."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.parse.markup import page


@pytest.mark.parametrize(
    ("html", "text"),
    [
        pytest.param("<p>one</p><p>two</p>", "one\ntwo", id="paragraphs"),
        pytest.param("a<br>b<BR/>c", "a\nb\nc", id="breaks"),
        pytest.param("<b>090</b>-<i>1234</i>", "090-1234", id="runs within a word"),
        pytest.param("a \r\n  b", "a b", id="blanks"),
        pytest.param("<pre>a  b\nc</pre>", "a  b\nc", id="preformatted"),
        pytest.param("&lt;a&gt; &amp; &#x5c71;&#30000;", "<a> & 山田", id="references"),
        pytest.param(
            "<table><tr><th>名前<th>電話<tr><td>山田</td><td><p>090</p></td></tr></table>",
            "名前\t電話\n山田\t090",
            id="a table's rows, with and without end tags",
        ),
        pytest.param(
            "<table><tr><td>x<table><tr><td>a</td><td>b</td></tr></table>y</td></tr></table>",
            "x\na\tb\ny",
            id="a table in a table",
        ),
        pytest.param(
            "<table><tr><td>住所<br>東京</td><td>a</td></tr></table>",
            "住所 東京\ta",
            id="a cell of two lines",
        ),
        pytest.param("<tr>stray<td>cell</td></tr>", "stray\tcell", id="text beside cells"),
        pytest.param("<style>p{}</style>a<script>b()</script>c", "ac", id="style and script"),
        pytest.param("<!--[if mso]>x<![endif]-->a", "a", id="comment"),
        pytest.param('<span style="display:none">secret</span>', "secret", id="hidden by CSS"),
        pytest.param('<a title="x>y">z</a>', "z", id="a bracket in quotes"),
        pytest.param("1 < 2 and a<", "1 < 2 and a<", id="a bracket that is no tag"),
    ],
)
def test_seen(html: str, text: str) -> None:
    """What a reader sees comes out, block by block."""
    assert page(html).text == text


@pytest.mark.parametrize(
    "html",
    [
        '<img alt="山田 090">',
        "<a href='山田 090'>x</a>",
        "<p title=山田&#32;090",
        '<input value="山田 090">',
        "<!-- 山田 090 -->",
        "<!-- 山田 090",
        "<script>山田 090</script>",
        "<title>山田 090</title>",
        '<td data-row="山田 090">',
        "<?php 山田 090 ?>",
        '<meta content="山田 090">',
    ],
)
def test_aside(html: str) -> None:
    """What a reader does not see is not lost."""
    read = page(html)
    assert "山田" in f"{read.aside} {read.text}"


@given(st.text(alphabet="<>/!-\"'= abptdr&;\n\x01\x03", max_size=200))
def test_anything_reads(html: str) -> None:
    """No markup raises, and no mark of ours shows."""
    text = page(html).text
    assert not set(text) & {"\x01", "\x02", "\x03"}


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "html",
    ["<div>" * 50_000, "<tr><td>" * 50_000, "<a " * 100_000, "<!--" * 100_000, "<" * 300_000],
)
def test_hostile_markup_is_linear(html: str) -> None:
    """Half a million open elements end like any other document."""
    page(html)
