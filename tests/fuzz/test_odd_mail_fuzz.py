"""R-H6: odd mail, mutated: no error, and no row that another parser sees is lost in silence."""

import email
import email.policy
import time

from budget import examples
from hypothesis import given
from hypothesis import strategies as st
from mutation import mutated

from guard.parse import parse
from guard.parse.charset import guess
from tests.unit.parse import odd_mail as odd
from tests.unit.parse.test_odd_mail import FOUND, HIDING

BUILDERS = [*FOUND.values(), *(build for build, _ in HIDING.values() if len(build(b"")) < 9_000)]
WHOLE = st.sampled_from([build(odd.ROW.encode()) for build in BUILDERS])
NUMBER = "090-1234-5678"
MOST_S = 10


def by_the_library(octets: bytes) -> str:
    """What the standard library's parser shows of the leaves, decoded."""
    texts = []
    for part in email.message_from_bytes(octets, policy=email.policy.compat32).walk():
        if not part.is_multipart():
            payload = part.get_payload(decode=True)
            texts.append(guess(payload) if isinstance(payload, bytes) else "")
    return odd.fold("\n".join(texts))


@examples(300)
@given(mutated(WHOLE, most=6))
def test_mutated_mail_parses(octets: bytes) -> None:
    """Any octets have a message, in time."""
    start = time.process_time()
    parse(octets)
    assert time.process_time() - start < MOST_S


@examples(200)
@given(mutated(WHOLE, most=3))
def test_nothing_is_lost_that_another_parser_finds(octets: bytes) -> None:
    """What a strict parser shows is found, or the mail says that it may hide something."""
    if NUMBER in by_the_library(octets):
        text, unread = odd.said(octets)
        assert NUMBER in text or unread
