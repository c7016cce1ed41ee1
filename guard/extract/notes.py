"""Comments on the cells of a sheet, each with its cell (ECMA-376 §18.7, [MS-XLSX] §2.6.203)."""

from collections.abc import Iterator, Mapping

from guard.extract.elements import Handler, walk

_COMMENTS = frozenset({"comment", "threadedComment"})


class _Comments(Handler):
    """Comments as they come; readings (``rPh``) are left out as in the cells."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str]] = []
        self._cell = ""
        self._pieces: list[str] = []
        self._in_text = False

    def start(self, local: str, attributes: Mapping[str, str]) -> None:
        if local in _COMMENTS:
            self._cell, self._pieces = attributes.get("ref", ""), []
        self._in_text = local in {"t", "text"}

    def end(self, local: str) -> None:
        self._in_text = False
        if local in _COMMENTS:
            self.found.append((self._cell, "".join(self._pieces)))

    def text(self, text: str) -> None:
        if self._in_text:
            self._pieces.append(text)


def comments(octets: bytes) -> Iterator[tuple[str, str]]:
    """
    Give cell and text of each comment in a part.

    Raises:
        UnreadError: It cannot be parsed.
    """
    found = _Comments()
    walk(octets, found)
    yield from found.found
