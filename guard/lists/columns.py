"""Which column of a source holds what: by its header, else by what stands in it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from guard.lists.arrays import Spans
from guard.lists.chunk import Chunk
from guard.lists.dates import dates
from guard.lists.emails import emails
from guard.lists.fold import fold, is_cjk
from guard.lists.headers import header_key, kind_of
from guard.lists.kinds import ANCHORS, Kind
from guard.lists.phones import phones
from guard.lists.unkeyed import plain_chunk
from guard.model.errors import SourceError
from guard.problems import did_you_mean


class UnknownColumnError(SourceError):
    """Somebody said what a column holds that is not there."""


class UnusableColumnsError(SourceError):
    """
    No row could be known by the columns that are there.

    The message shows the line of headers, as people need it; `plain`, for logs and databases, does
    not: what was taken for headers may be a row.
    """

    def __init__(self, source: str, lacking: str, found: str, remedy: str) -> None:
        super().__init__(f"{source}: {lacking} ({found}). {remedy}")
        self.plain = f"{source}: {lacking}. {remedy}"


SAMPLE_ROWS: Final = 200
_LONGEST: Final = 320
"""Characters of a cell in which an address, a date or a number is looked for."""

MOSTLY: Final = 0.8
"""Share of the filled cells that must look like a kind, where no header says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column that is used."""

    place: int
    """0-based."""

    header: str
    """As it stands; ``column 3`` where the source has no headers."""

    kind: Kind


def assign(
    headers: Sequence[str] | None,
    sample: Sequence[Sequence[str]],
    overrides: Mapping[str, str],
    source: str,
) -> tuple[Column, ...]:
    """
    Say what each column holds; columns of no use are left out.

    *headers* is `None` where the source has none; *sample* gives some data rows. *overrides* map
    a header to a kind and go first.

    Raises:
        SourceError: An override names no column or no kind, or nothing usable was found.
    """
    width = len(headers) if headers is not None else max(map(len, sample), default=0)
    titles = list(headers) if headers is not None else [f"column {n + 1}" for n in range(width)]
    kinds: list[Kind | None] = [kind_of(title) if headers is not None else None for title in titles]
    told = _told(titles, overrides, source)
    for place in range(width):
        if place in told:
            kinds[place] = told[place]
        elif kinds[place] is None:
            cells = [row[place].strip() for row in sample if place < len(row)]
            guess = _by_values([cell for cell in cells if cell])
            # A header that we do not know may well be a remark; only what cannot be mistaken
            # is taken by its values then.
            sure = {Kind.EMAIL, Kind.PHONE, Kind.POSTCODE}
            if guess in sure or (headers is None and guess not in kinds):
                kinds[place] = guess
    columns = tuple(
        Column(place=place, header=titles[place].strip(), kind=kind)
        for place, kind in enumerate(kinds)
        if kind is not None and kind is not Kind.IGNORE
    )
    _check(columns, titles if headers is not None else [], source)
    return columns


def has_values(row: Sequence[str]) -> bool:
    """Whether a row holds data: something that no header says."""
    telling = {Kind.EMAIL, Kind.PHONE, Kind.POSTCODE, Kind.BIRTHDAY}
    return any(_by_values([cell.strip()]) in telling for cell in row if cell.strip())


def _told(titles: Sequence[str], overrides: Mapping[str, str], source: str) -> dict[int, Kind]:
    places = {header_key(title): place for place, title in reversed(list(enumerate(titles)))}
    told: dict[int, Kind] = {}
    for header, word in overrides.items():
        place = places.get(header_key(header))
        if place is None:
            hint = did_you_mean(header, [title for title in titles if title.strip()])
            raise UnknownColumnError(
                f"{source}: no column is called “{header}”{_in_brackets(hint)}"
            )
        try:
            told[place] = Kind(word.strip().lower())
        except ValueError:
            hint = did_you_mean(word, list(Kind)) or f"write one of {', '.join(Kind)}"
            raise SourceError(f"“{word}” is no kind of column{_in_brackets(hint)}") from None
    return told


def _in_brackets(hint: str) -> str:
    return f" ({hint})" if hint else ""


def _check(columns: Sequence[Column], titles: Sequence[str], source: str) -> None:
    kinds = {column.kind for column in columns}
    if kinds & {*ANCHORS, Kind.COMPANY} and len(kinds) > 1:
        return
    # Addresses are counted also by themselves; beside other columns, a name was not recognised.
    if kinds == {Kind.EMAIL} and sum(bool(title.strip()) for title in titles) == 1:
        return
    seen = ", ".join(f"“{title.strip()}”" for title in titles[:20] if title.strip())
    found = f"line with headers: {seen}" if seen else "there is no line with headers"
    lacking = (
        "has no column with e-mail addresses, telephone or customer numbers, companies, addresses "
        "or birthdays"
        if not kinds & {*ANCHORS, Kind.COMPANY}
        else "has one usable column only, and a row is known by two"
    )
    remedy = "Say which column is which: --columns HEADER=email,HEADER=name"
    raise UnusableColumnsError(source, lacking, found, remedy)


def _by_values(cells: Sequence[str]) -> Kind | None:
    """Guess a column from its filled cells; `None` where they look like nothing that we keep."""
    for kind, looks in _LOOKS.items():
        if cells and sum(map(looks, cells)) >= MOSTLY * len(cells):
            many = len(set(cells)) >= MOSTLY * len(cells)
            return kind if many or kind not in {Kind.ID, Kind.NAME} else None
    return None


_COMPANY_MARK: Final = re.compile(
    r"株式会社|有限会社|合同会社|法人|[㈱㈲]|[((][株有][))]|\b(?:inc|ltd|llc|corp|gmbh|co)\b\.?",
    re.IGNORECASE,
)
_PREFECTURE: Final = re.compile(
    r"^(?:〒?\d{3}-?\d{4}\s*)?(?:東京都|北海道|(?:京都|大阪)府|\S{2,3}県)"
)
_KANA_ONLY: Final = re.compile(r"[ァ-ヶーぁ-ゖ・\s]{3,20}|[ｦ-ﾟ\s]{3,30}")
_JAPANESE_NAME: Final = re.compile(
    r"[一-龯々ぁ-ゖァ-ヶー髙﨑]{1,4}[ \u3000]?[一-龯々ぁ-ゖァ-ヶー]{1,5}"
)
_WESTERN_NAME: Final = re.compile(r"[A-Z][\w.'-]*(?:,? [A-Z][\w.'-]*){1,3}")


def _has(cell: str, reading: Callable[[Chunk], Spans]) -> bool:
    return len(cell) <= _LONGEST and len(reading(plain_chunk(cell))) > 0


_LOOKS: Final = {
    Kind.EMAIL: lambda cell: "@" in fold(cell) and _has(cell, emails),
    Kind.POSTCODE: lambda cell: re.fullmatch(r"〒?\d{3}-\d{4}", cell) is not None,
    Kind.BIRTHDAY: lambda cell: _has(cell, dates),
    Kind.PHONE: lambda cell: cell[0] in "0+((０" and _has(cell, phones),
    Kind.COMPANY: lambda cell: _COMPANY_MARK.search(cell) is not None,
    Kind.ADDRESS: lambda cell: _PREFECTURE.match(cell) is not None,
    Kind.KANA: lambda cell: _KANA_ONLY.fullmatch(cell) is not None,
    Kind.NAME: lambda cell: (
        _JAPANESE_NAME.fullmatch(cell) is not None
        if is_cjk(cell)
        else _WESTERN_NAME.fullmatch(cell) is not None
    ),
    Kind.ID: lambda cell: re.fullmatch(r"[A-Za-z]{0,4}-?\d{3,12}", cell) is not None,
}
