"""How tests went, as text and as values for JSON."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from rich.cells import cell_len

from guard.policy.explain import explain
from guard.policy.reasons import render
from guard.policy.schema import Policy
from guard.policy_tests.run import Ran

_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "failed": "FAILED",
        "passed": "passed",
        "error": "could not be judged",
        "expected": "expected",
        "got": "got",
        "n_failed": "{} failed",
        "n_passed": "{} passed",
        "n_left": "{} not chosen",
        "in": "in {:.2f} s",
    },
    "ja": {
        "failed": "失敗",
        "passed": "成功",
        "error": "判定できません",
        "expected": "期待",
        "got": "結果",
        "n_failed": "失敗 {}",
        "n_passed": "成功 {}",
        "n_left": "対象外 {}",
        "in": "({:.2f} 秒)",
    },
}


def outcome(ran: Ran, lang: str) -> str:
    """Give one line for one test."""
    words = _WORDS[lang]
    return f"{ran.file}:{ran.line}  {ran.it}  {words['passed' if ran.passed else 'failed']}"


def failure(ran: Ran, policy: Policy, lang: str) -> str:
    """Say what was expected, what came, and why: the explanation of that mail."""
    return "\n".join(_failure(ran, policy, _WORDS[lang], lang))


def _failure(ran: Ran, policy: Policy, words: Mapping[str, str], lang: str) -> Iterator[str]:
    yield f"{words['failed']}  {ran.file}:{ran.line}  {ran.it}"
    if ran.error:
        yield f"  {words['error']}: {ran.error}"
    width = max(cell_len(words["expected"]), cell_len(words["got"]))
    for miss in ran.unmet:
        for side, value in (("expected", miss.expected), ("got", miss.got)):
            space = " " * (width - cell_len(words[side]))
            yield f"  {words[side]}{space}  {miss.word}: {value}"
    if ran.examination is not None:
        yield ""
        yield textwrap.indent(render(_explained(ran, policy), lang), "    ")


def summary(all_: Sequence[Ran], *, left: int, took_s: float, lang: str) -> str:
    """Give the last line: how many failed and passed, and how long it took."""
    words = _WORDS[lang]
    passed = sum(ran.passed for ran in all_)
    counts = (("n_failed", len(all_) - passed), ("n_passed", passed), ("n_left", left))
    told = [words[word].format(count) for word, count in counts if count] or [
        words["n_passed"].format(0)
    ]
    return f"{', '.join(told)} {words['in'].format(took_s)}"


def record(ran: Ran, policy: Policy) -> dict[str, Any]:
    """Give one test for JSON; a failed one with the explanation of its mail."""
    verdict = ran.examination.verdict if ran.examination else None
    answer: dict[str, Any] = {
        "file": str(ran.file),
        "line": ran.line,
        "it": ran.it,
        "passed": ran.passed,
        "decision": verdict.action.word if verdict else None,
        "rules": [match.rule for match in verdict.acting] if verdict else [],
        "records": [m.rule for m in verdict.matches if m.watched] if verdict else [],
        "unmet": [
            {"word": miss.word, "expected": miss.expected, "got": miss.got} for miss in ran.unmet
        ],
        "error": ran.error or None,
        "took_s": round(ran.took_s, 4),
    }
    if ran.unmet:
        answer["explanation"] = _explained(ran, policy)
    return answer


def _explained(ran: Ran, policy: Policy) -> dict[str, Any]:
    found = ran.examination
    assert found is not None  # noqa: S101 -- only asked of what was judged
    return explain(found.inspection, found.findings, found.verdict, policy, today=found.today)
