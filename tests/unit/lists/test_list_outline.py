"""What is looked up first, cheaply, is never less than what a text can be read to hold."""

import sys
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.lists import prepared
from guard.lists.emails import emails_in
from guard.lists.fold import fold, outline
from guard.lists.ids import ids_in
from guard.lists.phones import phones_in
from guard.lists.prepared import Prepared
from guard.model.extract import Passage

LENGTHS = frozenset(range(1, 41))

TYPED = st.text(
    st.sampled_from("0123456789-+() ./\t\n・ー'①０１－（）［aZbc_@,|é猫カﾞ㈱\u200b\u0663"),
    max_size=80,
)
"""Texts of all that numbers and addresses are made of, and what stands around them."""


def test_an_outline_is_true_to_the_folded_text() -> None:
    """Every character has its place, its ASCII and its being a letter, as `fold` has them."""
    for code in range(sys.maxunicode + 1):
        character = f"{chr(code)}猫"
        folded, drawn = fold(character), outline(character)
        assert len(folded) == len(drawn), hex(code)
        for one, other in zip(folded, drawn, strict=True):
            same = one == other if one.isascii() or other.isascii() else True
            assert same and one.isalnum() == other.isalnum(), hex(code)  # noqa: PT018 -- one place
        assert fold(drawn) == folded, hex(code)


@given(TYPED)
def test_telephones_of_signs(text: str) -> None:
    """Each reading of a telephone number in the folded text is among those of the signs."""
    quick = {key for _, keys in _prepared(text).phone_keys() for key in keys}

    assert {key for _, _, key in phones_in(fold(text))} <= quick


@given(TYPED)
def test_customer_numbers_of_signs(text: str) -> None:
    """Each customer number in the folded text is among those of the signs."""
    ready = _prepared(text)
    quick = {key for _, keys in ready.id_keys(LENGTHS) for key in keys}

    assert {key for _, _, key in ids_in(ready.plain, LENGTHS)} <= quick


@given(TYPED)
def test_addresses_of_an_outline(text: str) -> None:
    """Addresses stand in the outline where they stand in the folded text."""
    assert list(emails_in(outline(text))) == list(emails_in(fold(text)))


@pytest.mark.parametrize("step", [16, 50, 333])
@pytest.mark.parametrize(
    ("typed", "found"),
    [
        pytest.param("+81 (0)90-1234-5678", lambda ready: ready.phone_keys(), id="telephone"),
        pytest.param("c-00123-77", lambda ready: ready.id_keys(LENGTHS), id="customer number"),
    ],
)
def test_no_number_is_lost_between_two_pieces(
    typed: str,
    found: "Callable[[Prepared], object]",
    step: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A number is seen wherever a long text is parted."""
    alone = {key for _, keys in found(_prepared(typed)) for key in keys}  # type: ignore[attr-defined]
    monkeypatch.setattr(prepared, "STEP", step)

    for before in range(step + 1):
        text = "z" * before + " " + typed + " " + "z" * step
        whole = {key for _, keys in found(_prepared(text)) for key in keys}  # type: ignore[attr-defined]
        assert alone <= whole


def test_only_the_lines_of_telling_pieces_are_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Places are given of all numbers in the lines of a piece, each once, and of no others."""
    monkeypatch.setattr(prepared, "STEP", 1024)
    text = "\n".join(f"row {number} tel 03-1234-{number:04}" for number in range(500))
    ready = _prepared(text)

    found = list(ready.phones([0, 1024]))

    assert len(set(found)) == len(found) < 200
    assert {key for _, _, key in found} >= {f"31234{number:04}" for number in range(80)}


def _prepared(text: str) -> Prepared:
    return Prepared(Passage(place="", text=text))
