"""Images: nothing to read in them without OCR, and usually nothing to fear from a logo."""

from collections.abc import Iterator
from typing import Final

from guard.extract.budget import Budget
from guard.extract.kinds import has_zip_directory
from guard.extract.pieces import Piece, Source, UnreadError
from guard.extract.zipped import archive
from guard.model.extract import Reason

LOGO_BYTES: Final = 64 * 1024
"""An image below this that an HTML body shows is decoration."""


def image(source: Source, budget: Budget) -> Iterator[Piece]:
    """Pass a small inline image over, say `IMAGE_ONLY` of any other, and open what hides in one."""
    if has_zip_directory(source.octets):
        yield from archive(source, budget)
    elif source.inline and len(source.octets) < LOGO_BYTES:
        return
    raise UnreadError(Reason.IMAGE_ONLY)
