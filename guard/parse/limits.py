"""How much of one message is looked at. What lies beyond is a defect that hides content."""

from typing import Final

HEADER_BYTES: Final = 64 * 1024
"""One header field. Real ones stay below 40 KB, a To with 1,000 recipients included."""

HEADERS_BYTES: Final = 256 * 1024
"""All header fields of one part."""

DEPTH: Final = 8
"""Multiparts and messages within each other."""

PARTS: Final = 5_000
"""Parts of a message, those of messages within it included."""
