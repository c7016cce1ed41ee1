"""Small text is read without a child, and read just the same."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.extract.budget import Budget
from guard.extract.read import read
from guard.model.message import Attachment
from guard.sandbox.at_once import MOST_BYTES, at_once


def attachment(octets: bytes, charset: str | None = None) -> Attachment:
    return Attachment(
        part="2", name="a.csv", content_type="text/csv", octets=octets, charset=charset
    )


texts = st.one_of(
    st.binary(max_size=200),
    st.text(max_size=200).map(str.encode),
    st.text(st.sampled_from("あ山田名簿\n,\t@.a1<&=\\u30"), max_size=200).map(
        lambda text: text.encode("cp932")
    ),
)


@given(texts, st.sampled_from([None, "utf-8", "iso-2022-jp", "x-unknown"]))
def test_the_same_as_by_a_child(octets: bytes, charset: str | None) -> None:
    found = at_once(attachment(octets, charset))
    if found is not None:
        assert found == read("a.csv", octets, budget=Budget(), charset=charset)


@pytest.mark.parametrize(
    ("octets", "whether"),
    [
        pytest.param("氏名,メール\n山田,yamada@example.com\n".encode("cp932"), True, id="cp932"),
        pytest.param(b"a" * MOST_BYTES, True, id="as much as may be"),
        pytest.param(b"a" * (MOST_BYTES + 1), False, id="more than that"),
        pytest.param(b"<html><p>a</p></html>", False, id="a page"),
        pytest.param(b"PK\3\4", False, id="an archive"),
        pytest.param(bytes(range(256)), False, id="no text"),
        pytest.param(b"begin 644 a.txt\n%:&5L;&\\\n`\nend\n", False, id="a file within"),
    ],
)
def test_what_needs_no_child(octets: bytes, whether: bool) -> None:
    assert (at_once(attachment(octets)) is not None) is whether


def test_no_reader_of_formats_is_imported() -> None:
    """The process that speaks SMTP stays small, and no native code of a reader is in it."""
    code = (
        "import sys, guard.sandbox, guard.service, guard.app.running\n"
        "heavy = {'pypdfium2', 'pypdf', 'libarchive', 'python_calamine', 'msoffcrypto'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")
