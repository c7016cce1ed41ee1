"""PDF without native code, for one that pdfium died of: slower, and less is found."""

import io
from collections.abc import Iterator
from typing import Final

import pypdf
from pypdf.errors import DependencyError, PyPdfError

from guard.extract.budget import Budget
from guard.extract.pieces import Piece, Source, UnreadError
from guard.model.extract import Passage, Reason

_MOST_PAGES: Final = 500
"""pypdf takes 20 ms for a page of text."""


def pdf(source: Source, budget: Budget) -> Iterator[Piece]:
    """Give the text of each page. Notes and attachments are left out, so it is never whole."""
    yield Reason.CRASH
    try:
        reader = pypdf.PdfReader(io.BytesIO(source.octets))
        if reader.is_encrypted and not reader.decrypt(source.password):
            raise UnreadError(Reason.ENCRYPTED)
        for number, page in enumerate(reader.pages, start=1):
            if number > _MOST_PAGES:
                raise UnreadError(Reason.LIMIT)
            text = page.extract_text()
            budget.say(len(text))
            yield Passage(place=f"page {number}", text=text)
    except DependencyError:
        raise UnreadError(Reason.ENCRYPTED) from None
    except (PyPdfError, RecursionError):
        raise UnreadError(Reason.CORRUPT) from None
