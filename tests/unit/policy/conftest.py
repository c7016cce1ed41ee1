"""Policies of a few lines."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from guard.policy.load import load
from guard.policy.schema import Policy


@pytest.fixture
def policy(tmp_path: Path) -> Callable[..., Policy]:
    """Make a policy of rules, each given by the YAML of its ``when:`` and, if wished, more."""

    def make(*whens: str, **more: Any) -> Policy:
        head = {"mode": "hold", "holding": "{}"} | more
        lines = [
            "guard: 1",
            "us: {domains: [example.co.jp]}",
            "lists: {customers: , patients: }",
            *(f"{key}: {value}" for key, value in head.items()),
            "rules:",
        ]
        for number, when in enumerate(whens, 1):
            conditions, _, rest = when.partition("\n")
            lines += [f"  - id: rule-{number}", f"    when: {conditions}"]
            if "message:" not in rest:
                lines.append('    message: {en: "About {recipient}."}')
            if "then:" not in rest:
                lines.append("    then: hold")
            lines += [f"    {line}" for line in rest.splitlines() if line]
        (tmp_path / "policy.yaml").write_text("\n".join(lines), "utf-8")
        return load(tmp_path / "policy.yaml")

    return make
