"""R-L1 in small: every fault of the soak run, one close upon the other."""

from pathlib import Path

import pytest

from tests.soak.faults import FAULTS
from tests.soak.run import Plan, soak


@pytest.mark.timeout(400)
async def test_no_promise_breaks_under_faults(tmp_path: Path) -> None:
    """R-L1: nothing acknowledged is lost, nothing doubled without an excuse, under every fault."""
    plan = Plan(minutes=None, rate=4.0, fault_every_s=4.0, fault_lasts_s=1.5, sample_every_s=2.0)

    result = await soak(plan, tmp_path)

    assert result.broken == (), result.report
    assert all(fault.__name__ in result.report for fault in FAULTS)
