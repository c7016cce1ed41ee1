"""
Which companies are known by what a file names: a domain, a company, a label, a person.

Contacts are found by keys, in memory as in a database. What stands under a key is then compared, so
that a collision, or a key that is too coarse, says nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from guard.contacts.keys import name_keys, stable
from guard.model.clue import Clue, Company
from guard.model.contact import Contact
from guard.names.companies import company_key
from guard.names.domains import company_domain, domain, registrable_of
from guard.names.fold import person

MOST_CLUES: Final = 120
"""Clues that are asked about; a text that names more is nobody's own."""


def company_keys(domain_text: str, company: str) -> frozenset[int]:
    """Give the keys that a contact of a named company is kept under, beside those of `keys`."""
    name = company_key(company)
    if not name:
        return frozenset()
    found = {stable("company", name)}
    if home := company_domain(domain_text):
        found.add(stable("works", home))
    return frozenset(found)


def keys_of_clue(clue: Clue) -> tuple[int, ...]:
    """Give the keys under which a company stands that a clue may mean."""
    match clue.kind:
        case "domain":
            return stable("home", clue.text), stable("works", clue.text)
        case "company":
            return (stable("company", clue.text),)
        case "label":
            return (stable("label", clue.text),)
        case "person":
            return tuple(sorted(name_keys(person(clue.text))))


def companies(
    clues: Sequence[Clue],
    people: Mapping[int, Iterable[Contact]],
    domains: Mapping[int, Iterable[str]],
) -> tuple[tuple[Clue, tuple[Company, ...]], ...]:
    """Say which companies *clues* mean, by the people and domains that stand under each key."""
    known = []
    for clue in clues:
        keys = keys_of_clue(clue)
        bearers = [one for key in keys for one in people.get(key, ()) if _is_meant(clue, one)]
        homes = [text for key in keys for text in domains.get(key, ()) if _is_named(clue, text)]
        found: dict[str, Company] = {}
        # Of several spellings the shortest is shown, whoever was known first.
        bearers.sort(key=lambda one: (not one.company, len(one.company), one.company))
        for contact in bearers:
            home = company_domain(contact.address.domain)
            if home or contact.company:
                # One of no domain is told from others by its name alone.
                found.setdefault(
                    home or company_key(contact.company), Company(home, contact.company)
                )
        for text in homes:
            if home := company_domain(text):
                found.setdefault(home, Company(home))
        if found:
            known.append((clue, tuple(found[which] for which in sorted(found))))
    return tuple(known)


def _is_meant(clue: Clue, contact: Contact) -> bool:
    match clue.kind:
        case "domain":
            return registrable_of(contact.address.domain) == clue.text
        case "company":
            return company_key(contact.company) == clue.text
        case "person":
            who, theirs = person(clue.text), person(contact.name)
            return len(theirs.words) > 1 and bool(name_keys(who) & name_keys(theirs))
        case _:
            return False


def _is_named(clue: Clue, text: str) -> bool:
    match clue.kind:
        case "domain":
            return registrable_of(text) == clue.text
        case "label":
            return domain(text).label == clue.text
        case _:
            return False
