"""Seals open for what was sealed, in its place, and for nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.model.errors import DamagedError
from guard.store.crypto import CHUNK_BYTES, Seal

KEY = bytes(range(32))
SEAL = Seal.of(KEY, "a" * 32)
LONG = bytes(range(256)) * (CHUNK_BYTES // 256) * 3 + b"end"


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, len(LONG)])
def test_octets_of_any_length_come_back(size: int) -> None:
    """At the borders of chunks, too; nothing is one sealed chunk."""
    chunks = SEAL.close_chunks("octets", LONG[:size])

    assert len(chunks) == max(1, -(-size // CHUNK_BYTES))
    assert SEAL.open_chunks("octets", chunks) == LONG[:size]


@given(st.binary(max_size=200), st.data())
def test_no_changed_octet_opens(octets: bytes, data: st.DataObject) -> None:
    """One changed bit anywhere, in nonce, text or tag, is seen."""
    sealed = bytearray(SEAL.close("details", octets))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= 1 << data.draw(st.integers(0, 7))

    with pytest.raises(DamagedError):
        SEAL.open("details", bytes(sealed))


@given(st.binary(max_size=60))
def test_no_foreign_octets_open(junk: bytes) -> None:
    """Whatever stands in the database is an error of the store, not a crash."""
    with pytest.raises(DamagedError):
        SEAL.open("details", junk)


@given(st.permutations(range(4)), st.integers(0, 4))
def test_only_all_chunks_in_order_open(order: list[int], count: int) -> None:
    """Exchanged, cut off at either end, or doubled: none of it opens."""
    chunks = SEAL.close_chunks("octets", LONG)
    chosen = [chunks[number] for number in order[:count]]

    if chosen == chunks:
        assert SEAL.open_chunks("octets", chosen) == LONG
    elif chosen:
        with pytest.raises(DamagedError):
            SEAL.open_chunks("octets", chosen)

    with pytest.raises(DamagedError):
        SEAL.open_chunks("octets", [*chunks, chunks[-1]])


def test_a_seal_is_of_one_field_hold_and_key() -> None:
    """A sealed text moved elsewhere does not open there."""
    sealed = SEAL.close("details", b"subject")

    for seal, field in (
        (SEAL, "octets"),
        (Seal.of(KEY, "b" * 32), "details"),
        (Seal.of(bytes(32), "a" * 32), "details"),
    ):
        with pytest.raises(DamagedError):
            seal.open(field, sealed)


def test_equal_texts_are_sealed_differently() -> None:
    """Two mails with the same content do not show that they have."""
    assert SEAL.close("details", b"same") != SEAL.close("details", b"same")


def test_errors_tell_nothing_of_the_content() -> None:
    """The error names hold and field, and that is all."""
    sealed = SEAL.close("details", b"canary")[:-1]

    with pytest.raises(DamagedError, match=rf"details of hold {'a' * 32}: changed on disk"):
        SEAL.open("details", sealed)
