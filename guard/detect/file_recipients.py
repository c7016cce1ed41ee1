"""Whose companies the recipients of a mail are, and whether a text names them or others."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from guard.detect.inspection import Inspection
from guard.model.address import Address
from guard.model.clue import Clue, Company
from guard.names.companies import company_key, tells
from guard.names.domains import company_domain, domain
from guard.names.spelling import plain

AKIN: Final = 5
"""Letters that a domain's label has from which a longer one that begins so is the same house's."""

FILE_CHARS: Final = 10_000
"""Characters of a file in which the recipients are looked for."""

MAIL_CHARS: Final = 20_000
"""Characters of the mail in which it may speak of whose the file is."""

_GREETS: Final = re.compile(
    r"(?:御中|様|さま|殿|先生)[\s　、,]*$|^\s*(?:dear|hi|hello)\b", re.IGNORECASE
)
_AT: Final = re.compile(r"@([a-z0-9.\-]{1,190}\.[a-z]{2,24})")
_SQUEEZED: Final = re.compile(r"[\W_]+")
_GREETING_LINES: Final = 8
_TO_SOMEBODY: Final = re.compile(r"[【\[]?[^\s【】\[\]、。]{2,30}(?:様|御中)[】\]]?")


@dataclass(frozen=True, kw_only=True)
class Recipients:
    """The recipients outside, as far as their companies are known."""

    homes: frozenset[str]
    """Registrable domains."""

    names: frozenset[str]
    """Companies, as `company_key`."""

    people: frozenset[str]
    """Names, squeezed."""

    unknown: bool
    """Whether nobody knows the company of some recipient."""

    @classmethod
    def of(cls, inspection: Inspection, outside: Sequence[Address]) -> "Recipients":
        """Gather what is known of *outside*."""
        known: Mapping[Clue, Sequence[Company]] = dict(inspection.acquaintance.companies)
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
        people = {squeezed(one.name) for one in acquainted.values() if one.address in outside}
        return cls(
            homes=frozenset(homes - {""}),
            names=frozenset(names - {""}),
            people=frozenset(name for name in people if len(name) > 2),
            unknown=unknown,
        )

    def include(self, company: Company) -> bool:
        """Whether somebody is of *company*, or of a domain that is called like its own."""
        return (
            company.domain in self.homes
            or company_key(company.name) in self.names
            or any(_akin(company.domain, home) for home in self.homes)
        )

    def are_addressed(self, line: str) -> bool:
        """Whether a line has a company or a person of theirs."""
        return _holds(squeezed(line), (*self.names, *self.people))

    def are_named(self, text: str) -> bool:
        """Whether a text has a company, a person or a domain of theirs."""
        words = (*self.names, *self.people, *(squeezed(label_of(home)) for home in self.homes))
        return _holds(_folded(text[:FILE_CHARS]), words)


class OwnWords:
    """What the mail itself says, beside whom it greets."""

    def __init__(self, subject: str, text: str) -> None:
        self._subject = subject
        self._text = text[:MAIL_CHARS]

    def name(self, company: Company) -> bool:
        """Whether they speak of *company*, or quote one of its addresses."""
        names = {company_key(company.name), squeezed(label_of(company.domain))}
        return company.domain in self._homes or any(
            tells(name) and name in self._squeezed for name in names
        )

    @cached_property
    def _squeezed(self) -> str:
        return _folded(f"{_unaddressed(self._subject)}\n{_unaddressed(self._text)}")

    @cached_property
    def _homes(self) -> frozenset[str]:
        return frozenset(map(company_domain, _AT.findall(self._text.lower()))) - {""}


def label_of(home: str) -> str:
    """Give what a company calls itself in its domain; the domain where that is too short."""
    label = domain(home).label if home else ""
    return label if tells(squeezed(label)) else home


def squeezed(text: str) -> str:
    """Fold a short text, and take out all that is no letter or digit."""
    return _SQUEEZED.sub("", plain(text))


def _folded(text: str) -> str:
    """Do the same with a long one, line by line: what is folded is remembered for a while."""
    return "".join(_SQUEEZED.sub("", plain.__wrapped__(line)) for line in text.split("\n"))


def _holds(text: str, words: Sequence[str]) -> bool:
    return any(len(word) > 1 and word in text for word in words)


def _akin(one: str, other: str) -> bool:
    """Whether two domains are one house by their names: acme-tools.com, acme-tools-group.de."""
    labels = (squeezed(domain(one).label), squeezed(domain(other).label))
    shorter, longer = sorted(labels, key=len)
    return len(shorter) >= AKIN and longer.startswith(shorter)


def _unaddressed(text: str) -> str:
    """Take away what stands at the top down to a greeting, and names that 様 makes addressees."""
    lines = text.split("\n")
    greeted = [n for n, line in enumerate(lines[:_GREETING_LINES]) if _GREETS.search(line)]
    first, *others = (lines[greeted[-1] + 1 :] if greeted else lines) or [""]
    return "\n".join((_TO_SOMEBODY.sub(" ", first), *others))
