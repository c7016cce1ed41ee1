"""Each requirement is named by a test that shows it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
COUNTS = {
    "A": 10,  # acceptance and durability
    "B": 12,  # the wire
    "C": 6,  # octets
    "D": 6,  # envelope and identity
    "E": 8,  # the upstream
    "F": 12,  # the confirm link
    "G": 5,  # notices and loops
    "I": 3,  # what is done while something is away
    "J": 5,  # data at rest
    "K": 5,  # several nodes
    "L": 1,  # the soak run
}
NOT_YET = frozenset({"R-F11"})
"""Keys are rotated by no command yet; whoever writes it takes this line out."""

REQUIRED = sorted(
    {f"R-{letter}{number + 1}" for letter, count in COUNTS.items() for number in range(count)}
    - NOT_YET
)
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
