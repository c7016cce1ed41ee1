"""
What is learned from a hold that is over: what its owner said, and to whom mail really went.

Nobody becomes known by a slip: of a mail that was sent only those whom the upstream took count, and
a look-alike whom its sender confirmed counts from the second time.
"""

from collections.abc import Iterator

from prometheus_client import Counter

from guard.model.address import Mailbox
from guard.model.contact import Exchange
from guard.model.finding import Lookalike
from guard.model.hold import Choice, Fate, Hold
from guard.model.job import NEVER_AGAIN, Job
from guard.model.life import HoldState
from guard.model.pair_answer import PairAnswer, Said
from guard.release.means import Means

ANSWERS = Counter(
    "guard_lookalike_answers", "Look-alikes asked about, by kind and answer.", ["kind", "said"]
)


async def learn(means: Means, job: Job, hold: Hold) -> None:
    """
    Learn from *hold*, if it has come to an end by which somebody said something.

    Done again after a crash it changes no answer, but may count a mail twice.

    Raises:
        StoreError: The database is away; nothing was learned.
    """
    if hold.state in {HoldState.RELEASING, HoldState.UNDO, HoldState.UNKNOWN}:
        return await means.later(job, error=hold.state.value)
    answers = tuple(answers_of(hold, never_again=job.note == NEVER_AGAIN))
    new = await means.contacts.answered(answers, about=hold.id)
    if job.note != NEVER_AGAIN:
        for answer in answers:
            ANSWERS.labels(answer.kind, answer.said.value).inc()
        taken = [end.recipient for end in hold.ends if end.fate is Fate.TAKEN]
        known = tuple(Mailbox(address=one) for one in taken if one not in new)
        if known and hold.envelope.sender and means.learns():
            exchange = Exchange(
                sender=Mailbox(address=hold.envelope.sender),
                recipients=known,
                at=hold.held_at,
                message_id=hold.message_id,
            )
            await means.contacts.learn(exchange)
    return await means.outbox.finish(job)


def answers_of(hold: Hold, *, never_again: bool = False) -> Iterator[PairAnswer]:
    """Give what the owner of a hold that is over said about each look-alike in it."""
    if hold.choice is None or hold.state not in {HoldState.DELIVERED, HoldState.RETURNED}:
        return
    for finding in hold.verdict.findings:
        if not isinstance(finding, Lookalike):
            continue
        if hold.state is HoldState.RETURNED:
            if hold.choice is not Choice.CANCEL:
                continue  # somebody else said no
            said = Said.CANCELLED
        elif finding.recipient in hold.recipients:
            said = Said.SENT
        elif finding.intended.address in hold.recipients:
            said = Said.REPLACED
        else:
            said = Said.DROPPED
        yield PairAnswer(
            sender=hold.owner,
            written=finding.recipient,
            meant=finding.intended.address,
            kind=finding.kind,
            said=said,
            at=hold.held_at,
            never_again=never_again and said is Said.SENT,
        )
