"""Texts and files that look like a list of people, whoever they are: no list is needed."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from guard.detect.inspection import Inspection
from guard.detect.places import shortened, stretch
from guard.detect.texts import texts
from guard.lists.arrays import Bools, Spans
from guard.lists.emails import domains
from guard.lists.records import TOWNS, records
from guard.lists.tables import hinted, tables
from guard.lists.typed import typed_emails, typed_phones
from guard.lists.unkeyed import Piece, pieces, plain_chunk
from guard.model.extract import Passage
from guard.model.finding import ListLike

LEAST: Final = 5
"""Rows, addresses, numbers or lines from which a file is reported; policies ask for more."""

LEAST_IN_TEXT: Final = 10
"""The same for the text of a mail: a thread has the signatures of all who wrote in it."""

_SHORT: Final = 4000
_DIGIT: Final = re.compile(r"\d")
_DIGITS_OF_ONE: Final = 7
"""Digits of a postal code; a telephone number has more, a house number in a town two at least."""

_SIGNS: Final = "\t,;|，；｜"
"""What parts the cells of a row; one row has one at least."""

_FIELD: Final = re.compile(
    r"[>\s|]{0,16}\*?(?:from|to|cc|bcc|reply-to|sent by|差出人|送信者|宛先|返信先)\*?\s{0,4}[::]",
    re.IGNORECASE,
)
"""A line of a quoted header: whoever is named there already got such a mail."""


def list_like(inspection: Inspection) -> Iterator[ListLike]:
    """
    Report each file in which at least `LEAST` of a kind stand, and the text with `LEAST_IN_TEXT`.

    Counted are different rows below headers, e-mail addresses, telephone numbers, and lines of one
    shape. Of the text, addresses of the mail's own people and of our domains are left out: they
    stand in signatures and quoted headers.
    """
    for file, passages in texts(inspection):
        least = LEAST if file else LEAST_IN_TEXT
        if _too_little(passages, least):
            continue
        known = frozenset[int]() if file else _people(inspection)
        ours = frozenset[int]() if file else _hashes(inspection.our_domains)
        signs = _Signs(known, ours)
        for passage in passages:
            signs.read(passage)
        found = signs.finding(file)
        if found.count >= least:
            yield found


class _Signs:
    """What speaks for a list in one file."""

    def __init__(self, known: frozenset[int], ours: frozenset[int]) -> None:
        self._known = np.array(sorted(known), np.uint64)
        self._ours = np.array(sorted(ours), np.uint64)
        self._rows: set[int] = set()
        """Hashes of rows without their blanks: a text that is read in two ways has each twice."""

        self._columns: dict[str, None] = {}
        self._emails: set[int] = set()
        self._phones: set[int] = set()
        self._lines: Counter[int] = Counter()
        self._seen: set[tuple[int, int]] = set()
        self._places: list[tuple[int, str]] = []

    def read(self, passage: Passage) -> None:
        """Take in what one passage has."""
        at: list[int] = []
        headers: list[int] = []
        for piece in pieces(passage.text):
            at += self._piece(piece)
            headers += [piece.line + line for line in hinted(piece.chunk)]
        rows = passage.text.split("\n") if headers else []
        for table in tables(rows, headers):
            self._rows.update(hash("".join(rows[number].split())) for number in table.rows)
            self._columns.update(dict.fromkeys(kind.value for kind in table.kinds))
            at += (table.header, *table.rows)
        if at:
            first = passage.first_row
            where = stretch(passage.place, first + min(at), first + max(at))
            self._places.append((len(at), where))

    def _piece(self, piece: Piece) -> list[int]:
        """Take in one piece, and give the lines of its text that anything stands in."""
        chunk, rows = piece.chunk, piece.text.split("\n")
        emails = typed_emails(chunk)
        emails = emails[self._strangers(piece, emails, rows)]
        phones = typed_phones(chunk)
        self._emails.update(emails.value.tolist())
        self._phones.update(phones.value.tolist())
        at: list[int] = []
        for found in (emails, phones):
            at += (piece.line + chunk.line_of(found.start)).tolist()
        for number, shape, identity in records(chunk, rows, emails, phones):
            at.append(piece.line + number)
            if (shape, identity) not in self._seen:
                self._seen.add((shape, identity))
                self._lines[shape] += 1
        return at

    def _strangers(self, piece: Piece, emails: Spans, rows: Sequence[str]) -> Bools:
        """Say of each address whether it counts."""
        chunk = piece.chunk
        good = ~np.isin(emails.value, self._known)
        if len(emails) and len(self._ours):
            good &= ~np.isin(chunk.hashes(*domains(chunk, emails)), self._ours)
        where = chunk.line_of(emails.start)
        fields = [line for line in np.unique(where).tolist() if _FIELD.match(rows[line])]
        return good & ~np.isin(where, fields)

    def finding(self, file: str) -> ListLike:
        """Give the counts; they may be too small to be told."""
        most = max((signs for signs, _ in self._places), default=0)
        return ListLike(
            file=file,
            rows=len(self._rows),
            columns=tuple(self._columns),
            emails=len(self._emails),
            phones=len(self._phones),
            lines=max(self._lines.values(), default=0),
            places=shortened(where for signs, where in self._places if signs * 20 >= most),
        )


def _people(inspection: Inspection) -> frozenset[int]:
    message = inspection.message
    boxes = (*message.from_, *message.to, *message.cc, *message.bcc)
    people = [box.address.key for box in boxes]
    people += [address.key for address in inspection.envelope.addresses]
    if inspection.envelope.sender:
        people.append(inspection.envelope.sender.key)
    return _hashes(frozenset(people))


def _hashes(values: frozenset[str]) -> frozenset[int]:
    """Hash addresses or domains as a text that holds them is hashed."""
    chunk = plain_chunk("\n".join(sorted(values)))
    return frozenset(chunk.hashes(*chunk.lines).tolist()) if values else frozenset()


def _too_little(passages: Sequence[Passage], least: int) -> bool:
    """Whether texts are short and cannot have so many of anything: most mail is like this."""
    if sum(len(passage.text) for passage in passages) > _SHORT:
        return False
    text = "\n".join(passage.text for passage in passages)
    if text.count("@") + text.count("＠") >= least:
        return False
    digits = len(_DIGIT.findall(text))
    if digits >= least * _DIGITS_OF_ONE:
        return False
    if digits >= least * 2 and sum(map(text.count, TOWNS)) >= least:
        return False
    return sum(map(text.count, _SIGNS)) < least
