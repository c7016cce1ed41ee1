"""What a source must not lose without a word: a fifth of what it had, a kind of column."""

from collections.abc import Collection, Sequence
from typing import Final

from guard.model.errors import SourceError

LOST: Final = 0.2
"""Share of what it had from which the loss is taken for a fault of the source."""


_ACCEPT: Final = "--accept-fewer"
"""The way out that every `FewerError` names."""


class FewerError(SourceError):
    """A list has lost so much that it was not taken: the one before stays in use."""


def tells_of_loss(error: str) -> bool:
    """Whether what was noted of a source is the message of a `FewerError`."""
    return error.endswith(_ACCEPT)


def lost(before: int, kept: int) -> bool:
    """Whether a source of which *kept* are there has lost too much of the *before* that it had."""
    return kept < before and before - kept >= LOST * before


def require_as_many(name: str, *, before: int, kept: int) -> None:
    """
    Refuse a list that has lost too much.

    Raises:
        FewerError: It says how much, and the way out.
    """
    if lost(before, kept):
        gone = before - kept
        raise FewerError(
            f"{name}: had {before:,} rows and would have {kept:,} now, {100 * gone // before} % "
            "fewer: that is an export cut short oftener than customers who left. All is kept as "
            f"it was; if it is right, say so: {_ACCEPT}"
        )


def require_kinds(name: str, known: Collection[str], kinds: Sequence[str]) -> None:
    """
    Refuse a list without a kind of column that was *known* of it.

    Raises:
        FewerError: It names these, and the way out.
    """
    gone = sorted(set(known) - set(kinds) - {"domain", "parts"})
    if gone:
        raise FewerError(
            f"{name}: had columns with {', '.join(gone)} and has none now, so less would be found. "
            "All is kept as it was; say which column is which (--columns HEADER=KIND), or that it "
            f"is right: {_ACCEPT}"
        )
