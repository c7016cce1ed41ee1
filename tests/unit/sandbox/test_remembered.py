"""A file that was read a moment ago is not read again, and is forgotten in time."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from guard.model.extract import Extract, Passage, ReadState, Reason
from guard.model.message import Attachment
from guard.sandbox.remembered import EMPTY_CHARS, RememberedReaders

LIST = Attachment(part="2", name="list.csv", content_type="text/csv", octets=b"O-1,part,12\n")
LOGO = replace(LIST, part="3", name="logo.png", octets=b"\x89PNG\r\n\x1a\n", inline=True)


class CountingReaders:
    """Reads anything as text, and writes down what it was asked for."""

    def __init__(self, *reasons: Reason) -> None:
        self.asked: list[str] = []
        self.reasons = reasons

    async def read(self, attachments: Sequence[Attachment]) -> tuple[Extract, ...]:
        """As `ports.Readers.read`."""
        self.asked.extend(attachment.name for attachment in attachments)
        return tuple(
            Extract(
                file=attachment.name,
                state=ReadState.PARTIAL if self.reasons else ReadState.READ,
                reasons=self.reasons,
                passages=(Passage(place="", text=attachment.octets.decode("latin-1")),),
                seconds=0.25,
            )
            for attachment in attachments
        )


class Clock:
    """A clock that a test sets."""

    now = 0.0

    def __call__(self) -> float:
        """Give the time."""
        return self.now


async def test_the_same_file_is_read_once() -> None:
    """A file that comes again has the same extract, at no cost; its neighbours are read."""
    inner = CountingReaders()
    readers = RememberedReaders(inner)
    (first,) = await readers.read([LIST])
    logo, again = await readers.read([LOGO, LIST])

    assert inner.asked == ["list.csv", "logo.png"]
    assert again == replace(first, seconds=0.0)
    assert logo.file == "logo.png"


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"octets": b"O-1,part,13\n"}, id="octets"),
        pytest.param({"name": "other.csv"}, id="name"),
        pytest.param({"charset": "cp932"}, id="charset"),
        pytest.param({"inline": True}, id="place in the mail"),
    ],
)
async def test_all_that_a_reader_is_told_counts(other: dict[str, object]) -> None:
    """A file that differs in anything that a reader sees is another file."""
    inner = CountingReaders()
    readers = RememberedReaders(inner)
    await readers.read([LIST])
    await readers.read([replace(LIST, **other)])  # type: ignore[arg-type]

    assert len(inner.asked) == 2


@pytest.mark.parametrize("reason", list(Reason))
async def test_what_went_wrong_by_chance_is_tried_again(reason: Reason) -> None:
    """A limit, a crash and a time-out say nothing of the next attempt; other reasons last."""
    inner = CountingReaders(reason)
    readers = RememberedReaders(inner)
    extracts = [await readers.read([LIST]) for _ in range(2)]

    by_chance = reason in {Reason.LIMIT, Reason.CRASH, Reason.TIMEOUT}
    assert len(inner.asked) == (2 if by_chance else 1)
    assert all(extract.reasons == (reason,) for (extract,) in extracts)


async def test_a_file_is_forgotten_in_time() -> None:
    """However often it comes, a file is read anew after a while."""
    inner, clock = CountingReaders(), Clock()
    readers = RememberedReaders(inner, keep_s=60, clock=clock)
    for now in (0.0, 59.0, 60.0, 61.0):
        clock.now = now
        await readers.read([LIST])

    assert len(inner.asked) == 2


async def test_nothing_stays_when_no_mail_comes_any_more() -> None:
    """What was read is dropped from memory without another mail."""
    readers = RememberedReaders(CountingReaders(), keep_s=0.0)
    await readers.read([LIST])
    while readers._kept:
        await asyncio.sleep(0)


async def test_memory_has_an_end() -> None:
    """The files that were read first are forgotten for those that came last."""
    inner = CountingReaders()
    readers = RememberedReaders(inner, most_chars=2 * EMPTY_CHARS + 100)
    files = [replace(LIST, name=f"{number}.csv") for number in range(3)]
    for file in (*files, files[2], files[0]):
        await readers.read([file])

    assert inner.asked == ["0.csv", "1.csv", "2.csv", "0.csv"]
