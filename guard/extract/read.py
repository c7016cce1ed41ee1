"""One file, opened as deep as it goes."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from guard.extract.budget import Budget
from guard.extract.families import FAMILY
from guard.extract.formats import reader_of
from guard.extract.kinds import Kind, has_zip_directory, kind_of
from guard.extract.pieces import Member, Piece, Source, UnreadError
from guard.extract.zipped import archive
from guard.model.extract import Extract, Family, Passage, ReadState, Reason

_BIG: Final = 20 * 1024
_HARDLY: Final = 20
"""A text format bigger than `_BIG` octets with fewer characters in it was not understood."""

_HAS_TEXT: Final = {Kind.TEXT, Kind.HTML, Kind.XML, Kind.DOCUMENT, Kind.XLSX, Kind.XLS, Kind.ODS}
_ENDLESS: Final = {Kind.TEXT, Kind.HTML, Kind.XML, Kind.RTF}
"""Formats whose programs do not mind what stands behind the text."""

_HAS_PICTURES: Final = {Kind.WORD, Kind.POWERPOINT, Kind.RTF}
"""Formats that are big without text where they are full of pictures."""


def read(
    name: str,
    octets: bytes,
    *,
    budget: Budget,
    charset: str | None = None,
    inline: bool = False,
    plain: bool = False,
    password: str = "",
) -> Extract:
    """
    Read a file called *name*, of whatever kind its content is.

    *charset* is what the mail declared; *inline* says that an HTML body shows the file. With
    *plain* no native code is run. *password* opens what is encrypted, at whatever depth.

    What is wrong with a file is no exception but a reason; only running out of memory, and panics
    of native code, come through, for the process is done for then. `seconds` is left to the
    caller.
    """
    path = (name.rpartition("/")[2],)
    source = Source(
        name=name, octets=octets, charset=charset, inline=inline, path=path, password=password
    )
    passages: list[Passage] = []
    reasons: dict[Reason, None] = {}
    families: set[Family] = set()
    for piece in _pieces(source, budget, families, plain=plain):
        if isinstance(piece, Passage):
            passages.append(piece)
        else:
            reasons[piece] = None
    if not reasons:
        state = ReadState.READ
    else:
        found = any(passage.text.strip() for passage in passages)
        state = ReadState.PARTIAL if found else ReadState.UNREADABLE
    return Extract(
        file=name,
        state=state,
        reasons=tuple(reasons),
        passages=tuple(passages),
        families=frozenset(families),
    )


def _pieces(
    source: Source, budget: Budget, families: set[Family], *, plain: bool
) -> Iterator[Passage | Reason]:
    """
    Read one file and those within it; errors end this file, not its neighbours.

    What they are is added to *families*.
    """
    chars = 0
    opened = False
    try:
        kind = kind_of(source.octets)
        families.add(FAMILY[kind])
        for piece in _read(kind, source, budget, plain=plain):
            match piece:
                case Passage():
                    chars += len(piece.text)
                    yield replace(piece, place=_place(source.path, piece.place))
                case Member():
                    opened = True
                    yield from _member(source, piece, budget, families, plain=plain)
                case Reason():
                    yield piece
        if len(source.octets) > _BIG and chars < _HARDLY and not opened:
            if kind in _HAS_TEXT:
                yield Reason.CORRUPT
            elif kind in _HAS_PICTURES:
                yield Reason.IMAGE_ONLY
    except UnreadError as unread:
        yield unread.reason
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 -- whatever a reader stumbles over, the file is to blame
        yield Reason.CORRUPT


def _read(kind: Kind, source: Source, budget: Budget, *, plain: bool) -> Iterator[Piece]:
    """Give what the reader of its kind gives, and the archive that may stand behind a text."""
    yield from reader_of(kind, plain=plain)(source, budget)
    if kind in _ENDLESS and has_zip_directory(source.octets):
        yield from archive(source, budget)


def _member(
    outer: Source, member: Member, budget: Budget, families: set[Family], *, plain: bool
) -> Iterator[Passage | Reason]:
    if len(outer.path) > budget.depth:
        yield Reason.LIMIT
        return
    source = Source(
        name=member.name,
        octets=member.octets,
        charset=member.charset,
        inline=member.inline,
        path=(*outer.path, member.name),
        password=outer.password,
    )
    yield from _pieces(source, budget, families, plain=plain)


def _place(path: tuple[str, ...], place: str) -> str:
    """Say where a passage stands: ``list.zip/a.xlsx, sheet “S”``, or just the place in the file."""
    return ", ".join(filter(None, ("/".join(path) if len(path) > 1 else "", place)))
