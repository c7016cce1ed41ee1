"""How many rows of a list count for a recipient: each once, and not the recipient's own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from guard.model.address import Address
from guard.model.finding import CustomerRows, Finding


@dataclass(frozen=True, slots=True)
class Rows:
    """One finding of customer rows, prepared for being asked about many recipients."""

    finding: CustomerRows
    fresh: int
    """Rows that no earlier file of the message has: a list spread over files counts as one."""

    own: dict[str, int]

    def foreign(self, recipient: Address, *, of_other_companies: bool) -> tuple[int, int]:
        """Give how many rows count for *recipient*: of the whole finding, and of the fresh ones."""
        own = self.own.get(recipient.key, 0) if of_other_companies else 0
        return max(0, len(self.finding.rows) - own), max(0, self.fresh - own)


def prepared(findings: Iterator[CustomerRows]) -> Iterator[Rows]:
    """Lay findings out, each with the rows that none before it had."""
    seen: dict[tuple[str, bool], set[int]] = {}
    for finding in findings:
        before = seen.setdefault((finding.list_name, bool(finding.file)), set())
        rows = set(finding.rows)
        yield Rows(finding, len(rows - before), dict(finding.own_rows))
        before |= rows


def foreign_rows(
    names: Sequence[str], rows: Sequence[Rows], recipient: Address, *, of_other_companies: bool
) -> tuple[int, tuple[tuple[Finding, int], ...]]:
    """Count the rows of each list that are not the recipient's own; the list with most speaks."""
    most, found = 0, list[tuple[Finding, int]]()
    for name in names:
        total = fresh_total = 0
        counted: list[tuple[Finding, int]] = []
        for one in rows:
            if one.finding.list_name == name:
                whole, fresh = one.foreign(recipient, of_other_companies=of_other_companies)
                total, fresh_total = max(total, whole), fresh_total + fresh
                counted += [(one.finding, whole)] if whole else []
        # Own rows are known by number only, so rows that stand in two files are counted once
        # and never too often: the sum over files, or the fullest file where that is more.
        total = max(total, fresh_total)
        if total > most:
            most, found = total, counted
    return most, tuple(found)
