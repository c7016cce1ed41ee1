"""Tables of names, glyphs and domains: common knowledge, written by hand, one entry a line."""

from importlib.resources import files


def lines(table: str) -> list[str]:
    """Give the entries of one table; a line that begins with # is a remark."""
    text = files(__name__).joinpath(f"{table}.txt").read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]
