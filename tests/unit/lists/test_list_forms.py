"""Rows in forms that were written without a look at the search: found, but for those named here."""

from random import Random

import pytest

from guard.lists.index import ListIndex
from tests.bench.rows import english, japanese
from tests.bench.rows.forms import Form
from tests.bench.rows.people import Person, people
from tests.bench.rows.searching import build_index, found, open_index

SIZE = 4_000
CHOSEN = 20
ALONE = 8
MISSED = {
    "names first, then phones": "nothing says whose the number is",
}
"""What is not found, or by its address alone from ten rows on; and why."""

ALL = [
    pytest.param(language, form, id=f"{language} {form.name}")
    for language, forms in (("ja", japanese.FORMS), ("en", english.FORMS))
    for form in forms
    if form.name not in MISSED
]
LANGUAGES = ("ja", "en")


@pytest.fixture(scope="module")
def indexes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ListIndex]:
    folder = tmp_path_factory.mktemp("forms")
    return {one: open_index(build_index(folder, one, 5, SIZE)[0]) for one in LANGUAGES}


@pytest.fixture(scope="module")
def listed() -> dict[str, list[Person]]:
    return {one: list(people(one, 5, SIZE)) for one in LANGUAGES}


@pytest.mark.parametrize(("language", "form"), ALL)
def test_forms(
    indexes: dict[str, ListIndex], listed: dict[str, list[Person]], language: str, form: Form
) -> None:
    """Nearly all of twenty rows are found, together and one by one, and no other."""
    rng = Random(6)  # noqa: S311 -- nothing here is secret
    chosen = rng.sample([one for one in listed[language] if form.only(one)], CHOSEN)
    rows = {one.number for one in chosen}
    together = {hit.row for hit in found(indexes[language], form.write(chosen, rng))}
    right = sum(
        one.number in {hit.row for hit in found(indexes[language], form.write([one], rng))}
        for one in chosen[:ALONE]
    )
    if form.expected == "nothing":
        assert not together
    else:
        assert together <= rows
        assert len(together) >= CHOSEN - 1
    # A name that many have is too little beside a birthday.
    assert right >= ALONE - 2 if form.expected == "rows" else right == 0
