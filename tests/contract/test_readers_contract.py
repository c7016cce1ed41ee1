"""The promises of the port `Readers`, over each adapter."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from in_process_readers import InProcessReaders

from guard.model.extract import ReadState, Reason
from guard.model.message import Attachment
from guard.ports import Readers
from guard.sandbox import ReadersAtOnce, RememberedReaders, Sandbox


@pytest_asyncio.fixture(params=["sandbox", "remembered", "at once", "in process"])
async def readers(request: pytest.FixtureRequest) -> AsyncIterator[Readers]:
    """Each adapter, started."""
    if request.param == "in process":
        yield InProcessReaders()
        return
    sandbox = Sandbox(slots=1)
    await sandbox.start()
    over = {"sandbox": lambda one: one, "remembered": RememberedReaders, "at once": ReadersAtOnce}
    yield over[request.param](sandbox)
    await sandbox.stop()


def file(name: str, octets: bytes, *, inline: bool = False) -> Attachment:
    """An attachment."""
    return Attachment(
        part="2",
        name=name,
        content_type="application/octet-stream",
        octets=octets,
        inline=inline,
    )


async def test_nothing_to_read(readers: Readers) -> None:
    """No files, no extracts."""
    assert await readers.read([]) == ()


async def test_order_and_names(readers: Readers) -> None:
    """One extract a file, in their order, also where two have one name."""
    files = [file("同じ.txt", b"a"), file("同じ.txt", b"b"), file("c", "山田".encode())]
    found = await readers.read(files)
    assert [(extract.file, extract.text) for extract in found] == [
        ("同じ.txt", "a"),
        ("同じ.txt", "b"),
        ("c", "山田"),
    ]


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (b"\0\1\0\0Standard Jet DB\0", Reason.UNSUPPORTED),
        (b"PK\x03\x04 torn", Reason.CORRUPT),
        (b"\x89PNG\r\n\x1a\n" + bytes(99), Reason.IMAGE_ONLY),
        (b"\x7fELF" + bytes(range(256)), Reason.UNKNOWN_BINARY),
    ],
)
async def test_what_cannot_be_read_is_no_error(
    readers: Readers, octets: bytes, reason: Reason
) -> None:
    """Trouble in a file is its own extract's, and its neighbours are read."""
    bad, good = await readers.read([file("bad", octets), file("good", b"row")])
    assert (bad.state, bad.reasons, bad.text) == (ReadState.UNREADABLE, (reason,), "")
    assert (good.state, good.reasons, good.text) == (ReadState.READ, (), "row")


async def test_inline_and_charset_arrive(readers: Readers) -> None:
    """What the mail says about a file reaches its reader."""
    logo = file("logo.png", b"\x89PNG\r\n\x1a\n" + bytes(99), inline=True)
    text = Attachment(
        part="3",
        name="t",
        content_type="text/plain",
        octets="мир".encode("koi8-r"),
        charset="koi8-r",
    )
    seen, read_text = await readers.read([logo, text])
    assert seen.state is ReadState.READ
    assert "мир" in read_text.text
