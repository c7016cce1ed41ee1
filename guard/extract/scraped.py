"""Runs of text in binary records: what stands in a file and no reader of its format gives."""

import re
from typing import Final

SHORTEST: Final = 5
"""Characters of a run; shorter ones are mostly chance, and hold nothing that is searched for."""

# Latin and full-width letters, kana, kanji and punctuation.
_WIDE: Final = re.compile(rf"[\t\x20-\x7e\xc0-\xff\u3000-\u9fff\uff01-\uffef]{{{SHORTEST},}}")
# ASCII and CP932, in which older records keep their text.
_NARROW: Final = re.compile(
    rb"(?:[\t\x20-\x7e]|[\x81-\x9f\xe0-\xfc][\x40-\x7e\x80-\xfc]|[\xa1-\xdf]){%d,}" % SHORTEST
)


def runs(octets: bytes) -> str:
    """Give every run, a line each; most of it is noise, and is only good for being searched."""
    # Text begins at even and at odd places; read from the wrong one, Latin letters look like kanji.
    wide = (
        run
        for start in (0, 1)
        for run in _WIDE.findall(octets[start:].decode("utf-16-le", "replace"))
    )
    narrow = (found.group().decode("cp932", "replace") for found in _NARROW.finditer(octets))
    return "\n".join((*wide, *narrow))
