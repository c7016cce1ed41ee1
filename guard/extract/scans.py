"""When a page, slide, sheet or document is a picture of text rather than text (ADR 18)."""

import re
from typing import Final

FEW: Final = 20
"""Characters below which any picture is what the page is about."""

HEADING: Final = 60
"""Characters of a heading, a stamp, a page number: no more than that beside a picture."""

LITTLE: Final = 200
"""
Characters of a header, a footer and a line of a caption.

A letter with its addresses has 300 and more, a Japanese one 250, and so have the pages of brochures
that have pictures beside text; what has less, and a large picture, says most of it in the picture.
"""

QUARTER: Final = 0.25
"""Share of a page that no logo and no seal takes, and that a pasted table does."""

HALF: Final = 0.5
"""Share of a page that is a scan's within the margins of a document."""

SCAN_BYTES: Final = 32 * 1024
"""
Octets of pictures in a file whose pages nobody lays out: of a logo there are less.

A page in black and white takes 30 to 100 KB as a scanner packs it.
"""

_SPACES: Final = re.compile(r"\s+")


def letters(text: str) -> int:
    """Count the characters that are no spaces."""
    return len(_SPACES.sub("", text))


def is_scan(chars: int, share: float) -> bool:
    """
    Whether so few characters beside pictures of this share of the page are not what it says.

    A picture may hold the list itself: a scan below a header, a stamp on it. Title pages of
    brochures and slides with a photograph and a title are meant, too, for nobody can tell what is
    on it; policies pass what is a picture, unless they say otherwise.
    """
    return (share >= HALF and chars < LITTLE) or (share >= QUARTER and chars < HEADING)


def are_scans(chars: int, pages: float) -> bool:
    """Judge pictures that would fill so many pages, where nobody knows beside what they stand."""
    return is_scan(int(chars / max(1.0, pages)), min(1.0, pages))
