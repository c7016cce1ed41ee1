"""Tables of names, glyphs and domains: common knowledge, written by hand, one entry a line."""

from importlib.resources import files

_HERE = files(__name__)


def lines(table: str) -> list[str]:
    """Give the entries of one table; a line that begins with # is a remark."""
    text = _HERE.joinpath(f"{table}.txt").read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]
