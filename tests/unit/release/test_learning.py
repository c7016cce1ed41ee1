"""What the owner of a hold said about its look-alikes, as its end shows."""

from dataclasses import replace

import pytest
from factories import MEANT, SENDER, TYPED, address, hold

from guard.model.hold import Choice, End, Fate, Hold, HoldState
from guard.model.pair_answer import Said
from guard.model.reply import Reply
from guard.release.learning import answers_of

OK = Reply(250, "2.0.0", "OK")


def ended(
    state: HoldState,
    choice: Choice | None,
    *recipients: str,
    by: str = SENDER,
    fate: Fate = Fate.TAKEN,
) -> Hold:
    """Give a hold about a look-alike that came to its end."""
    left = tuple(map(address, recipients))
    ends = tuple(End(recipient=one, fate=fate, reply=OK) for one in left)
    return replace(hold(), state=state, choice=choice, decided_by=by, recipients=left, ends=ends)


@pytest.mark.parametrize(
    ("over", "said"),
    [
        pytest.param(ended(HoldState.DELIVERED, Choice.SEND, TYPED), [Said.SENT], id="as is"),
        pytest.param(
            ended(HoldState.DELIVERED, Choice.REPLACE, MEANT), [Said.REPLACED], id="other"
        ),
        pytest.param(ended(HoldState.DELIVERED, Choice.DROP), [Said.DROPPED], id="without"),
        pytest.param(ended(HoldState.RETURNED, Choice.CANCEL, TYPED), [Said.CANCELLED], id="back"),
        pytest.param(ended(HoldState.RETURNED, Choice.REFUSE, TYPED), [], id="second person's no"),
        pytest.param(
            ended(HoldState.DELIVERED, Choice.SEND, TYPED, by="root@host"),
            [],
            id="by an administrator",
        ),
        pytest.param(
            ended(HoldState.DELIVERED, Choice.AGREE, TYPED, by="suzuki@example.co.jp"),
            [Said.SENT],
            id="agreed to",
        ),
        pytest.param(
            ended(HoldState.DELIVERED, Choice.SEND, TYPED, fate=Fate.REFUSED), [], id="refused"
        ),
        pytest.param(ended(HoldState.EXPIRED, None, TYPED), [], id="no answer"),
        pytest.param(ended(HoldState.FAILED, Choice.SEND, TYPED), [], id="never left"),
    ],
)
def test_answers(over: Hold, said: list[Said]) -> None:
    """Only the owner's own word counts, and only of mail that came to such an end."""
    answers = list(answers_of(over))

    assert [one.said for one in answers] == said
    for one in answers:
        assert (one.sender, one.written) == (over.owner, address(TYPED))
        assert (one.meant, one.never_again) == (address(MEANT), False)


def test_never_again_only_where_it_was_no_slip() -> None:
    """Who corrected a slip wants to be asked the next time, too."""
    (sent,) = answers_of(ended(HoldState.DELIVERED, Choice.SEND, TYPED), never_again=True)
    (mended,) = answers_of(ended(HoldState.DELIVERED, Choice.REPLACE, MEANT), never_again=True)

    assert (sent.never_again, mended.never_again) == (True, False)
