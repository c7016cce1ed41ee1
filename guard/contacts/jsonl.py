"""Lines of JSON from files that anybody may have written."""

import json
from collections.abc import Iterable, Iterator
from typing import Any


def numbered(lines: Iterable[str | bytes], first: int = 1) -> Iterator[tuple[int, str | bytes]]:
    """Give each line that is not blank, with its number; they count from *first*."""
    return ((number, line) for number, line in enumerate(lines, first) if line.strip())


def value(line: str | bytes) -> Any:
    """
    Read one line.

    Raises:
        ValueError: It is not JSON, not UTF-8, or nested deeper than can be read.
    """
    try:
        # json.loads would guess the encoding of bytes, and let through what is no UTF-8.
        return json.loads(line.decode() if isinstance(line, bytes) else line)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def line(row: dict[str, Any]) -> str:
    """Write one line; half a surrogate pair, which no encoding has, stays escaped."""
    text = json.dumps(row, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(row)
    return text
