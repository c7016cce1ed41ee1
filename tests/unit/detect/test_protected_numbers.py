# ruff: noqa: E501, S311 -- invented numbers, each case best read on one line
"""Individual numbers and cards: counted where chance does not explain them, never shown."""

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.detect.protected_numbers import protected_numbers
from guard.model.finding import FINDINGS, ProtectedNumbers
from tests.unit.detect.business import goods, inspection, invoices, parcels, passage


def my_number(seed: int) -> str:
    """A number with the check digit of the ministry's order, computed as it is written there."""
    digits = f"{random.Random(seed).randrange(10**10, 10**11):011}"
    total = 0
    for n in range(1, 12):  # Pₙ is the nth digit from the lowest
        total += int(digits[11 - n]) * (n + 1 if n <= 6 else n - 5)
    rest = total % 11
    return digits + str(0 if rest <= 1 else 11 - rest)


def card(prefix: str, length: int, seed: int = 1) -> str:
    """A number that Luhn's sum is right for, digit by digit from the end."""
    body = prefix + f"{random.Random(seed).randrange(10**20):020}"[: length - 1 - len(prefix)]
    total = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return body + str(-total % 10)


def grouped(number: str, *groups: int, sign: str = " ") -> str:
    """The number as it is typed."""
    parts, at = [], 0
    for width in groups:
        parts.append(number[at : at + width])
        at += width
    return sign.join(parts)


def counts(text: str) -> dict[str, int]:
    """How many of each kind, in a file and in the text alike."""
    of_file = protected_numbers(inspection(files={"a.csv": (passage(text),)}))
    found = {finding.kind: finding.count for finding in of_file}
    own = {finding.kind: finding.count for finding in protected_numbers(inspection(text))}
    assert own == found
    return found


ONE = my_number(1)
VISA = card("4", 16)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("マイナンバー: 123456789018", {"my_number": 1}, id="the known example"),
        pytest.param(f"個人番号\t{ONE}", {"my_number": 1}, id="a cell behind"),
        pytest.param(f"My Number is {grouped(ONE, 4, 4, 4)}.", {"my_number": 1}, id="groups"),
        pytest.param(f"{grouped(ONE, 4, 4, 4, sign='-')} (個人番号)", {"my_number": 1}, id="word behind"),
        pytest.param("個人番号 123456789012", {}, id="wrong check digit"),
        pytest.param(f"お問い合わせ番号 {ONE}", {}, id="one number without a word may be chance"),
        pytest.param(
            "\n".join(my_number(n) for n in range(4)), {"my_number": 4}, id="several speak together"
        ),
        pytest.param(f"個人番号 {ONE} {ONE}\n{ONE}", {"my_number": 1}, id="the same three times"),
        pytest.param(f"個人番号 A{ONE} {ONE}.5 {ONE}7", {}, id="within codes and decimals"),
        pytest.param(f"お支払い {grouped(VISA, 4, 4, 4, 4)}", {"card": 1}, id="a card in groups"),
        pytest.param(f"{grouped(VISA, 4, 4, 4, 4, sign='-')}", {"card": 1}, id="hyphens"),
        pytest.param("４１１１ １１１１ １１１１ １１１１", {"card": 1}, id="full width"),
        pytest.param(f"{grouped(VISA, 4, 4, 4, 4)} 12/29 123", {"card": 1}, id="expiry behind"),
        pytest.param(f"No. 12 {grouped(VISA, 4, 4, 4, 4)}", {"card": 1}, id="another number in front"),
        pytest.param(f"{grouped(VISA, 4, 4, 4, 4)} 1234", {}, id="more such groups"),
        pytest.param(f"{grouped(VISA, 4, 4, 4, 4, sign='-')}-12", {}, id="part of a longer code"),
        pytest.param(f"カード番号 {VISA}", {"card": 1}, id="bare, with a word"),
        pytest.param(f"番号 {VISA}", {}, id="bare, and nothing says what it is"),
        pytest.param(f"credit card {VISA[:-1]}{(int(VISA[-1]) + 1) % 10}", {}, id="Luhn is wrong"),
        pytest.param(f"card {card('9', 16)}", {}, id="no issuer"),
        pytest.param(f"card {card('34', 16)}", {}, id="no such length of that issuer"),
        pytest.param(grouped(card("34", 15), 4, 6, 5), {"card": 1}, id="15 digits"),
        pytest.param(grouped(card("36", 14), 4, 6, 4), {"card": 1}, id="14 digits"),
        pytest.param(f"カード {card('3530', 16)} {card('2221', 16)}", {"card": 2}, id="JCB, Mastercard"),
        pytest.param(f"card {card('62', 19)} {card('4', 13)}", {"card": 2}, id="19 and 13 digits"),
        pytest.param(
            "\n".join(card("5100", 16, n) for n in range(5)), {"card": 5}, id="a file of cards"
        ),
    ],
)  # fmt: skip
def test_numbers(text: str, found: dict[str, int]) -> None:
    """Each shape, and what only resembles it."""
    assert counts(text) == found


@pytest.mark.parametrize("paper", [goods, parcels, invoices])
@pytest.mark.parametrize("seed", range(30))
def test_other_long_numbers(paper, seed: int) -> None:
    """A tenth of these pass a check digit by chance; together they show that it is chance."""
    assert counts(paper(random.Random(seed), 80)) == {}


def test_no_number_is_told() -> None:
    """Neither number nor part of it stands in a finding; places do."""
    text = f"x\nカード {VISA}\nマイナンバー {ONE}\n"
    found = tuple(protected_numbers(inspection(files={"a.csv": (passage(text, "sheet “a”"),)})))
    shown = FINDINGS.dump_json(found).decode()

    assert [finding.places for finding in found] == [("sheet “a”, row 3",), ("sheet “a”, row 2",)]
    assert FINDINGS.validate_json(shown) == found
    assert not any(part in shown for part in (VISA[:6], VISA[-4:], ONE[:4], ONE[-4:]))
    assert json.loads(shown)[0]["count"] == 1


_PARTS = st.sampled_from([*"0123456789 -\n.x", "4111", "個人番号", "card", ONE, VISA, "　", "１"])


@given(st.lists(_PARTS, max_size=200).map("".join) | st.text())
def test_any_text(text: str) -> None:
    """Any text gives findings or none."""
    digits = sum(sign.isdigit() for sign in text)
    for finding in protected_numbers(inspection(text, files={"a": (passage(text),)})):
        assert isinstance(finding, ProtectedNumbers)
        assert 0 < finding.count * 12 <= digits
