"""Weights for one organisation: fitted on its mail, or those that ship with its thresholds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from guard.contacts.history import History
from guard.detect.channel import Channel, shipped
from guard.fit.fitting import hold_shares, weights_for
from guard.fit.pairs import Pairs
from guard.fit.replay import replay
from guard.fit.report import About, shares_found, table
from guard.model.contact import Contact, Exchange


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnFit:
    """What came of fitting on one's own mail."""

    channel: Channel
    """What to judge by."""

    is_fitted: bool
    """Whether its weights are the fitted ones; else those that ship found more slips."""

    fitted: str
    """For the last third of the mail, which was kept apart: slips found by the fitted weights."""

    as_shipped: str
    """The same by the weights that ship."""


def fit_own(
    sent: Sequence[Exchange],
    contacts: Sequence[Contact],
    tell: Callable[[int], None] = lambda _: None,
) -> OwnFit:
    """
    Fit on mail that was *sent* as it stands; *tell* hears how many messages are done.

    Raises:
        SourceError: There is too little mail.
    """
    history = History()
    for contact in contacts:
        history.add_contact(contact)
    ours = shipped()
    pairs, apart, about = replay(sent, history, ours, tell=tell)
    found = weights_for(pairs, apart, f"Fitted on {len(sent):,} messages of our own.")
    as_shipped = replace(
        ours,
        hold_shares=hold_shares(ours, apart),
        about=f"{ours.about} Thresholds counted on {len(sent):,} messages of our own.",
    )
    is_fitted = _right(found, apart, about) >= _right(as_shipped, apart, about)
    return OwnFit(
        channel=found if is_fitted else as_shipped,
        is_fitted=is_fitted,
        fitted=table(found, apart, about),
        as_shipped=table(as_shipped, apart, about),
    )


def _right(channel: Channel, pairs: Pairs, about: Sequence[About]) -> float:
    """Give the share of all slips that is found at the lowest rates of false holds."""
    _, shares = shares_found(channel, pairs, about)["all"]
    return sum(shares[:2])
