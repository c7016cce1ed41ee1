"""Which browser somebody uses, coarsely: for the audit log, which need not tell people apart."""

from typing import Final

_FAMILIES: Final = (
    ("Edg", "edge"),
    ("OPR/", "opera"),
    ("SamsungBrowser/", "samsung"),
    ("Firefox/", "firefox"),
    ("FxiOS/", "firefox"),
    ("Chrome/", "chrome"),
    ("CriOS/", "chrome"),
    ("Safari/", "safari"),
)
"""What stands in a User-Agent (RFC 9110 §10.1.5) → family; each also names those below it."""


def family(user_agent: str) -> str:
    """Give the family of the browser that sent *user_agent*; ``other`` for whatever else."""
    return next((name for sign, name in _FAMILIES if sign in user_agent), "other")
