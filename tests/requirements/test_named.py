"""Each requirement on mail in and out is named by a test that shows it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
COUNTS = {"B": 12, "C": 6, "D": 6, "E": 8}
"""Of the wire, of octets, of envelope and identity, of the upstream."""

REQUIRED = [
    f"R-{letter}{number + 1}" for letter, count in COUNTS.items() for number in range(count)
]
NUMBER = re.compile(r"R-[A-Z]\d+")


def docstrings() -> Iterator[str]:
    """What tests say that they show: of functions, and of the talks in text files."""
    for path in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            is_test = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (
                node.name.startswith("test_")
            )
            if is_test:
                yield ast.get_docstring(node) or ""
    for path in (TESTS / "dialogs").glob("*.txt"):
        yield path.read_text("utf-8").partition("\n")[0]


@pytest.fixture(scope="module")
def named() -> set[str]:
    """Every number that a test names."""
    return {number for text in docstrings() for number in NUMBER.findall(text)}


@pytest.mark.parametrize("number", REQUIRED)
def test_a_test_names_it(named: set[str], number: str) -> None:
    """A requirement without a test is a wish."""
    assert number in named
