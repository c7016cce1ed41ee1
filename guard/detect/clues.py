"""
Whose a file is, by what it says itself, its name and its properties.

Only the head of a file, a page or a sheet has an addressee; a company in running prose is somebody
that the text is about. What is found here is asked of the contacts, and only who is known counts,
so that rather too much is given than too little.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, Literal

from guard.contacts.companies import MOST_CLUES
from guard.contacts.travels import NAME_CHARS, words_of
from guard.model.clue import Clue
from guard.model.extract import Extract, Passage
from guard.model.message import Attachment
from guard.model.quotation import quoted_at
from guard.names.companies import company_key, has_form, labels, tells
from guard.names.domains import company_domain
from guard.names.fold import person
from guard.parse.quoting import quotations

Where = Literal["addressee", "file_name", "properties", "addresses"]

HEAD_LINES: Final = 40
"""Lines, not counting empty ones, at the head of a passage in which an addressee may stand."""

HEAD_CHARS: Final = 4_000
TOP_LINES: Final = 6
"""Lines of a mail, not counting empty ones, in which it may say to whom it is addressed."""

HEADS: Final = 12
"""Passages whose heads are read: pages, sheets, files of an archive."""

ADDRESS_CHARS: Final = 200_000
"""Characters of a file in which addresses are looked for."""

MOST_HOMES: Final = 30
"""Companies whose addresses are told apart; far fewer already make it a file of many."""

_LONGEST: Final = 60
"""Characters of a name with all that stands before and behind it."""

_LONGEST_LINE: Final = 100
"""Of a line that says whose the file is."""
_MAIL: Final = re.compile(r"@([A-Za-z0-9.\-]{1,190}\.[A-Za-z]{2,24})(?![A-Za-z0-9\-])")
_HONOUR: Final = re.compile(r"[\s　]*(?P<honour>御[\s　]?中|様方|様|さま|殿|先生)[\s　:：]*$")
_FAR: Final = re.compile(r"\t|(?<=[中様殿])(?:[ 　]{2,}|[ 　]+(?=[\d(（No]))")
_NOBODY: Final = re.compile(
    r"お客|皆|各位|関係者|担当者?[\s　]*様|[○〇●◯]{2}|貴社|御社|貴殿|上様|仕様|同様|模様|様式"
)
_LABEL: Final = re.compile(
    r"^[\s　\t]*(?:宛名|宛先|あて先|お?客様名|得意先名?|貴社名|ご?御?請求先|発注元|注文者"
    r"|提出先|bill(?:ed)? to|sold to|invoice to|quot(?:e|ation) (?:to|for)|prepared for"
    r"|submitted to|attn\.?|attention|client(?: name)?|customer(?: name)?|to|f\.?a\.?o\.?"
    r"|company)"
    r"(?:[\s　]*[:：][\s　]*|[\s　]*[\t\n]|[\s　]*$)(?P<value>[^\n]*)",
    re.IGNORECASE,
)
_DEAR: Final = re.compile(
    r"^\s*dear\s+(?:(?:mr|mrs|ms|dr)\b\.?\s*)?(?P<value>[^,:\n]{2,50})[,:]?\s*$", re.IGNORECASE
)
_DEAR_TEAM: Final = re.compile(
    r"^\s*(?:dear|hi|hello|good (?:morning|afternoon|evening))\s+(?:all\s+at\s+)?(?:the\s+)?"
    r"(?P<value>[^,:!\n]{2,50}?)(?:['’]s)?(?:\s+(?:team|colleagues|friends|people|folks))?\s*[,:!]?\s*$",
    re.IGNORECASE,
)
_ABOUT: Final = re.compile(
    r"事例|実績|導入|カタログ|パンフ|会社案内|会社概要|価格表|単価表|リーフレット|チラシ"
    r"|case.?stud|reference|testimonial|catalog|brochure|price.?list|leaflet|flyer|profile",
    re.IGNORECASE,
)
"""In a file's name: the company beside it is whom the file is about, or who made it for anybody."""

_BETWEEN_TWO: Final = re.compile(
    r"様|御中|殿|向け|宛|見積|請求|納品|注文|発注|契約|明細|検収|領収|報告"
    r"|invoice|quot(?:e|ation)|estimate|order|contract|agreement|statement|receipt|report|proposal",
    re.IGNORECASE,
)
"""In a file's name: what one company has for another. Else the company may as well have made it."""

_DELIVERY: Final = re.compile(
    r"届け?先|納入先|送付先|配送先|送り先|荷受|ship to|deliver(?:y)? to|consignee", re.IGNORECASE
)
"""Above a name: where goods go to, which many may know."""

_MEETING: Final = re.compile(
    r"議事録|議事メモ|打ち?合わ?せ(?:記録|メモ|議事)|出席者?|参加者|同席|列席"
    r"|\b(?:minutes|attendees|participants|present)\b",
    re.IGNORECASE,
)
"""Whoever is called 様 there was at a meeting."""

_MAIL_FILE: Final = re.compile(r"\.(?:eml|msg|mbox|vcf|ics)$", re.IGNORECASE)
_MAIL_TYPES: Final = frozenset({"message/rfc822", "text/vcard", "text/calendar"})
_PROPERTIES: Final = re.compile(r"(?:^|, )properties$")
_INNER: Final = re.compile(r"[^,]*/([^/,]+)(?:,|$)")
"""The place of a passage in a file of an archive."""

_LINES_ABOVE: Final = 3
"""Lines above a person's that may name the company."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """One place in which a file names somebody."""

    where: Where
    clues: tuple[Clue, ...]
    """What it may mean, the whole of it first."""

    place: str = ""
    """`Passage.place`."""

    text: str = ""
    """The line, to compare with; never shown."""

    vague: bool = False
    """Whether a file's name has the company's and nothing that says what it is to the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileClues:
    """All that one file says of whose it is."""

    file: str
    namings: tuple[Naming, ...]

    text: str = ""
    """Its first characters, to look for the recipients in."""


def clues_of(
    attachments: Sequence[Attachment], extracts: Sequence[Extract]
) -> tuple[FileClues, ...]:
    """Read what each file says of whose it is; mail that is forwarded as a file is not judged."""
    found = []
    for attachment, extract in zip(attachments, extracts, strict=False):
        if attachment.inline or _MAIL_FILE.search(attachment.name):
            continue
        if attachment.content_type in _MAIL_TYPES:
            continue
        namings = [*_of_name(attachment.name), *_of_text(extract.passages)]
        text = "\n".join(passage.text[:ADDRESS_CHARS] for passage in extract.passages)
        found.append(
            FileClues(file=extract.file, namings=tuple(namings), text=text[:ADDRESS_CHARS])
        )
    return tuple(found)


def clues_of_text(text: str) -> FileClues:
    """Read to whom the first lines of a mail are addressed; what is quoted is not read."""
    lines = enumerate(text[:HEAD_CHARS].split("\n"), start=1)
    written = ((n, line) for n, line in lines if line.strip() and not line.lstrip().startswith(">"))
    found = list(_greeted(list(islice(written, TOP_LINES))))
    quoted = quotations(text[:HEAD_CHARS]) if found else ()  # which takes longer than the rest
    own = (naming for number, naming in found if quoted_at(quoted, number) is None)
    return FileClues(file="", namings=tuple(own))


def _greeted(lines: Sequence[tuple[int, str]]) -> Iterator[tuple[int, Naming]]:
    """Give the companies of lines that greet: ``北商事 佐藤様``, “Dear Acme team”."""
    for place, (number, line) in enumerate(lines):
        if len(line) > _LONGEST_LINE or _NOBODY.search(line):
            continue
        clues: list[Clue] = []
        if honour := _HONOUR.search(line.rstrip(" 、,")):
            clues += _addressed(line.rstrip(" 、,"))
            if not honour["honour"].startswith("御"):
                above = lines[max(0, place - _LINES_ABOVE) : place]
                clues += _above([line for _, line in above])
        elif dear := _DEAR_TEAM.match(line):
            clues += _addressed(dear["value"])
        of_companies = tuple(dict.fromkeys(clue for clue in clues if clue.kind != "person"))
        if of_companies:
            yield number, Naming(where="addressee", clues=of_companies, text=line)


def asked(files: Iterable[FileClues], homes: Iterable[str]) -> tuple[Clue, ...]:
    """Give the clues that contacts are asked about; *homes*: domains of whom the mail goes to."""
    clues = dict.fromkeys(Clue("domain", home) for home in homes if home)
    for file in files:
        for naming in file.namings:
            clues.update(dict.fromkeys(naming.clues))
    return tuple(clues)[:MOST_CLUES]


def _of_name(name: str) -> Iterator[Naming]:
    """Give the companies that a file may be called after: its words, and neighbours together."""
    name = name[-NAME_CHARS:]
    words = [] if _ABOUT.search(name) else words_of(name)[:8]
    words = [_HONOUR.sub("", word) for word in words]
    clues: dict[Clue, None] = {}
    for length in (3, 2, 1):
        for at in range(len(words) - length + 1):
            clues.update(dict.fromkeys(_company(" ".join(words[at : at + length]))))
    if clues:
        vague = _BETWEEN_TWO.search(name) is None
        yield Naming(where="file_name", clues=tuple(clues), text=name, vague=vague)


def _of_text(passages: Sequence[Passage]) -> Iterator[Naming]:
    heads = 0
    inner = dict.fromkeys(found[1] for one in passages if (found := _INNER.match(one.place)))
    for name in islice(inner, HEADS):
        yield from _of_name(name)
    for passage in passages:
        if _PROPERTIES.search(passage.place):
            yield from _of_properties(passage)
        elif heads < HEADS and passage.text.strip():
            heads += 1
            yield from _addressees(passage)
    homes: dict[str, None] = {}
    left = ADDRESS_CHARS
    for passage in passages:
        for match in _MAIL.finditer(passage.text[: max(0, left)]):
            if home := company_domain(match[1].lower()):
                homes[home] = None
                if len(homes) >= MOST_HOMES:
                    break
        left -= len(passage.text)
    for home in homes:
        yield Naming(where="addresses", clues=(Clue("domain", home),))


def _of_properties(passage: Passage) -> Iterator[Naming]:
    """Give the companies in title, subject, company and the like."""
    for line in passage.text.split("\n")[:HEAD_LINES]:
        for value in filter(None, map(str.strip, line.split("\t"))):
            if len(value) > _LONGEST:
                continue
            clues = dict.fromkeys(_company(value))
            for word in words_of(value)[:6]:
                clues.update(dict.fromkeys(_company(word)))
            if clues:
                yield Naming(
                    where="properties", clues=tuple(clues), place=passage.place, text=value
                )


def _addressees(passage: Passage) -> Iterator[Naming]:
    head = passage.text[:HEAD_CHARS]
    lines = [line for line in head.split("\n") if line.strip()][:HEAD_LINES]
    meeting = _MEETING.search(head) is not None
    for number, line in enumerate(lines):
        cells = _cells(line)
        for at, cell in enumerate(cells):
            if len(cell) > _LONGEST_LINE:
                continue
            label = _LABEL.match(cell)
            if label:
                beside = cells[at + 1 : at + 2]
                below = [each.strip() for each in lines[number + 1 : number + 3]]
                value = label["value"].strip()
                values = [value] if value else beside or below
                clues = [clue for value in values for clue in _addressed(value)]
            elif (dear := _DEAR.match(cell)) is not None:
                clues = list(_addressed(dear["value"]))
            elif (honour := _HONOUR.search(cell)) and not _NOBODY.search(cell):
                above = lines[max(0, number - _LINES_ABOVE) : number]
                elsewhere = meeting or any(map(_DELIVERY.search, (*above, cell)))
                if elsewhere and not honour["honour"].startswith("御"):
                    continue
                clues = list(_addressed(cell))
                if not honour["honour"].startswith("御"):
                    clues += _above(above)
            else:
                continue
            if clues:
                unique = tuple(dict.fromkeys(clues))
                yield Naming(where="addressee", clues=unique, place=passage.place, text=cell)


def _cells(line: str) -> list[str]:
    """Give the cells of a row; what stands far behind an honour is another, and 御中 alone none."""
    cells: list[str] = []
    for cell in filter(None, map(str.strip, _FAR.split(line))):
        if cells and _HONOUR.fullmatch(cell):
            cells[-1] = f"{cells[-1]} {cell}"
        else:
            cells.append(cell)
    return cells


def _above(lines: Sequence[str]) -> Iterator[Clue]:
    """Give the company that stands in the lines above a person."""
    for line in lines:
        first = line.split("\t")[0].strip()
        if len(first) <= _LONGEST and has_form(first):
            yield from _company(first)


def _addressed(value: str) -> Iterator[Clue]:
    """Give whom a line is addressed to: the whole, its first words as a company, a person."""
    if len(value) > _LONGEST or _NOBODY.search(value):
        return
    honour = _HONOUR.search(value)
    bare = value[: honour.start()] if honour else value
    yield from _company(bare)
    words = bare.split()
    for count in range(min(3, len(words) - 1), 0, -1):
        yield from _company(" ".join(words[:count]))
    if len(words) > 2 and has_form(" ".join(words[:2])):
        words = words[2:]
    for name in (bare, " ".join(words[-2:])):
        if len(person(name).words) > 1:
            yield Clue("person", " ".join(name.split()))


def _company(name: str) -> Iterator[Clue]:
    key = company_key(name)
    if not tells(key) or len(key) > _LONGEST:
        return
    yield Clue("company", key)
    for label in labels(name):
        yield Clue("label", label)
