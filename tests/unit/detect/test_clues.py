"""What files say of whose they are, whatever stands in them."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.contacts.companies import MOST_CLUES
from guard.detect.clues import asked, clues_of
from guard.model.clue import Clue
from guard.model.extract import Extract, Passage, ReadState
from guard.model.message import Attachment

texts = st.text(
    st.sampled_from("北商事様殿御中 \t\n　:@.aTo宛先Ltd12出席届け先-–") | st.characters(),
    max_size=300,
)


def read(name: str, *passages: tuple[str, str]) -> tuple[Clue, ...]:
    """Give all clues of a file, passages by place and text."""
    file = Attachment(part="2", name=name, content_type="a/b", octets=b"")
    found = tuple(Passage(place=place, text=text) for place, text in passages)
    extract = Extract(file=name, state=ReadState.READ, passages=found)
    return asked(clues_of([file], [extract]), ())


@given(texts, texts, st.sampled_from(("", "properties", "a.zip/b.txt", "sheet “S”")))
def test_anything_can_be_read(name: str, text: str, place: str) -> None:
    """No name and no text is too odd, and what is asked stays bounded."""
    clues = read(name, (place, text))

    assert len(clues) <= MOST_CLUES
    assert all(clue.text for clue in clues)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(("a" + " " * 3900 + "b\n") * 30, id="blanks"),
        pytest.param("様 " * 100_000, id="honours"),
        pytest.param("@a." * 100_000, id="ats"),
        pytest.param("宛先:" * 100_000, id="labels"),
        pytest.param("a" * 1_000_000, id="one word"),
    ],
)
def test_hostile_text_is_read_in_no_time(text: str) -> None:
    """Neither a long line nor many of the signs that are looked for take long."""
    began = time.process_time()
    read("様 " * 10_000 + ".xlsx", *((f"page {number}", text) for number in range(20)))

    assert time.process_time() - began < 1.0
