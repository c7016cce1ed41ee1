"""
Text → rows of a list: a strong field, and a second field of the same row nearby.

Most mail has no strong field of any customer, and is done after that look-up. Only around those
that are found is the text read for names, companies and the like.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from guard.lists.fold import is_cjk, original
from guard.lists.hits import RowHit
from guard.lists.index import ListIndex
from guard.lists.kinds import Kind
from guard.lists.masking import masked
from guard.lists.matches import Match, Matches
from guard.lists.ownership import Ownership
from guard.lists.prepared import Prepared
from guard.model.address import Address

EMAILS_ALONE: Final = 10
"""Different addresses of the list in one text from which they count without a second field."""

WEAK_ROWS: Final = 5
"""Rows in one text from which a weak customer number needs one second field, not two."""

MAX_ROWS: Final = 1000
"""Rows at which a search ends."""

_SHOWN: Final = 3
"""Hits of a text whose samples are made with care: with the name, and as it was typed."""

_TYPED_CHARS: Final = 8192
"""How far into a line a name is looked for as it was typed."""


class Search:
    """
    The search of one mail for one list, text by text.

    A row is one hit in each text that it stands in. *companies* give the known company of
    recipients, by `Address.key`. At *max_rows*, over all texts and
    without rows that are every recipient's own, the search ends.
    """

    def __init__(
        self,
        index: ListIndex,
        recipients: Sequence[Address] = (),
        *,
        companies: Mapping[str, str] | None = None,
        max_rows: int = MAX_ROWS,
    ) -> None:
        self._index = index
        self._own = Ownership(index, recipients, companies or {})
        self._left = max_rows

    @property
    def version(self) -> str:
        """Names the state of the list."""
        return self._index.header.version

    def hits(self, text: Prepared) -> tuple[RowHit, ...]:
        """
        Give the rows in one text, in its order. At the limit the last hit has `more`.

        A text without a strong field of any row is `Prepared.silent` from then on.
        """
        if self._left <= 0:
            return ()
        matches = Matches(self._index, text)
        found = matches.all()
        if not found:
            text.silent.add(self.version)
        hits: list[RowHit] = []
        for number, match in enumerate(self._certain(found, text)):
            text.check()
            shown = number < _SHOWN
            named = matches.named(match) if shown and match.seconds else match
            hit = self._hit(named, text, typed=shown)
            hits.append(hit)
            # A long list of the recipient's own must not hide what follows it.
            self._left -= not self._own.is_everybodys(hit.belongs_to)
            if self._left == 0:
                hits[-1] = replace(hit, more=True)
                break
        return tuple(hits)

    def _certain(self, matches: Sequence[Match], text: Prepared) -> list[Match]:
        """Choose the matches that are no chance, in the order of the text."""
        certain = [match for match in matches if match.certain]
        weak = [match for match in matches if match.seconds and not match.certain]
        if len(weak) >= WEAK_ROWS:
            certain += weak
        # What the mail's own recipients are called by is no list, however many they are.
        alone = {
            text.folded[match.anchor.start : match.anchor.end]: match
            for match in reversed(matches)
            if match.anchor.kind == Kind.EMAIL
            and not match.seconds
            and not self._own.is_recipient(match.owner)
        }
        if len(alone) >= EMAILS_ALONE:
            certain += alone.values()
        return sorted(certain, key=lambda match: match.anchor.start)

    def _hit(self, match: Match, text: Prepared, *, typed: bool = False) -> RowHit:
        line = text.line(match.anchor.start)
        header = self._index.header
        return RowHit(
            list_name=header.name,
            list_version=header.version,
            row=self._index.row(match.owner),
            line=line + 1,
            fields=(str(match.anchor.kind), *(str(kind) for kind, _ in match.seconds)),
            sample=_sample(match, text, text.typed(line, _TYPED_CHARS) if typed else ""),
            belongs_to=self._own.of(match.owner),
            place=text.passage.place,
            number=text.passage.first_row + line,
        )


def _sample(match: Match, text: Prepared, typed_line: str) -> str:
    """Show a match, masked; the name as it stands in *typed_line* where it does."""
    shown = [masked(match.anchor.kind, text.folded[match.anchor.start : match.anchor.end])]
    for kind, value in match.seconds:
        if kind in {Kind.NAME, Kind.KANA}:
            typed = original(typed_line, value) if is_cjk(value) else ""
            shown.insert(0, masked(kind, typed or value))
        else:
            shown.append(masked(kind, value))
    return " ".join(shown)
