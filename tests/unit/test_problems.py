"""Problems are shown as a compiler shows them: place, line, caret, suggestion."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from guard.problems import Level, Problem, count, did_you_mean, nearest, render


def problem(**changes: object) -> Problem:
    given = {"file": "a.yaml", "line": 1, "message": "wrong", **changes}
    return Problem(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("word", "suggestion"),
    [
        ("wacth", 'did you mean "watch"?'),
        ("WATCH", 'did you mean "watch"?'),
        ("hodl", 'did you mean "hold"?'),
        ("deliver", ""),
        ("", ""),
    ],
)
def test_did_you_mean(word: str, suggestion: str) -> None:
    """Only a near miss gets a suggestion; case is no difference."""
    assert did_you_mean(word, ["watch", "hold"]) == suggestion


def test_nearest_of_nothing() -> None:
    """Nothing is near where nothing is allowed."""
    assert nearest("watch", []) == ""


def test_caret_stands_under_japanese() -> None:
    """The caret is placed in display cells, of which a Japanese character takes two."""
    text = "名前: 値ちがい # 注"
    shown = render([problem(column=5, width=4, hint="値")], {"a.yaml": text}).splitlines()

    line, caret = shown[1], shown[2]
    assert cell_len(caret[: caret.index("^")]) == cell_len(line[: line.index("値")])
    assert caret.count("^") == cell_len("値ちがい")
    assert caret.endswith("^  値")


def test_neighbours_and_gutter() -> None:
    """The line before and after are shown, numbered to the same width."""
    text = "\n".join(f"line {number}" for number in range(1, 12))

    assert render([problem(line=9, column=6, hint="here")], {"a.yaml": text}) == (
        "a.yaml:9:6  wrong\n   8 │ line 8\n   9 │ line 9\n     │      ^  here\n  10 │ line 10"
    )


def test_without_a_line() -> None:
    """A problem of a whole file shows its hint below."""
    assert render([problem(line=0, hint="make one")], {}) == "a.yaml  wrong\n  make one"


def test_warning_is_named() -> None:
    """A warning says so, in the list as in one line."""
    warning = problem(level=Level.WARNING, hint="why")

    assert str(warning) == "a.yaml:1:1  warning: wrong (why)"
    assert render([warning], {"a.yaml": "x"}).startswith("a.yaml:1:1  warning: wrong\n")


def test_terminal_sequences_are_not_obeyed() -> None:
    """What a terminal would obey is shown as a space, and the caret keeps its place."""
    shown = render([problem(column=4)], {"a.yaml": "\x1b[2\tX"}).splitlines()

    assert "\x1b" not in "".join(shown)
    assert shown[2].index("^") == shown[1].index(" │ ") + 3 + 3


@pytest.mark.parametrize(
    ("problems", "said"),
    [
        ([problem()], "1 problem in a.yaml."),
        ([problem(), problem(level=Level.WARNING)], "2 problems in a.yaml."),
        ([problem(level=Level.WARNING)], "1 warning in a.yaml."),
        ([problem(), problem(file="b.yaml")], "2 problems in 2 files."),
    ],
)
def test_count(problems: list[Problem], said: str) -> None:
    """The closing line counts, and names the file if it is one."""
    assert count(problems) == said


@given(st.text(), st.integers(0, 9), st.integers(1, 99), st.integers(1, 99))
def test_any_place_can_be_shown(text: str, line: int, column: int, width: int) -> None:
    """No text and no place, however wrong, breaks the display."""
    shown = render([problem(line=line, column=column, width=width)], {"a.yaml": text})

    assert shown.startswith("a.yaml")


def test_lines_are_those_of_yaml() -> None:
    """U+2028 and a form feed part no lines: the caret stays where the parser says."""
    shown = render([problem(line=2)], {"a.yaml": "a\u2028b\fc\r\nsecond\rthird"})

    assert "  2 │ second" in shown.splitlines()


def test_nothing_that_a_terminal_obeys_is_printed() -> None:
    """A value with escapes is shown without them, in headline, hint and line."""
    found = problem(message="\x1b[31m is\nnot", hint="\x9b2J")

    assert render([found], {"a.yaml": "x: \x1b[31m"}).replace("\n", "").isprintable()
