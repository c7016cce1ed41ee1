"""Images: nothing to read in them without OCR, and usually nothing to fear from a logo."""

from collections.abc import Iterator
from typing import Final

from guard.extract.budget import Budget
from guard.extract.kinds import has_zip_directory
from guard.extract.ocr import recognised_file
from guard.extract.pieces import Piece, Source, UnreadError
from guard.extract.zipped import archive
from guard.model.extract import Passage, Reason

LOGO_BYTES: Final = 64 * 1024
"""An image below this that an HTML body shows is decoration."""


_ENDS: Final = ((b"\x89PNG", b"IEND\xaeB`\x82"), (b"\xff\xd8", b"\xff\xd9"), (b"GIF8", b"\0;"))
"""How pictures begin and end; what a reader of pictures does not show stands behind."""

_FEW: Final = 64


def image(source: Source, budget: Budget) -> Iterator[Piece]:
    """
    Pass a small inline image over, say `IMAGE_ONLY` of any other, and open what hides in one.

    OCR cannot prove a picture clean: it stays `IMAGE_ONLY` when text was found in it.
    """
    if has_zip_directory(source.octets):
        yield from archive(source, budget)
    elif source.inline and len(source.octets) < LOGO_BYTES:
        if _has_tail(source.octets):
            yield Reason.DEFECT
        return
    if budget.ocr_pages > 0:
        budget.ocr_pages -= 1
        text = recognised_file(source.octets)
        budget.say(len(text))
        yield Passage(place="picture", text=text)
    raise UnreadError(Reason.IMAGE_ONLY)


def _has_tail(octets: bytes) -> bool:
    """Whether something stands behind the picture."""
    for start, end in _ENDS:
        if octets.startswith(start):
            at = octets.rfind(end)
            return at >= 0 and len(octets[at + len(end) :].strip(b"\0")) > _FEW
    return False
