"""Texts that are addressed to a company to which no recipient belongs."""

from collections.abc import Iterator
from typing import Final

from guard.detect.file_recipients import Recipients
from guard.detect.inspection import Inspection
from guard.model.clue import Clue, Company
from guard.model.finding import OtherCompany
from guard.names.domains import company_domain

NAMED: Final = 0.6
"""Score where the line names a company that somebody here writes to, and nobody else."""

UNKNOWN: Final = 0.3
"""
Score where nobody here ever wrote to a recipient's domain, or anybody can have an address there: it
may well be of that company.
"""


def other_company(inspection: Inspection) -> Iterator[OtherCompany]:
    """
    Report the first such line.

    Nothing is said where another of these lines does name a recipient or a recipient's company, of
    mail that stays inside, nor of companies that nobody here ever wrote to.
    """
    if not inspection.greeted.namings:
        return
    ours = inspection.our_domains
    outside = [a for a in inspection.envelope.addresses if not _is_of(a.domain, ours)]
    if not outside:
        return
    acquaintance = inspection.acquaintance
    known = dict(acquaintance.companies)
    homes = {company_domain(address.domain) for address in outside}
    strange = not all(known.get(Clue("domain", home)) for home in homes)
    if strange and any(greeted.addressed for greeted in acquaintance.greetings):
        return  # by name, whichever house they are of
    recipients = Recipients.of(inspection, outside)
    found: list[tuple[str, Company]] = []
    for naming in inspection.greeted.namings:
        companies = [one for clue in naming.clues for one in known.get(clue, ())]
        if recipients.are_addressed(naming.text) or any(map(recipients.include, companies)):
            return
        found += [(naming.text, one) for one in companies if not _is_of(one.domain, ours)]
    for line, company in found[:1]:
        yield OtherCompany(
            score=UNKNOWN if strange else NAMED,
            line=line.strip(),
            company=company.name or company.domain,
            domain=company.domain,
        )


def _is_of(domain: str, ours: frozenset[str]) -> bool:
    """Whether a domain is one of ours, below one of them, or the house that has them."""
    return any(
        domain == one or domain.endswith(f".{one}") or company_domain(one) == domain
        for one in ours
        if domain
    )
