"""A text without any row of a list is searched once, for each version of the list."""

import asyncio
from pathlib import Path

import crowd
import pytest

from guard.lists import scan
from guard.lists.matches import Matches
from guard.lists.silent import WORTH_CHARS, SilentTexts
from guard.model.extract import Passage
from guard.store.lists import ListFolder

CLEAN = "注文番号 O-00001 部品856 090-0000-0001\n" * 200


@pytest.fixture
def searched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give the texts that are really searched."""
    texts: list[str] = []

    class Told(Matches):
        def pairs(self):  # type: ignore[no-untyped-def]
            texts.append(self._piece.text)
            return super().pairs()

    monkeypatch.setattr(scan, "Matches", Told)
    return texts


async def test_a_silent_text_is_searched_once(tmp_path: Path, searched: list[str]) -> None:
    """The second mail with the same text costs no search, until the list is imported anew."""
    crowd.make_index(tmp_path, crowd.japanese(5, 20), name="customers")
    folder = ListFolder(tmp_path, crowd.KEY, "k1")
    for _ in range(3):
        assert await folder.search(["customers"], [Passage(place="", text=CLEAN)], []) == ((),)
    assert len(searched) == 1

    crowd.make_index(tmp_path, crowd.japanese(6, 20), name="customers")
    assert await folder.search(["customers"], [Passage(place="", text=CLEAN)], []) == ((),)
    assert len(searched) == 2


async def test_a_text_with_rows_is_searched_again(tmp_path: Path, searched: list[str]) -> None:
    """What was found is found each time."""
    people = crowd.japanese(5, 200)
    crowd.make_index(tmp_path, people, name="customers")
    folder = ListFolder(tmp_path, crowd.KEY, "k1")
    text = crowd.JAPANESE_FORMS["csv"](people)
    first, second = await asyncio.gather(
        *(folder.search(["customers"], [Passage(place="", text=text)], []) for _ in range(2))
    )

    assert first == second
    assert len(first[0]) == 200
    assert len(searched) == 2


def test_a_short_text_is_not_remembered() -> None:
    """To search it again is as quick."""
    assert SilentTexts().mark("z" * (WORTH_CHARS - 1)) is None


def test_only_the_same_text_and_lists_are_known() -> None:
    """Another text, and another version of one of the lists, say nothing."""
    silent = SilentTexts()
    mark, other = silent.mark("z" * WORTH_CHARS), silent.mark("y" * WORTH_CHARS)
    silent.note(mark, {"a", "b"})

    assert silent.knows(mark, {"a"})
    assert silent.knows(mark, {"a", "b"})
    assert not silent.knows(mark, {"a", "c"})
    assert not silent.knows(other, {"a"})
    assert not silent.knows(None, {"a"})


def test_memory_has_an_end() -> None:
    """The texts that were searched first are forgotten first."""
    silent = SilentTexts(most=2)
    marks = [silent.mark(letter * WORTH_CHARS) for letter in "abc"]
    for mark in marks:
        silent.note(mark, {"v"})

    assert [silent.knows(mark, {"v"}) for mark in marks] == [False, True, True]
