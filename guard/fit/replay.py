"""Mail in the order of its sending, and for each message the facts that a judge would have had."""

from collections.abc import Callable, Collection, Iterator, Sequence
from random import Random
from typing import Final

from guard.contacts.acquaintance import Acquaintance
from guard.contacts.history import History
from guard.detect import confusion, evidence
from guard.detect.channel import Channel
from guard.fit.pairs import Pairs
from guard.fit.report import About
from guard.fit.slips import KINDS, Slips
from guard.model.contact import Exchange

MOST_CANDIDATES: Final = 20
"""Candidates of one recipient that are kept: the others never come first."""

WARM: Final = 200
"""Messages after which a history is worth judging by; of little mail it is a fifth."""

SLIPS_EACH: Final = 2
"""Slips that are planted in each judged message."""


def facts_of(
    acquaintance: Acquaintance, channel: Channel, wrong: str = "", meant: Collection[str] = ()
) -> Iterator[tuple[Sequence[str], bool]]:
    """
    Give the facts of each pair that might be held for, and whether the slip is that pair.

    *wrong* and *meant* are addresses: which was written, and which would have been right.
    """
    for known in acquaintance.recipients:
        if not known.candidates:
            continue
        base, crowds = evidence.of_recipient(known, acquaintance), confusion.crowds(known)
        pairs = []
        for candidate in known.candidates:
            facts = (
                *evidence.of_candidate(candidate),
                *confusion.of_pair(known, candidate, acquaintance, crowds),
            )
            right = known.address.text == wrong and candidate.contact.address.text in meant
            pairs.append((channel.weigh(facts), right, facts))
        pairs.sort(key=lambda pair: -pair[0])
        kept = pairs[:MOST_CANDIDATES]
        kept += [pair for pair in pairs[MOST_CANDIDATES:] if pair[1]][:1]
        for _, right, facts in kept:
            yield (*base, *facts), right


def replay(
    sent: Sequence[Exchange],
    history: History,
    channel: Channel,
    seed: int = 1,
    tell: Callable[[int], None] = lambda _: None,
) -> tuple[Pairs, Pairs, list[About]]:
    """
    Go through mail in order of time; give pairs to fit on, pairs kept apart, and about those.

    What is kept apart is the last third: it is as old as what comes next, and the weights have not
    seen it. Each message is learned after it was judged. *history* may know contacts already;
    *tell* hears how many messages are done.
    """
    mails = sorted(sent, key=lambda one: one.at)
    rng = Random(seed)  # noqa: S311 -- which slips are planted is no secret
    slips = Slips(history, rng)
    fitted, apart, about = Pairs(), Pairs(), []
    for number, exchange in enumerate(mails):
        if number >= min(WARM, len(mails) // 5):
            into = fitted if number < 2 * len(mails) // 3 else apart
            into.add(facts_of(history.acquaintance(exchange), channel), slip=False)
            told = [About(kind="")]
            for kind in rng.sample(KINDS, SLIPS_EACH):
                planted = slips.plant(exchange, kind)
                if planted is not None:
                    meant = {planted.meant, *slips.others_of(planted.meant)}
                    acquaintance = history.acquaintance(planted.exchange)
                    into.add(facts_of(acquaintance, channel, planted.wrong, meant), slip=True)
                    told.append(About(kind=kind, known=planted.known))
            if into is apart:
                about += told
        history.learn(exchange)
        tell(number + 1)
    return fitted, apart, about
