"""Files that seem to be another company's than those that the mail goes to."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import prod
from typing import Final

from guard.detect.clues import FileClues, Naming
from guard.detect.file_recipients import OwnWords, Recipients
from guard.detect.inspection import Inspection
from guard.model.clue import Clue, Company, Travelled, Went
from guard.model.finding import Against, Sign, Whose, WrongFile
from guard.names.companies import company_key
from guard.names.domains import company_domain

LIKELY: Final = 0.5
"""From this score on a file is likely another company's; below, it is only possible."""

LEAST: Final = 0.25
"""Scores below are not reported: something of somebody else stands in many files."""

ADDRESSEE: Final = 0.75
ADDRESSED_PERSON: Final = 0.4
"""A person's name alone: there are namesakes."""

FILE_NAME: Final = 0.55
VAGUE: Final = 0.35
"""
A word of the file's name that is a known domain's label, where no contact's company is called so;
or a company's name, where nothing says that the file is for it: it may have made it.
"""

ADDRESSED_ELSEWHERE: Final = 0.5
"""Left of the file name's weight where the file is addressed to somebody else: to us, as a rule."""

PROPERTIES: Final = 0.2
"""Mostly whose program wrote the file: a supplier's, which may well go on to a customer."""

ADDRESSES: Final = 0.2
SENT_BEFORE: Final = 0.4
"""Shared by the companies where it went to two: it may be on its way to be general."""

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
"""Companies that one file is addressed to from which it is nobody's own."""


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
    case = _Case(
        inspection=inspection,
        known=dict(inspection.acquaintance.companies),
        recipients=Recipients.of(inspection, outside),
        words=OwnWords(inspection.message.subject, inspection.message.text),
    )
    names = _numbered(file.name for file in inspection.exchange.files)
    travelled = dict(zip(names, inspection.acquaintance.travelled, strict=False))
    judged = dict(zip(_numbered(f.file for f in inspection.clues), inspection.clues, strict=True))
    for file in dict.fromkeys((*judged, *travelled)):
        finding = case.of_file(file[0], judged.get(file), travelled.get(file, Travelled()))
        if finding is not None:
            yield finding


def _numbered(names: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Tell files of the same name apart by their order."""
    seen = Counter[str]()
    for name in names:
        seen[name] += 1
        yield name, seen[name]


def _is_ours(domain_text: str, inspection: Inspection) -> bool:
    own = {*inspection.our_domains, company_domain(inspection.exchange.sender.address.domain)}
    return any(domain_text == ours or domain_text.endswith(f".{ours}") for ours in own if ours)


@dataclass(slots=True)
class _Suspect:
    """A company whose the file may be, with what shows it."""

    company: Company
    signs: dict[Whose, Sign] = field(default_factory=dict)

    def add(self, sign: Sign) -> None:
        """Note a sign; of one kind the strongest counts."""
        before = self.signs.get(sign.whose)
        if before is None or before.weight < sign.weight:
            self.signs[sign.whose] = sign


_Suspects = dict[str, _Suspect]
"""By `_id`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """What is the same for all files of a message."""

    inspection: Inspection
    known: Mapping[Clue, Sequence[Company]]
    recipients: Recipients
    words: OwnWords

    def of_file(self, name: str, clues: FileClues | None, travelled: Travelled) -> WrongFile | None:
        """Judge one file: give the company for which most speaks, if enough does."""
        suspects: _Suspects = {}
        mine = False
        if clues is not None:
            if self._is_theirs(clues):
                return None
            self._named(clues, suspects)
        self._sent(travelled, suspects)
        if suspects and clues is not None:
            mine = self.recipients.are_named(clues.text)
        found = [self._finding(name, suspect, mine=mine) for suspect in suspects.values()]
        # Of two that a file is as likely to be of, the same one in every process.
        return max(
            (one for one in found if one is not None),
            key=lambda one: (one.score, one.domain, one.company),
            default=None,
        )

    # What shows it

    def _is_theirs(self, clues: FileClues) -> bool:
        """Whether the file is addressed to a recipient, or called after one's company."""
        for naming in clues.namings:
            if naming.where in {"addressee", "file_name"} and any(
                self.recipients.include(company) for company in self._meant(naming)
            ):
                return True
            if naming.where == "addressee" and self.recipients.are_addressed(naming.text):
                return True
        return False

    def _named(self, clues: FileClues, suspects: _Suspects) -> None:
        """Note the companies that a file names."""
        addressed = [naming for naming in clues.namings if naming.where == "addressee"]
        homes = {
            naming.clues[0].text
            for naming in clues.namings
            if naming.where == "addresses" and not _is_ours(naming.clues[0].text, self.inspection)
        }
        named = {_id(one) for naming in addressed for one in self._strangers(naming)}
        for naming in clues.namings:
            weight = self._weight(naming)
            match naming.where:
                case "addressee" if len(named) >= MANY:
                    continue
                case "addresses" if addressed or homes != {naming.clues[0].text}:
                    continue
                case "properties" if addressed:
                    continue
            strangers = self._strangers(naming)
            if len(strangers) != 1:
                continue  # nobody, or nobody can say which
            (company,) = strangers
            if naming.where == "file_name" and addressed and _id(company) not in named:
                weight *= ADDRESSED_ELSEWHERE
            place = naming.place if naming.where == "addressee" else ""
            sign = Sign(whose=naming.where, weight=weight, place=place)
            suspects.setdefault(_id(company), _Suspect(company)).add(sign)

    def _sent(self, travelled: Travelled, suspects: _Suspects) -> None:
        """Note the companies that the file, or files of its name, went to before."""
        same, alike = self._elsewhere(travelled.same), self._elsewhere(travelled.alike)
        if len(same) < GENERAL:
            for went in same:
                self._went("sent_before", SENT_BEFORE / len(same), went, suspects)
        if len(alike) == 1 and alike[0].mails >= USUAL:
            self._went("usual_name", USUAL_NAME, alike[0], suspects)

    def _elsewhere(self, travelled: Sequence[Went]) -> list[Went]:
        """Give the companies outside that had it; none where a recipient's is among them."""
        went = [one for one in travelled if not _is_ours(one.domain, self.inspection)]
        theirs = any(self.recipients.include(Company(one.domain)) for one in went)
        return [] if theirs else went

    def _went(self, whose: Whose, weight: float, went: Went, suspects: _Suspects) -> None:
        called = self.known.get(Clue("domain", went.domain), ())
        company = next((one for one in called if one.domain == went.domain), Company(went.domain))
        day = datetime.fromtimestamp(went.last, UTC).date()
        sign = Sign(whose=whose, weight=weight, count=went.mails, last_on=day)
        suspects.setdefault(went.domain, _Suspect(company)).add(sign)

    # What it is worth

    def _finding(self, name: str, suspect: _Suspect, *, mine: bool) -> WrongFile | None:
        company = suspect.company
        signs = [
            sign
            for sign in suspect.signs.values()
            # Of a file that also names a recipient these say nothing.
            if not (mine and sign.whose in {"addresses", "properties"})
        ]
        signs.sort(key=lambda sign: (-sign.weight, sign.whose))
        score = 1 - prod(1 - sign.weight for sign in signs)
        against: list[Against] = []
        if score >= LEAST and self.words.name(company):
            score *= NAMED_IN_MAIL
            against.append("mail_names_it")
        if mine:
            score *= FILE_NAMES_RECIPIENT
            against.append("file_names_recipient")
        if self.recipients.unknown:
            score *= RECIPIENT_UNKNOWN
            against.append("recipient_unknown")
        if round(score, 3) < LEAST:
            return None
        return WrongFile(
            score=round(score, 3),
            file=name,
            company=company.name or company.domain,
            domain=company.domain,
            signs=tuple(signs),
            against=tuple(against),
        )

    def _weight(self, naming: Naming) -> float:
        if naming.where == "properties":
            return PROPERTIES
        if naming.where == "addresses":
            return ADDRESSES
        kinds = {clue.kind for clue in naming.clues if self.known.get(clue)}
        if naming.where == "addressee":
            return ADDRESSEE if kinds & {"company", "label"} else ADDRESSED_PERSON
        return FILE_NAME if "company" in kinds and not naming.vague else VAGUE

    # Whom it means

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
        if any(
            self.recipients.include(one) or _is_ours(one.domain, self.inspection) for one in meant
        ):
            return []
        # One company may have several domains; its name makes them one.
        return list({company_key(one.name) or one.domain: one for one in meant}.values())


def _id(company: Company) -> str:
    return company.domain or company_key(company.name)
