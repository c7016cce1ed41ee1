"""One spelling of a company's name."""

import pytest

from guard.names.companies import company_key, has_form, labels, tells


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("株式会社 北商事", "北商事"),
        ("㈱北商事　東京支店", "北商事"),
        ("北商事(株)", "北商事"),
        ("北商事", "北商事"),
        ("Acme Tools, Ltd.", "acmetools"),
        ("ＡＣＭＥ　ＴＯＯＬＳ", "acmetools"),
        ("The Carter Company", "carter"),
        ("Yamada Co., Ltd.", "yamada"),
        ("株式会社", ""),
        ("", ""),
    ],
)
def test_company_key(name: str, key: str) -> None:
    """Legal form, branch, width, case, blanks and marks make no other company."""
    assert company_key(name) == key
    assert company_key(key) == key


def test_what_tells() -> None:
    """A short Latin word, or one letter, is no name; a number neither."""
    assert [tells(each) for each in ("北商", "北", "acme", "abc", "2026")] == [
        True, False, True, False, False,
    ]  # fmt: skip
    assert (has_form("Acme Tools GmbH"), has_form("㈱北"), has_form("北商事")) == (
        True, True, False,
    )  # fmt: skip
    assert labels("Acme Tools, Ltd.") == ("acmetools", "acme-tools")
    assert labels("北商事") == ()
