"""Damaged files of the corpus, in the real sandbox: a sample of what `mutate` does at length."""

import asyncio

from guard.model.extract import Reason
from tests.corpus.mutate import CHECKSUMMED, run
from tests.corpus.planted import load

COUNT = 300


def test_damage_is_told() -> None:
    """The parent lives, nothing takes too long, and where there are checksums no row is lost."""
    damage = asyncio.run(run(load(), count=COUNT, seed=20261126))

    assert len(damage) == COUNT
    late = [each.mutation.made.file for each in damage if Reason.TIMEOUT in each.extract.reasons]
    assert late == []
    lost = [
        (each.mutation.made.file, each.number)
        for each in damage
        if each.lost and each.is_a_file and each.mutation.made.format in CHECKSUMMED
    ]
    assert lost == []
