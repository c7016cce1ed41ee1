"""Office files that are encrypted: opened by a given password, or the one that everybody has."""

import io
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Final

import msoffcrypto
import msoffcrypto.format.ooxml  # on demand, there would be no file to import it from
from msoffcrypto.format import doc97, ppt97, xls97

from guard.extract.budget import Budget
from guard.extract.pieces import Member, Piece, Source, UnreadError
from guard.model.extract import Reason

for module in (doc97, ppt97, xls97):
    # They write a temporary file, which there is no room for in the sandbox.
    vars(module)["tempfile"] = SimpleNamespace(TemporaryFile=io.BytesIO)

EVERYBODYS: Final = "VelvetSweatshop"
"""Excel encrypts by this what is only protected from changes, and opens it without asking."""


def unlocked(source: Source, budget: Budget) -> bytes:
    """
    Decrypt a file of any Office since 97.

    Raises:
        UnreadError: No password fits, or nobody knows the cipher (ENCRYPTED).
    """
    budget.enter()
    budget.expand(len(source.octets))
    for password in filter(None, (source.password, EVERYBODYS)):
        try:
            office = msoffcrypto.OfficeFile(io.BytesIO(source.octets))
            opened = io.BytesIO()
            # Files of before 2007 have their passwords verified in any case.
            verify = {"verify_password": True} if office.format == "ooxml" else {}
            office.load_key(password=password, **verify)
            office.decrypt(opened)
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001, S112 -- of wrong passwords and damage alike: not read
            continue
        if octets := opened.getvalue():
            return octets
    raise UnreadError(Reason.ENCRYPTED)


def package(source: Source, budget: Budget) -> Iterator[Piece]:
    """Give the Office Open XML file that lies encrypted in a compound file ([MS-OFFCRYPTO])."""
    yield Member(name=source.name.rpartition("/")[2], octets=unlocked(source, budget))
