"""Signatures and encrypted messages: OpenPGP (RFC 9580) and CMS (PKCS #7, RFC 5652)."""

import re
from collections.abc import Iterator
from typing import Final

from guard.extract.budget import Budget
from guard.extract.mail import pieces_of
from guard.extract.pieces import Member, Piece, Source, UnreadError
from guard.extract.plaintext import text
from guard.model.extract import Reason
from guard.parse import cms, openpgp

_ENTITY: Final = re.compile(rb"\s*(?:content-|mime-version)[!-9;-~]*[ \t]*:", re.IGNORECASE)


def pgp(source: Source, budget: Budget) -> Iterator[Piece]:
    """
    Give signatures, keys and signed text as they stand, and what literal messages hold.

    A message that is encrypted, or broken, is `ENCRYPTED`.
    """
    try:
        contents = openpgp.messages(source.octets)
    except openpgp.NotReadError:
        raise UnreadError(Reason.ENCRYPTED) from None
    for content in contents:
        budget.enter()
        budget.expand(len(content))
        yield Member(name="message", octets=content)
    yield from text(source, budget)


def pkcs7(source: Source, budget: Budget) -> Iterator[Piece]:
    """Give what was signed, if it is in here; an envelope is `ENCRYPTED`."""
    try:
        content = cms.content(source.octets)
    except cms.EncryptedError:
        raise UnreadError(Reason.ENCRYPTED) from None
    except cms.NotReadError:
        raise UnreadError(Reason.UNSUPPORTED) from None
    if content is not None:
        budget.enter()
        budget.expand(len(content))
        # Most often a part of a mail, with hardly a header: nothing that tells it from a text.
        if _ENTITY.match(content):
            yield from pieces_of(content, budget)
        else:
            yield Member(name="signed", octets=content)
