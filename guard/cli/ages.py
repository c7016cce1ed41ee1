"""Times as commands show them, with the age that they have."""

from datetime import UTC, datetime


def when(at: datetime) -> str:
    """Write a time with the age that it has: ``2026-11-25 03:00 (1.2 days ago)``."""
    hours = age_s(at) / 3600
    age = f"{hours / 24:.1f} days" if hours >= 48 else f"{hours:.1f} hours"
    return f"{at.astimezone():%Y-%m-%d %H:%M} ({age} ago)"


def age_s(at: datetime) -> int:
    """Say how old something is, in whole seconds; never less than 0."""
    return max(0, int((datetime.now(UTC) - at).total_seconds()))
