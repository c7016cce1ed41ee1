"""Files that seem to be another company's than those that the mail goes to."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import prod
from typing import Final

from guard.detect.clues import FileClues, Naming
from guard.detect.inspection import Inspection
from guard.model.address import Address
from guard.model.clue import Clue, Company, Travelled
from guard.model.finding import Sign, WrongFile
from guard.names.companies import company_key, tells
from guard.names.domains import company_domain, domain
from guard.names.spelling import plain

LIKELY: Final = 0.5
"""From this score on a file is likely another company's; below, it is only possible."""

LEAST: Final = 0.25
"""Scores below are not reported: something of somebody else stands in many files."""

ADDRESSEE: Final = 0.75
ADDRESSED_PERSON: Final = 0.4
"""A person's name alone: there are namesakes."""

FILE_NAME: Final = 0.55
LABEL: Final = 0.35
"""A word that is a known domain's label, where no contact's company is called so."""

ADDRESSED_ELSEWHERE: Final = 0.5
"""Left of the file name's weight where the file is addressed to somebody else: to us, as a rule."""

PROPERTIES: Final = 0.2
"""Mostly whose program wrote the file: a supplier's, which may well go on to a customer."""

ADDRESSES: Final = 0.2
SENT_BEFORE: Final = 0.4
USUAL_NAME: Final = 0.25

NAMED_IN_MAIL: Final = 0.3
"""Left of a score where the mail itself speaks of the company: the sender knows what it is."""

FILE_NAMES_RECIPIENT: Final = 0.4
RECIPIENT_UNKNOWN: Final = 0.6
"""Left where a recipient is at a free provider, and nobody knows the company."""

GENERAL: Final = 3
"""Companies to which a file went from which it is general: a brochure, a price list."""

USUAL: Final = 3
"""Mails with files of one name to one company from which it usually goes there."""

MANY: Final = 3
"""Companies in one file from which it is nobody's own: a list, a catalogue, minutes."""

AKIN: Final = 5
"""Letters that a domain's label has from which a longer one that begins so is the same house's."""

_GREETS: Final = re.compile(
    r"(?:御中|様|さま|殿|先生)[\s　、,]*$|^\s*(?:dear|hi|hello)\b", re.IGNORECASE
)
_AT: Final = re.compile(r"@([a-z0-9.\-]{1,190}\.[a-z]{2,24})")
_SQUEEZED: Final = re.compile(r"[\W_]+")
_GREETING_LINES: Final = 8
_TO_SOMEBODY: Final = re.compile(r"[【\[]?[^\s【】\[\]、。]{2,30}(?:様|御中)[】\]]?")


def wrong_file(inspection: Inspection) -> Iterator[WrongFile]:
    """
    Report files of a known company to which none of the recipients belongs.

    Nothing is said of mail that stays inside, nor where one recipient is of that company. Whom a
    file is addressed to decides, where that can be told: one for us, for a recipient or for
    somebody unknown is not taken for another's because of addresses that also stand in it.
    """
    outside = [a for a in inspection.envelope.addresses if not _is_ours(a.domain, inspection)]
    if not outside:
        return
    case = _Case.of(inspection, outside)
    travelled = dict(
        zip(
            [file.name for file in inspection.exchange.files],
            inspection.acquaintance.travelled,
            strict=False,
        )
    )
    judged = {file.file: file for file in inspection.clues}
    for name in dict.fromkeys([*judged, *travelled]):
        yield from case.of_file(name, judged.get(name), travelled.get(name, Travelled()))


def _is_ours(domain_text: str, inspection: Inspection) -> bool:
    own = {*inspection.our_domains, company_domain(inspection.exchange.sender.address.domain)}
    return any(domain_text == ours or domain_text.endswith(f".{ours}") for ours in own if ours)


@dataclass(slots=True)
class _Suspect:
    """A company whose the file may be, with what shows it."""

    company: Company
    signs: dict[str, Sign] = field(default_factory=dict)

    def add(self, sign: Sign) -> None:
        before = self.signs.get(sign.whose)
        if before is None or before.weight < sign.weight:
            self.signs[sign.whose] = sign


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """What is the same for all files of a message."""

    inspection: Inspection
    known: Mapping[Clue, Sequence[Company]]
    homes: frozenset[str]
    """Registrable domains of the recipients outside."""

    names: frozenset[str]
    """Companies of the recipients, as `company_key`."""

    unknown: bool
    """Whether nobody knows the company of some recipient."""

    people: frozenset[str]
    """Names of the recipients, squeezed."""

    own_words: str
    """What the mail says, less its greeting; squeezed."""

    domains_said: frozenset[str]
    """Registrable domains of addresses in the mail's text."""

    @classmethod
    def of(cls, inspection: Inspection, outside: Sequence[Address]) -> "_Case":
        known = dict(inspection.acquaintance.companies)
        acquainted = {one.address: one for one in inspection.acquaintance.recipients}
        homes = {company_domain(address.domain) for address in outside}
        names, unknown = set(), False
        for address in outside:
            who = acquainted.get(address)
            home = company_domain(address.domain)
            said = {company_key(who.company)} if who else set()
            said |= {company_key(one.name) for one in known.get(Clue("domain", home), ())}
            names |= said
            unknown = unknown or not (home or said - {""})
        text = inspection.message.text
        people = {_squeezed(one.name) for one in acquainted.values() if one.address in outside}
        return cls(
            inspection=inspection,
            known=known,
            homes=frozenset(homes - {""}),
            names=frozenset(names - {""}),
            unknown=unknown,
            people=frozenset(name for name in people if len(name) > 2),
            own_words=_squeezed(
                f"{_unaddressed(inspection.message.subject)}\n{_unaddressed(text)}"
            ),
            domains_said=frozenset(map(company_domain, _AT.findall(text.lower()))),
        )

    def of_file(
        self, name: str, clues: FileClues | None, travelled: Travelled
    ) -> Iterator[WrongFile]:
        """Judge one file: report the company for which most speaks, if enough does."""
        suspects: dict[str, _Suspect] = {}
        text = _squeezed(clues.text) if clues else ""
        mine = any(self._holds(text, each) for each in (*self.names, *self.people))
        mine = mine or any(self._holds(text, each) for each in map(_label, self.homes))
        if clues is not None:
            if self._is_theirs(clues):
                return
            self._named(clues, suspects, mine=mine)
        self._sent(travelled, suspects)
        found = [
            finding
            for suspect in suspects.values()
            if (finding := self._finding(name, suspect, mine=mine)) is not None
        ]
        # Of two that a file is as likely to be of, the same one in every process.
        if found:
            yield max(found, key=lambda one: (one.score, one.domain, one.company))

    def _is_theirs(self, clues: FileClues) -> bool:
        """Whether the file is addressed to a recipient, or called after one's company."""
        return any(
            self._is_recipient(company)
            for naming in clues.namings
            if naming.where in {"addressee", "file_name"}
            for company in self._meant(naming)
        ) or any(
            self._holds(_squeezed(naming.text), each)
            for naming in clues.namings
            if naming.where == "addressee"
            for each in (*self.names, *self.people)
        )

    def _named(self, clues: FileClues, suspects: dict[str, _Suspect], *, mine: bool) -> None:
        """Note the companies that a file names."""
        addressed = [naming for naming in clues.namings if naming.where == "addressee"]
        homes = {
            naming.clues[0].text
            for naming in clues.namings
            if naming.where == "addresses" and not _is_ours(naming.clues[0].text, self.inspection)
        }
        lone = len(homes) == 1 and not addressed and not mine
        named = {
            id_ for naming in addressed for one in self._strangers(naming) if (id_ := _id(one))
        }
        if len(named) >= MANY:
            addressed = []
        for naming in clues.namings:
            if naming.where == "addressee" and naming not in addressed:
                continue
            if naming.where == "addresses" and (not lone or naming.clues[0].text not in homes):
                continue
            if naming.where == "properties" and (mine or addressed):
                continue
            strangers = self._strangers(naming)
            if len(strangers) > 1:
                continue  # nobody can say which
            for company in strangers:
                weight = self._weight(naming)
                if naming.where == "file_name" and addressed and _id(company) not in named:
                    weight *= ADDRESSED_ELSEWHERE
                sign = Sign(
                    whose=naming.where,
                    weight=weight,
                    place=naming.place if naming.where == "addressee" else "",
                )
                suspects.setdefault(_id(company), _Suspect(company)).add(sign)

    def _sent(self, travelled: Travelled, suspects: dict[str, _Suspect]) -> None:
        """Note the companies that the file, or files of its name, went to before."""
        same = [one for one in travelled.same if not _is_ours(one.domain, self.inspection)]
        if same and len(same) < GENERAL and not any(one.domain in self.homes for one in same):
            for went in same:
                self._suspect(went.domain, suspects).add(
                    Sign(
                        whose="sent_before",
                        weight=SENT_BEFORE / len(same),
                        count=went.mails,
                        last_on=datetime.fromtimestamp(went.last, UTC).date(),
                    )
                )
        alike = [one for one in travelled.alike if not _is_ours(one.domain, self.inspection)]
        if len(alike) == 1 and alike[0].mails >= USUAL and alike[0].domain not in self.homes:
            went = alike[0]
            self._suspect(went.domain, suspects).add(
                Sign(
                    whose="usual_name",
                    weight=USUAL_NAME,
                    count=went.mails,
                    last_on=datetime.fromtimestamp(went.last, UTC).date(),
                )
            )

    def _suspect(self, home: str, suspects: dict[str, _Suspect]) -> _Suspect:
        called = self.known.get(Clue("domain", home), ())
        company = next((one for one in called if one.domain == home), Company(home))
        return suspects.setdefault(home, _Suspect(company))

    def _finding(self, name: str, suspect: _Suspect, *, mine: bool) -> WrongFile | None:
        company = suspect.company
        signs = sorted(suspect.signs.values(), key=lambda sign: (-sign.weight, sign.whose))
        score = 1 - prod(1 - sign.weight for sign in signs)
        against = []
        if self._is_spoken_of(company):
            score *= NAMED_IN_MAIL
            against.append("mail_names_it")
        if mine:
            score *= FILE_NAMES_RECIPIENT
            against.append("file_names_recipient")
        if self.unknown:
            score *= RECIPIENT_UNKNOWN
            against.append("recipient_unknown")
        if score < LEAST:
            return None
        return WrongFile(
            score=round(score, 3),
            file=name,
            company=company.name or company.domain,
            domain=company.domain,
            signs=tuple(signs),
            against=tuple(against),  # type: ignore[arg-type]
        )

    def _meant(self, naming: Naming) -> Sequence[Company]:
        """Give the companies that the best of a naming's clues mean."""
        for kinds in ({"company", "domain"}, {"label"}, {"person"}):
            for clue in naming.clues:
                if clue.kind in kinds and (companies := self.known.get(clue)):
                    return companies
        return ()

    def _strangers(self, naming: Naming) -> list[Company]:
        """Give whom a naming means, unless one of these is a recipient's, or ours."""
        meant = self._meant(naming)
        if any(self._is_recipient(one) or _is_ours(one.domain, self.inspection) for one in meant):
            return []
        # One company may have several domains; its name makes them one.
        return list({company_key(one.name) or one.domain: one for one in meant}.values())

    def _weight(self, naming: Naming) -> float:
        if naming.where == "properties":
            return PROPERTIES
        if naming.where == "addresses":
            return ADDRESSES
        kind = next(
            (
                kind
                for kind in ("company", "label", "person")
                if any(clue.kind == kind and self.known.get(clue) for clue in naming.clues)
            ),
            "person",
        )
        if naming.where == "addressee":
            return ADDRESSED_PERSON if kind == "person" else ADDRESSEE
        return FILE_NAME if kind == "company" else LABEL

    def _is_recipient(self, company: Company) -> bool:
        return (
            company.domain in self.homes
            or company_key(company.name) in self.names
            or any(_akin(company.domain, home) for home in self.homes)
        )

    def _is_spoken_of(self, company: Company) -> bool:
        """Whether the mail's own words, beside its greeting, name a company."""
        names = {company_key(company.name), _squeezed(_label(company.domain))}
        return company.domain in self.domains_said or any(
            tells(name) and name in self.own_words for name in names
        )

    def _holds(self, text: str, what: str) -> bool:
        """Whether a squeezed text has a domain, a company or a person."""
        word = _squeezed(what)
        return len(word) > 1 and word in text


def _label(home: str) -> str:
    """Give what a company calls itself in its domain, the domain where that is too short."""
    label = domain(home).label if home else ""
    return label if tells(_squeezed(label)) else home


def _akin(one: str, other: str) -> bool:
    """Whether two domains are one house by their names: acme-tools.com, acme-tools-group.de."""
    shorter, longer = sorted(
        (_squeezed(domain(one).label), _squeezed(domain(other).label)), key=len
    )
    return len(shorter) >= AKIN and longer.startswith(shorter)


def _id(company: Company) -> str:
    return company.domain or company_key(company.name)


def _squeezed(text: str) -> str:
    return _SQUEEZED.sub("", plain(text))


def _unaddressed(text: str) -> str:
    """Take away what stands at the top down to a greeting, and names that 様 makes addressees."""
    lines = text.split("\n")
    greeted = [n for n, line in enumerate(lines[:_GREETING_LINES]) if _GREETS.search(line)]
    first, *others = (lines[greeted[-1] + 1 :] if greeted else lines) or [""]
    return "\n".join((_TO_SOMEBODY.sub(" ", first), *others))
