"""Files made to exhaust whoever opens them: each ends in its reason, and the sandbox lives on."""

import bz2
import zlib
from collections.abc import Callable

import pytest
from pdfs import CATALOG, one_page, pdf_of, shown, stream

from guard.model.extract import ReadState, Reason
from guard.model.message import Attachment
from guard.sandbox import Limits, Sandbox


def flate_bomb() -> bytes:
    """A page whose operators take 300 MB."""
    packer = zlib.compressobj(1)
    block = shown("row") * 20_000
    content = b"".join(packer.compress(block) for _ in range(300)) + packer.flush()
    return one_page(stream(content, b"/Filter/FlateDecode"))


def nested_forms() -> bytes:
    """Nine forms, each of which shows the next one ten times."""
    head = b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X %d 0 R>>>>"
    forms = [stream(b"/X Do " * 10, head % number) for number in range(7, 16)]
    last = stream(shown("end"), b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]")
    return one_page(b"/X Do " * 10, *forms, last, resources=b"/XObject<</X 6 0 R>>")


def page_tree() -> bytes:
    """A million pages that are one."""
    return one_page(shown("row"), kids=b"3 0 R " * 1_000_000, count=1_000_000)


def tree_that_bites_its_tail() -> bytes:
    """Pages that are their own children."""
    return pdf_of([CATALOG % b"", b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>"])


def gzip_of_zeros() -> bytes:
    """10 GB, in streams that follow each other."""
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    one = b"".join(packer.compress(bytes(1 << 24)) for _ in range(4)) + packer.flush()
    return one * 160


def bzip2_of_zeros() -> bytes:
    """4 GB, in streams that follow each other."""
    return bz2.compress(bytes(1 << 26)) * 64


@pytest.mark.parametrize(
    ("made", "reasons"),
    [
        (flate_bomb, {Reason.CRASH, Reason.LIMIT, Reason.TIMEOUT}),
        (nested_forms, {Reason.LIMIT}),
        (page_tree, {Reason.LIMIT}),
        (tree_that_bites_its_tail, {Reason.CORRUPT}),
        (gzip_of_zeros, {Reason.LIMIT}),
        (bzip2_of_zeros, {Reason.LIMIT}),
    ],
)
async def test_bomb(made: Callable[[], bytes], reasons: set[Reason]) -> None:
    """It costs one child; the next file is read."""
    sandbox = Sandbox(limits=Limits(cpu_s=3, wall_s=15), slots=1)
    await sandbox.start()
    try:
        (bomb,) = await sandbox.read((_attachment(made()),))
        (plain,) = await sandbox.read((_attachment(one_page(shown("row"))),))
    finally:
        await sandbox.stop()
    assert bomb.state is not ReadState.READ
    assert set(bomb.reasons) & reasons
    assert (plain.state, "row" in plain.text) == (ReadState.READ, True)


def _attachment(octets: bytes) -> Attachment:
    return Attachment(part="2", name="file", content_type="application/pdf", octets=octets)
