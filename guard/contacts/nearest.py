"""Whom an address resembles, without a message that it stands in."""

from typing import Final

from guard.contacts.acquaintance import Candidate, Standing
from guard.contacts.memory import Memory
from guard.contacts.neighbours import Neighbourhood
from guard.model.address import Address, Mailbox
from guard.names.likeness import Face

CLOSE: Final = 70
"""Closeness of two, 0 to 100, from which one is told for the other."""


def nearest(
    memory: Memory, neighbourhood: Neighbourhood, mailbox: Mailbox, *, sender: Address | None
) -> tuple[Candidate, ...]:
    """
    Find contacts that *mailbox* resembles, the closest first, the oftener written to on ties.

    With *sender* also those of the sender's own contacts that are only a little alike.
    """
    address = mailbox.address
    box = memory.mailbox(address.local, address.domain)
    face = Face(address.local, address.domain, mailbox.name or memory.name(box))
    book = memory.book(sender)
    asking = None if sender is None else memory.numbers.get(sender.key)
    neighbours = neighbourhood.of(face, asking)
    itself = memory.numbers.get(address.key)
    candidates = [
        Candidate(
            contact=memory.contact(number),
            relation=memory.relation_in(book, number),
            standing=Standing(known=True, imported=memory.entries[number].imported),
            likeness=alike,
        )
        for number in neighbours.found
        if number != itself
        and (alike := neighbours.likeness(number, memory.entries[number].face)) is not None
        and alike.closeness >= CLOSE
    ]
    candidates.sort(
        key=lambda one: (
            -one.likeness.closeness,
            -one.relation.by_sender,
            -one.relation.by_organisation,
            one.contact.address.key,
        )
    )
    return tuple(candidates)
