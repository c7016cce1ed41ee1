"""Every file of the corpus through the real sandbox: found, or known not to be read."""

from fnmatch import fnmatch
from pathlib import Path

import pytest

from guard.model.extract import ReadState
from tests.corpus.measured import Result, gaps, leaked, measure
from tests.corpus.page import page
from tests.corpus.planted import FILES, folded, load

CORPUS = load()
ROOT = Path(__file__).parents[2]
SHORT = 6
"""Characters of a string that may stand anywhere by chance."""


@pytest.fixture(scope="module")
def results() -> list[Result]:
    """All files, read once."""
    return measure(CORPUS)


def known(result: Result, kind: str, what: str) -> bool:
    """Whether somebody wrote down that this is so, and why."""
    return any(gap.covers(result.made, kind, what) for gap in gaps())


def test_the_manifest_lists_all_files() -> None:
    """No file is there by itself, none is missing, and all together are small."""
    there = {str(path.relative_to(FILES)) for path in FILES.rglob("*") if path.is_file()}
    assert there == {made.file for made in CORPUS}
    assert sum(made.path.stat().st_size for made in CORPUS) < 4_000_000


def test_no_row_is_lost_silently(results: list[Result]) -> None:
    """A file with a row missing says that it was not read, or stands in the list."""
    lost = [
        (result.made.file, place.planted.kind, f"{place.found} of {place.rows}")
        for result in results
        for place in result.places
        if result.silent
        and place.found < place.rows
        and not known(result, place.planted.kind, "silent")
    ]
    assert lost == []


def test_what_is_missing_is_known(results: list[Result]) -> None:
    """A file that is not read has a reason, and so have we."""
    unknown = []
    for result in results:
        unread = result.extract.state is not ReadState.READ
        assert unread == bool(result.extract.reasons)
        if result.made.state != "read":
            continue  # nobody can read these
        for place in result.places:
            if (
                unread
                and place.found < place.rows
                and not known(result, place.planted.kind, "missing")
            ):
                unknown.append((result.made.file, place.planted.kind, result.extract.reasons))
    assert unknown == []


def test_sealed_files_say_so(results: list[Result]) -> None:
    """What is encrypted or a picture is never read, and says why."""
    wrong = [
        (result.made.file, result.extract.state, result.extract.reasons)
        for result in results
        if result.made.state != "read"
        and not set(result.made.reasons) & set(result.extract.reasons)
        and not known(result, "reason", "unnamed")
    ]
    assert wrong == []
    assert all(
        result.extract.state is not ReadState.READ
        for result in results
        if result.made.state != "read"
    )


def test_clean_twins_are_read_and_hold_nobody(results: list[Result]) -> None:
    """A file like the planted one, with nobody in it, gives no reason to hold a mail."""
    planted = {
        string
        for made in CORPUS
        for place in made.planted
        for row in place.rows
        for string in row
        if len(folded(string)) > SHORT
    }
    for result in results:
        if not result.made.clean:
            continue
        assert leaked(result.made, result.extract, planted) == [], result.made.file
        twin = result.made.file.removeprefix("clean/")
        unread = result.extract.state is not ReadState.READ
        excused = any(
            fnmatch(twin, gap.files) and gap.what in {"missing", "held"} for gap in gaps()
        )
        assert not unread or excused, (result.made.file, result.extract.reasons)


def test_places_are_named(results: list[Result]) -> None:
    """What is found in a hidden sheet is said to stand in a hidden sheet, in its row."""
    unnamed = [
        (
            result.made.file,
            place.planted.kind,
            place.planted.place,
            f"{place.named} of {place.found}",
        )
        for result in results
        for place in result.places
        if place.named < place.found and not known(result, place.planted.kind, "unnamed")
    ]
    assert unnamed == []


def test_no_gap_is_closed_unseen(results: list[Result]) -> None:
    """Who mends something takes its line out of the list."""
    stale = [gap for gap in gaps() if not any(_still(result, gap) for result in results)]
    assert stale == []


def _still(result: Result, gap) -> bool:
    if gap.what == "held":
        twin = result.made.file.removeprefix("clean/")
        return result.made.clean and fnmatch(twin, gap.files) and bool(result.extract.reasons)
    if gap.kinds == ("reason",):
        said = set(result.made.reasons) & set(result.extract.reasons)
        return (
            gap.covers(result.made, "reason", gap.what) and result.made.state != "read" and not said
        )
    return any(
        gap.covers(result.made, place.planted.kind, gap.what)
        and (
            place.named < place.found
            if gap.what == "unnamed"
            else place.found < place.rows and (gap.what == "silent") == bool(result.silent)
        )
        for place in result.places
    )


def test_the_page_is_up_to_date(results: list[Result]) -> None:
    """Who changes a reader or the corpus makes the page again; its head says how."""
    assert (ROOT / "docs" / "formats.md").read_text("utf-8") == page(results)
