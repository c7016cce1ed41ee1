"""Whatever stands in a file of tests, it gives tests or errors with a place, never a traceback."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guard.model.errors import SettingsError
from guard.policy import Policy, shipped
from guard.policy import load as load_policy
from guard.policy_tests.load import load
from guard.problems import Problem

RIGHT = """\
given:
  today: 2026-11-23
  contacts: [{address: sato@kita.example, name: 佐藤, written_to: 42 times, by: a@b.example}]
  lists: {customers: [{email: hanako@minami.example, name: 南 花子}]}
tests:
  - it: holds
    given: {today: 2026-11-24}
    mail:
      from: 山田 <yamada@example.co.jp>
      to: [sato@kita.example, "b@kita.example"]
      attach: [{name: a.csv, rows_of: {list: customers, company: 南工業, count: 20}}, {file: b}]
      headers: {Auto-Submitted: auto-replied}
      at: 22:30
    expect: {decision: hold, rules: [], about: sato@kita.example, confirm: tick_each}
"""
WORDS = st.sampled_from(
    [*RIGHT.split(), "null", "~", "[]", "{}", "0", "-1", "1.5", "true", "'", '"', "&a", "*a", "\t"]
)


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy(shipped())


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cuts=st.lists(
        st.tuples(st.integers(0, len(RIGHT)), st.integers(0, 40), WORDS | st.text(max_size=12)),
        min_size=1,
        max_size=4,
    )
)
def test_any_text(policy: Policy, tmp_path: Path, cuts: list[tuple[int, int, str]]) -> None:
    """Stretches of a right file are exchanged for others."""
    text = RIGHT
    for start, length, instead in cuts:
        text = text[:start] + instead + text[start + length :]
    file = tmp_path / "main.yaml"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    problems: Sequence[Problem] = ()
    try:
        load(file, policy)
    except SettingsError as error:
        problems = error.problems
    assert all(problem.message for problem in problems)
