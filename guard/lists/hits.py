"""What a search finds: the value that ports and detectors read."""

from dataclasses import dataclass

from guard.model.address import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """Whose rows are no customers' as long as they are few: they stand in every signature."""

    sender: Address | None = None
    domains: frozenset[str] = frozenset()
    """Of the organisation, folded as `Address.domain`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowHit:
    """One row of a list, found in a text."""

    list_name: str
    list_version: str
    """Names the state of the list; changes with every import."""

    row: int
    """1-based data row of the list (the header row is not counted)."""

    line: int
    """1-based line of the passage's text in which the row's strong field stands."""

    fields: tuple[str, ...]
    """Columns that agreed, the strong one first: ``("email", "name")``. The search stops at what
    makes it certain, so more may agree. ``("email",)``: the address alone, beside many others."""

    sample: str
    """The match, masked: ``山田○○ ya***@m***.example``."""

    belongs_to: frozenset[str] = frozenset()
    """`Address.key` of each recipient whose own person or company the row is."""

    place: str = ""
    """`Passage.place` of the passage."""

    number: int = 0
    """The line as the program that made the file would count it; 0: not known."""

    more: bool = False
    """Only on the last hit of a search: it ended at its limit, and more rows may follow."""

    certain: bool = True
    """Whether it is no chance; of one that is possible only, too little stands there to say so."""
