"""Mail that is held for some of its recipients only."""

from dataclasses import replace

from factories import COLLEAGUE, MEANT, TYPED, address, hold, match

from guard.model.envelope import Envelope, Recipient
from guard.model.hold import HoldState
from guard.model.job import JobKind
from guard.model.verdict import Action
from guard.splitting import kept_copy, split

ONLY = match(hold_only_doubtful=True)


def test_everybody_is_in_one_of_the_two() -> None:
    """Each with an envelope of its own, parameters and all; twice is once."""
    to = [TYPED, COLLEAGUE, MEANT, COLLEAGUE]
    params = ("NOTIFY=NEVER",)
    envelope = Envelope(
        sender=None,
        recipients=tuple(Recipient(address=address(each), params=params) for each in to),
        params=("BODY=8BITMIME",),
    )
    held = hold(ONLY, recipients=[TYPED, COLLEAGUE, MEANT], envelope=envelope)
    waiting, copy = split(held)

    assert copy is not None
    assert [each.text for each in waiting.recipients] == [TYPED]
    assert [each.text for each in copy.recipients] == [COLLEAGUE, MEANT]
    assert waiting.already == copy.recipients
    assert waiting.envelope == replace(envelope, recipients=envelope.recipients[:1])
    assert copy.envelope == replace(envelope, recipients=envelope.recipients[1:])


def test_the_copy_is_a_hold_of_its_own() -> None:
    """It is on its way, no link opens it, and it says what it is part of."""
    waiting, copy = split(hold(ONLY, second_persons=(address("boss@example.co.jp"),)))
    assert copy is not None
    kept = kept_copy(copy, b"octets")

    assert (waiting.state, copy.state) == (HoldState.WAITING, HoldState.RELEASING)
    assert copy.part_of == waiting.number != copy.number
    assert copy.id != waiting.id
    assert copy.people == (copy.owner,)
    assert copy.verdict.action is Action.DELIVER
    assert (kept.tokens, kept.octets) == ({}, b"octets")
    assert [(job.kind, job.hold_id) for job in kept.jobs] == [(JobKind.RELEASE, copy.id)]
    assert (kept.audit.event, kept.audit.details["part_of"]) == ("hold.split", waiting.number)
    assert kept.audit.details["recipients"] == [COLLEAGUE]


def test_what_is_not_split() -> None:
    """One rule that holds the whole message, nobody in the clear, or nobody in doubt."""
    whole = hold(ONLY, match(rule="another"))
    assert split(whole) == (whole, None)
    alone = hold(ONLY, recipients=[TYPED])
    assert split(alone) == (alone, None)
    dropped = hold(ONLY, recipients=[COLLEAGUE])
    assert split(dropped) == (dropped, None)
