"""A long text is searched in pieces: the same is found, and the search may end."""

import time
from pathlib import Path

import crowd
import pytest

from guard.lists import prepared
from guard.lists.hashing import Hashing
from guard.lists.headers import kind_of
from guard.lists.kinds import ANCHORS
from guard.lists.prepared import Piece, Prepared
from guard.lists.scan import Search
from guard.model.extract import Passage

HASHING = Hashing(bytes(32))


class EndedError(Exception):
    """Stands for a search that was given up."""


def end() -> None:
    raise EndedError


def test_each_piece_is_told(tmp_path: Path) -> None:
    """Whoever gives a search up is asked at every piece."""
    index, _ = crowd.make_index(tmp_path, crowd.japanese(5, 20))
    told: list[None] = []
    text = "山田 090-1234-5678\n" * 100_000
    Search(index).hits(Prepared(Passage(place="", text=text), lambda: told.append(None)))
    assert len(told) >= len(text) // prepared.PIECE


def test_a_search_ends(tmp_path: Path) -> None:
    """What *check* raises ends the search, of a text of one piece too."""
    people = crowd.japanese(5, 20)
    index, _ = crowd.make_index(tmp_path, people)
    text = Prepared(Passage(place="", text=crowd.JAPANESE_FORMS["csv"](people)), end)
    with pytest.raises(EndedError):
        Search(index).hits(text)


@pytest.mark.parametrize("form", ["csv", "vertical", "labels", "e-mail broken in two lines"])
def test_rows_are_found_wherever_a_piece_ends(
    tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same rows are found at the same lines, in however many pieces a text is read."""
    people = crowd.japanese(5, 200)
    index, _ = crowd.make_index(tmp_path, people)
    text = crowd.JAPANESE_FORMS[form](people)
    whole = [(hit.row, hit.line, hit.sample[:1] != "") for hit in crowd.found(index, text)]
    monkeypatch.setattr(prepared, "PIECE", 2000)
    pieces = [(hit.row, hit.line, hit.sample[:1] != "") for hit in crowd.found(index, text)]
    assert [hit[:2] for hit in pieces] == [hit[:2] for hit in whole]
    assert len(whole) == 200


@pytest.mark.parametrize(
    "text",
    ["1-" + "a" * 1_000_000, "1-" * 500_000, "1" * 1_000_000, "@" * 200_000, "a@b.c " * 100_000],
    ids=["letters", "hyphens", "digits", "at", "addresses"],
)
def test_no_text_takes_squared_time(text: str) -> None:
    """Long runs without a break cost as much as any other text."""
    began = time.process_time()
    for at in range(0, len(text), prepared.PIECE):
        piece = Piece(text[at : at + prepared.PIECE], at, HASHING)
        for kind in ANCHORS:
            piece.candidates(kind)
    assert time.process_time() - began < 10


def test_a_long_cell_is_no_header() -> None:
    """A hundred kilobytes of brackets are read as quickly as a word."""
    began = time.process_time()
    assert kind_of("[" * 100_000) is None
    assert time.process_time() - began < 1
    assert kind_of("E-Mail (work)") == "email"


def test_no_more_is_read_than_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once more rows are certain than a search may give, the rest of a text is left alone."""
    people = crowd.japanese(5, 200)
    index, _ = crowd.make_index(tmp_path, people)
    monkeypatch.setattr(prepared, "PIECE", 2000)
    text = crowd.JAPANESE_FORMS["csv"](people) * 20

    def steps(max_rows: int) -> int:
        told: list[None] = []
        ready = Prepared(Passage(place="", text=text), lambda: told.append(None))
        hits = Search(index, max_rows=max_rows).hits(ready)
        assert len([hit for hit in hits if hit.certain]) == min(max_rows, 200)
        return len(told)

    assert steps(20) * 4 < steps(1000)
