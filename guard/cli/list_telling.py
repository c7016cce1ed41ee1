"""What ``guard lists`` says of an import: what was found and left out, what looks like a slip."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from guard.problems import did_you_mean

if TYPE_CHECKING:
    from guard.app.list_report import ListReport, Taken
    from guard.config import Settings
    from guard.lists.gathered import Gathered, Part


def describe(opened: "Gathered", remembered: Mapping[str, str]) -> None:
    """Say on stderr what was found in the files, and what columns were said to hold before."""
    for described in opened.described:
        click.echo(described, err=True)
    if remembered:
        said = ",".join(f"{header}={kind}" for header, kind in remembered.items())
        click.echo(f"Columns as said before:   {said}", err=True)
    if opened.passed:
        click.echo(f"passed over, no lists by their names: {', '.join(opened.passed)}", err=True)


def summarise(taken: "Taken") -> None:
    """Say on stderr what became of the rows."""
    made, tally = taken.imported, taken.opened.tally
    replaced = f" in place of {made.replaced:,}" if made.replaced else ""
    click.echo(
        f"{made.kept:,} rows kept as fingerprints{replaced} · "
        f"{made.without:,} without any usable value · "
        f"{made.duplicates:,} duplicates · {tally.blank:,} empty · {tally.broken:,} broken · "
        "nothing else is stored",
        err=True,
    )
    parts = taken.opened.parts
    for what, count, numbers in (
        ("without any usable value", made.without, made.without_at),
        ("duplicates", made.duplicates, made.duplicates_at),
    ):
        if count:
            places = [_place(number, parts) for number in numbers]
            click.echo(f"{what}: {_first(places, count)}", err=True)
    if tally.blank:
        click.echo(f"empty: {_first(tally.blank_at, tally.blank)}", err=True)


def complain(taken: "Taken") -> None:
    """Say on stderr which rows are broken, and are not looked for."""
    tally = taken.opened.tally
    if tally.broken:
        click.echo(f"left out, broken: {_first(tally.broken_at, tally.broken)}", err=True)


def _first(places: Sequence[str], count: int) -> str:
    more = f" and {count - len(places):,} more" if count > len(places) else ""
    return ", ".join(places) + more


def _place(number: int, parts: "Sequence[Part]") -> str:
    """Say where a data row of the list stands: ``b.csv row 12``."""
    for part in parts:
        if part.first <= number <= part.last:
            return f"{part.name} row {number - part.first + 1:,}"
    return f"row {number:,}"


def hint(settings: "Settings", name: str) -> None:
    """Say on stderr what looks like a slip, though it was done."""
    from guard.policy.load import read

    policy = read(settings.policies).policy
    if policy is not None and name not in policy.lists:
        known = list(policy.lists)
        told = did_you_mean(name, known) or f"write it under lists: in {settings.policies}"
        click.echo(f"hint: no policy mentions a list “{name}” ({told})", err=True)


def row_of(report: "ListReport") -> dict[str, object]:
    """Give what became of a source for JSON, with the numbers of rows where it was read."""
    row: dict[str, object] = dict(report.told())
    if (taken := report.taken) is not None:
        row |= {
            "version": taken.imported.version,
            "read": taken.imported.read,
            "without": taken.imported.without,
            "duplicates": taken.imported.duplicates,
            "empty": taken.opened.tally.blank,
            "broken": taken.opened.tally.broken,
        }
    return row


def line_of(report: "ListReport") -> str:
    """Say what became of a source that was read well."""
    if report.taken is None:
        return f"{report.name}: {report.rows:,} rows · unchanged"
    return f"{report.name}: {report.rows:,} rows, {report.before:,} before"
