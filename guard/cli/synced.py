"""What the commands that read sources have in common: which are meant, and with what they end."""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar

from guard.cli.errors import FOUND_PROBLEMS, TEMPORARY, WRONG_USAGE, fail
from guard.problems import did_you_mean

if TYPE_CHECKING:
    from guard.app.reports import End


class _Named(Protocol):
    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=_Named)


def wanted(sources: Sequence[N], names: Sequence[str], what: str) -> list[N]:
    """Give the sources of these names, in their order; all where none is named. A slip ends it."""
    known = {its.name: its for its in sources}
    for name in names:
        if name not in known:
            hint = did_you_mean(name, known)
            fail(f"no {what} is called {name}{f'; {hint}' if hint else ''}", WRONG_USAGE)
    return [known[name] for name in dict.fromkeys(names or known)]


def exit_code(ends: "Collection[End]") -> int:
    """Give 1 if a source failed, 75 if trying again later may help, 0 if all is well."""
    from guard.app.reports import End

    if {End.FAILED, End.KEPT} & set(ends):
        return FOUND_PROBLEMS
    return TEMPORARY if {End.AWAY, End.BUSY} & set(ends) else 0
