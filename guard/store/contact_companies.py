"""Which companies are known that the files of a message name."""

from guard.contacts.companies import companies, keys_of_clue
from guard.model.address import AddressError
from guard.model.clue import Clue, Company
from guard.model.contact import Contact
from guard.store.contact_reads import Reads
from guard.store.contact_rows import address_of


def known_companies(
    reads: Reads, clues: tuple[Clue, ...]
) -> tuple[tuple[Clue, tuple[Company, ...]], ...]:
    """Say which companies *clues* mean, as `History` does."""
    under = reads.keys({key for clue in clues for key in keys_of_clue(clue)})
    ids = {number for found in under.values() for number in found}
    people: dict[int, Contact] = {}
    for row in reads.people(ids, -1):
        try:
            address = address_of(row.address)
        except AddressError:
            continue  # a newer Guard wrote what this one cannot read
        people[row.id] = Contact(address=address, name=row.name, company=row.company)
    domains = {row.id: row.domain for row in reads.domains(ids)}
    return companies(
        clues,
        {
            key: [people[one] for one in sorted(found) if one in people]
            for key, found in under.items()
        },
        {key: [domains[one] for one in found if one in domains] for key, found in under.items()},
    )
