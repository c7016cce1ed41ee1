"""How two tries of a release end together."""

import pytest
from factories import COLLEAGUE, TYPED, address

from guard.model.hold import End, Fate
from guard.model.reply import Reply
from guard.ports import Outcome
from guard.release.ends import account, with_the_first

LOST = Reply(451, "4.4.2", "no reply")
NEVER = Reply(554, "5.7.1", "I have that one")
TAKEN, REFUSED, UNKNOWN = Fate.TAKEN, Fate.REFUSED, Fate.UNKNOWN


@pytest.mark.parametrize(
    ("first", "second", "both"),
    [
        pytest.param((UNKNOWN, UNKNOWN), (TAKEN, TAKEN), (TAKEN, TAKEN), id="taken"),
        pytest.param((UNKNOWN, REFUSED), (TAKEN, REFUSED), (TAKEN, REFUSED), id="as before"),
        pytest.param((UNKNOWN, UNKNOWN), (REFUSED, REFUSED), (UNKNOWN, UNKNOWN), id="refused"),
        pytest.param(
            (UNKNOWN, REFUSED), (REFUSED, REFUSED), (UNKNOWN, REFUSED), id="refused twice"
        ),
        pytest.param((), (REFUSED, REFUSED), (UNKNOWN, UNKNOWN), id="first not written down"),
    ],
)
def test_a_refusal_does_not_undo_what_nobody_knows(
    first: tuple[Fate, ...], second: tuple[Fate, ...], both: tuple[Fate, ...]
) -> None:
    """R-E7: whoever may have the first copy is not told of as one who surely has none."""
    people = (address(TYPED), address(COLLEAGUE))
    ends = [End(recipient=a, fate=f, reply=LOST) for a, f in zip(people, first, strict=False)]
    again = Outcome(
        reply=NEVER, recipients=tuple((a, f, NEVER) for a, f in zip(people, second, strict=True))
    )

    told = with_the_first(ends, again)

    assert tuple(fate for _, fate, _ in told.recipients) == both
    assert account(told).splitlines()[0] == "554 5.7.1 I have that one"
    assert len(account(told).splitlines()) == 1 + both.count(REFUSED)
