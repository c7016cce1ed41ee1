"""Policies of a few lines."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from policy_cases import policy_of

from guard.policy.schema import Policy


@pytest.fixture
def policy(tmp_path: Path) -> Callable[..., Policy]:
    """Make a policy of rules, each given by the YAML of its ``when:`` and, if wished, more."""
    return partial(policy_of, tmp_path)
