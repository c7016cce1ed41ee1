"""What is said about how two are alike."""

import pytest

from guard.compose.kinds import kind_words
from guard.model.address import Address
from guard.names.likeness import KINDS

HOME, ABROAD = "sato@kita-shoji.example", "sato@minami.example"


@pytest.mark.parametrize(
    ("kind", "written", "language", "said"),
    [
        ("same_surname", ABROAD, "en", "same surname, other company"),
        ("same_surname", ABROAD, "ja", "同じ姓です(別の会社)"),
        ("same_given", "ito@kita-shoji.example", "en", "same given name, same company"),
        ("romanisation", "sato@kita-syoji.example", "en", '"sy" instead of "sh"'),
        ("similar", "sato@gmail.com", "en", "looks similar, other company"),
        ("unlike", ABROAD, "ja", "このやりとりの相手ではないようです(別の会社)"),
    ],
)
def test_words(kind: str, written: str, language: str, said: str) -> None:
    """People are named by what they share, slips of the keys by the letters that differ."""
    assert kind_words(kind, Address.parse(written), Address.parse(HOME), language) == said


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_kind_has_words(language: str) -> None:
    """No kind is told by its name in the code."""
    written, meant = Address.parse(ABROAD), Address.parse(HOME)

    assert not [k for k in KINDS if kind_words(k, written, meant, language).startswith(k)]


def test_a_mail_provider_is_no_company() -> None:
    """Two boxes at one provider have nothing to do with each other."""
    one, other = Address.parse("ken.sato@gmail.com"), Address.parse("kenji.sato@gmail.com")

    assert kind_words("same_surname", one, other, "en") == "same surname"
