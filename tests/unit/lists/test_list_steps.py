"""A long text is searched in steps: the same is found, others have their turn, and it may end."""

import time
from pathlib import Path

import crowd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guard.lists import ids, phones, steps
from guard.lists.fold import fold
from guard.lists.headers import kind_of
from guard.lists.ids import ids_in
from guard.lists.phones import phones_in
from guard.lists.prepared import Prepared
from guard.lists.scan import Search
from guard.model.extract import Passage

PATTERNS = (ids._ID, ids._ID_PART, phones._RUN, phones._UNIT)


class EndedError(Exception):
    """Stands for a search that was given up."""


def end() -> None:
    raise EndedError


@settings(deadline=None)
@given(st.lists(st.text("a1-._ /(+)あ", max_size=90), max_size=9).map("".join))
def test_the_same_is_found(text: str) -> None:
    """Where a step ends changes nothing, whatever stands there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(steps, "STEP", 2 * steps.MARGIN)
        for pattern in PATTERNS:
            for start, last in ((0, len(text)), (3, len(text) - 3)):
                whole = [match.span() for match in pattern.finditer(text, start, last)]
                found = steps.each(pattern, text, start=start, end=last)
                assert [match.span() for match in found] == whole


@pytest.mark.parametrize("text", ["a", "7", "1-", "山田 ", "090-1234-5678\n", "C-00123 "])
def test_each_step_is_told(text: str) -> None:
    """However a text looks, folding and each kind of look-up call *check* at every step."""
    told: list[None] = []
    prepared = Prepared(
        Passage(place="", text=text * (1_000_000 // len(text))), lambda: told.append(None)
    )
    for _ in prepared.emails:
        pass
    least = 1_000_000 // steps.STEP - 1
    assert len(told) >= least
    everywhere = range(0, 1_000_000, steps.STEP)
    for look_up in (
        prepared.phones(everywhere),
        prepared.ids(everywhere, frozenset({5})),
        (key for _, keys in prepared.phone_keys() for key in keys),
        (key for _, keys in prepared.id_keys(frozenset({5})) for key in keys),
    ):
        told.clear()
        for _ in look_up:
            pass
        # What is one match from end to end is one step, and quick.
        assert len(told) >= (least if text not in {"a", "7", "1-"} else 1)


def test_signs_of_addresses_are_told() -> None:
    """A text of nothing but @ ends too."""
    with pytest.raises(EndedError):
        _ = Prepared(Passage(place="", text="@" * 1000), end).emails


def test_found_rows_are_told(tmp_path: Path) -> None:
    """The second half of a search, about what was found, can be ended as the first."""
    people = crowd.japanese(5, 20)
    index, _ = crowd.make_index(tmp_path, people)
    prepared = Prepared(Passage(place="", text=crowd.JAPANESE_FORMS["csv"](people)))
    _ = prepared.emails, prepared.plain
    prepared.check = end
    with pytest.raises(EndedError):
        Search(index).hits(prepared)


def test_folding_in_steps() -> None:
    """A long text folds as its parts do."""
    text = "Ｚoë\n髙橋㈱" * steps.STEP
    assert fold(text) == fold("Ｚoë\n髙橋㈱") * steps.STEP


@pytest.mark.parametrize("text", ["1-" + "a" * 1_000_000, "1-" * 500_000, "1" * 1_000_000])
def test_no_text_takes_squared_time(text: str) -> None:
    """Long runs without a break cost as much as any other text."""
    began = time.process_time()
    assert list(ids_in(text, frozenset({7}))) == []
    assert list(phones_in(text)) == []
    assert time.process_time() - began < 10


def test_a_long_cell_is_no_header() -> None:
    """A hundred kilobytes of brackets are read as quickly as a word."""
    began = time.process_time()
    assert kind_of("[" * 100_000) is None
    assert time.process_time() - began < 1
    assert kind_of("E-Mail (work)") == "email"
