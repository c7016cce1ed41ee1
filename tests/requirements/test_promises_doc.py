"""The page of promises names what there is: tests, commands, and every move in a hold's life."""

import ast
import importlib.util
import re
from functools import cache
from pathlib import Path

import click
import pytest

from guard.cli import guard
from guard.model.life import MOVES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "promises.md").read_text("utf-8")

TESTS = sorted(set(re.findall(r"`(tests/[^`]+)`", PAGE)))
MODULES = sorted(set(re.findall(r"`python -m ([\w.]+)[^`]*`", PAGE)))
COMMANDS = sorted(set(re.findall(r"`guard ([a-z ]+)`", PAGE)))

OUTSIDE = "[*]"
"""Where lives begin and end, as Mermaid writes it."""

ARROW = re.compile(r"^ +(\S+) --> (\S+?)(?:: .+)?$")
ROW = re.compile(r"^\| (\d+) \|(.*)\|$", re.MULTILINE)


def picture() -> list[tuple[str, str]]:
    """Every arrow of the picture, from where to where."""
    (drawn,) = re.findall(r"```mermaid\nstateDiagram-v2\n(.*?)```", PAGE, re.DOTALL)
    arrows = [ARROW.match(line) for line in drawn.splitlines()]
    assert all(arrows), "a line of the picture is no arrow"
    return [(arrow[1], arrow[2]) for arrow in arrows if arrow]


@cache
def functions(path: Path) -> frozenset[str]:
    """Give the tests at the top of a file, as pytest finds them."""
    return frozenset(
        node.name
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
    )


def test_every_move_is_in_the_picture() -> None:
    """And no other, and none twice: a picture that flatters is worse than none."""
    arrows = [arrow for arrow in picture() if OUTSIDE not in arrow]

    assert len(arrows) == len(set(arrows))
    assert set(arrows) == {(old.value, new.value) for old, each in MOVES.items() for new in each}


def test_lives_begin_and_end_in_the_picture() -> None:
    """They end where no move leads on; they begin where `life` says that a hold is put."""
    begin = {new for old, new in picture() if old == OUTSIDE}
    end = {old for old, new in picture() if new == OUTSIDE}

    assert begin == {"waiting", "releasing"}
    assert end == {state.value for state, each in MOVES.items() if not each}


def test_every_line_is_shown() -> None:
    """Each fault of the table has its commands, in the same order; no cell is empty."""
    rows = ROW.findall(PAGE)
    numbers = [int(number) for number, _ in rows]
    count = len(rows) // 2
    assert count > 0
    assert numbers == [*range(1, count + 1)] * 2

    cells = [[cell.strip() for cell in rest.split("|")] for _, rest in rows]
    assert {len(row) for row in cells[:count]} == {7}
    assert all(cell for row in cells for cell in row)
    assert all("`tests/" in shown for (shown,) in cells[count:])


@pytest.mark.parametrize("name", TESTS)
def test_a_test_that_is_named_is_there(name: str) -> None:
    """Who doubts a line can run what it names."""
    file, _, function = name.partition("::")
    path = ROOT / file

    assert path.is_file()
    assert re.fullmatch(r"test_\w+\.py", path.name)
    assert function in functions(path) if function else functions(path)


@pytest.mark.parametrize("name", MODULES)
def test_a_module_that_is_named_is_there(name: str) -> None:
    """`python -m` finds it, and something to run in it."""
    assert importlib.util.find_spec(f"{name}.__main__") is not None


@pytest.mark.parametrize("words", COMMANDS)
def test_a_command_that_is_named_is_there(words: str) -> None:
    """Each word leads from one command to the next."""
    command: click.Command = guard
    for word in words.split():
        assert isinstance(command, click.Group)
        found = command.get_command(click.Context(command), word)
        assert found is not None
        command = found
