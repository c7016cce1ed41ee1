"""
How many examples a fuzz test draws.

As many as are named here with the profile of every day; with ``--hypothesis-profile=fuzz`` a
hundred times as many, or `GUARD_FUZZ_EXAMPLES` for each hundred named.
"""

from hypothesis import HealthCheck, settings


def examples(count: int) -> settings:
    """Draw *count* examples, or as many times more as the profile draws more than a hundred."""
    times = max(1, settings().max_examples // 100)
    return settings(max_examples=count * times, suppress_health_check=[HealthCheck.too_slow])
