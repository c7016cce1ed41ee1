"""A document, slide or sheet, and whether the pictures on it are what it says."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from guard.extract.pieces import Piece
from guard.extract.scans import FEW, HALF, are_scans
from guard.model.extract import Passage, Reason


@dataclass(slots=True)
class Canvas:
    """A document, or one slide or sheet."""

    place: str = ""
    chars: int = 0
    """Characters that people see on it, without spaces."""

    pages: float = 0.0
    """Pages that its pictures would fill, one beside the other."""

    largest: float = 0.0
    """Share of a page, 0 to 1, of the largest one that text flows around."""

    flows: bool = False
    """Text flows from page to page, and nobody knows what of it stands beside a picture."""

    def show(self, width: float, height: float, page: tuple[float, float], *, flat: bool) -> None:
        """Count a picture of this size in points; one of no known size is a large one."""
        share = min(1.0, width * height / (page[0] * page[1])) if width and height else HALF
        self.pages += share
        if flat:
            self.largest = max(self.largest, share)

    @property
    def is_scan(self) -> bool:
        """
        Whether pictures are what it says.

        A picture of half a page in a document leaves no place for text beside it: that page is one.
        """
        if self.flows and self.pages and (self.chars < FEW or self.largest >= HALF):
            return True
        return are_scans(self.chars, self.pages)


def scanned(found: Iterable[Canvas], chars: Mapping[str, int]) -> Iterator[Piece]:
    """Name those that are scans; *chars* are those of each place that its canvas did not count."""
    reason = False
    for canvas in found:
        canvas.chars += chars.get(canvas.place, 0)
        if canvas.is_scan:
            reason = True
            yield Passage(place=", ".join(filter(None, (canvas.place, "picture"))), text="")
    if reason:
        yield Reason.IMAGE_ONLY
