"""Pairs of names whose likeness every reader would agree on."""

import re
from pathlib import Path

import pytest

from guard.names.compare import Alike, alike

_LINE = re.compile(r"(.+?)\s\s(=|~|/=)\s\s(.+?)(?:\s\s# (\w+))?")
_MEANS = {"=": Alike.SAME, "~": Alike.CONFUSABLE, "/=": Alike.UNRELATED}


def _pairs() -> list[tuple[str, str, Alike, str | None]]:
    text = (Path(__file__).parent / "names" / "pairs.txt").read_text("utf-8")
    rows = []
    for line in text.splitlines():
        if line and not line.startswith("#"):
            match = _LINE.fullmatch(line)
            assert match is not None, line
            rows.append((match[1], match[3], _MEANS[match[2]], match[4]))
    return rows


PAIRS = _pairs()


@pytest.mark.parametrize(
    ("a", "b", "expected", "kind"), PAIRS, ids=[f"{a} {b}" for a, b, _, _ in PAIRS]
)
def test_pair(a: str, b: str, expected: Alike, kind: str | None) -> None:
    """Each pair is what its sign says, from both sides, and of the kind that is named."""
    found = alike(a, b)

    assert (found.alike, kind and found.kind) == (expected, kind)
    assert alike(b, a) == found
