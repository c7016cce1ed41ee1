"""What became of the source of a list, in the process that read it and in the one that asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from guard.app.reports import End

if TYPE_CHECKING:  # readers of workbooks stay out of the process that speaks SMTP
    from guard.lists.build import Imported
    from guard.lists.gathered import Gathered


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What an import made."""

    opened: "Gathered"
    """What was read; its rows ended."""

    imported: "Imported"
    before: int
    """Rows of the import before; 0: there was none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListReport:
    """What became of the source of one list."""

    name: str
    end: End
    rows: int = 0
    """That it has now."""

    before: int = 0
    message: str = ""
    """Why it did not end well; names the list and the way out."""

    taken: Taken | None = None
    """What was made, for the process that made it; others do not have it."""

    @property
    def is_well(self) -> bool:
        """Whether the list is what its source is."""
        return self.end in {End.DONE, End.UNCHANGED}

    def told(self) -> dict[str, str | int]:
        """Give it for JSON, but for what was taken."""
        return {
            "name": self.name,
            "end": self.end.value,
            "rows": self.rows,
            "before": self.before,
            "message": self.message,
        }

    @classmethod
    def heard(cls, told: Mapping[str, Any]) -> "ListReport":
        """
        Give what `told` gave in another process.

        Raises:
            ValueError, KeyError, TypeError: It is something else.
        """
        return cls(
            name=told["name"],
            end=End(told["end"]),
            rows=told["rows"],
            before=told["before"],
            message=told["message"],
        )
