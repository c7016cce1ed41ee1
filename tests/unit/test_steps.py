"""Steps at which a process can be made to die."""

import subprocess
import sys
from pathlib import Path

import pytest

from guard.steps import STEPS, VARIABLE

CODE = "from guard.steps import reached, unknown; reached('accept.after_dot'); print(unknown())"


@pytest.mark.parametrize("step", STEPS)
def test_each_step_stands_in_the_code_once(step: str) -> None:
    """R-A2: a name that nothing reaches would make a test of nothing."""
    root = Path(__file__).parents[2] / "guard"
    code = [path.read_text("utf-8") for path in root.rglob("*.py") if path.name != "steps.py"]
    assert sum(text.count(f'"{step}"') for text in code) == 1


@pytest.mark.parametrize(
    ("named", "code", "said"),
    [
        ("", 0, ""),
        ("accept.after_dot", 137, None),
        ("accept.before_250", 0, ""),
        ("accept.after_lunch", 0, "accept.after_lunch"),
    ],
)
def test_only_where_it_was_named(named: str, code: int, said: str | None) -> None:
    """R-A2: at the step that was named the process is gone at once; at no other."""
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        check=False,
        env={VARIABLE: named},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (code, "" if said is None else f"{said}\n")
