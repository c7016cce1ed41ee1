"""The budget of holds, spent over a stream of mail that is judged offline, day by day."""

from dataclasses import dataclass, field

from guard.detect.budget import threshold
from guard.detect.channel import Channel
from guard.detect.recent import Count, Counts, Recent, recent, step_of
from guard.model.contact import Exchange

_People = frozenset[str]


@dataclass(slots=True)
class Spending:
    """
    Says what a running guard would hold.

    As there, only what was sent counts, each mail once: of messages that were judged, those that
    the stream then has as sent, to the very same people.
    """

    channel: Channel
    budget: float
    _counts: Counts = field(default_factory=Counts)
    _recent: Recent = field(default_factory=Recent)
    _day: int = 0
    _judged: dict[str, dict[_People, tuple[float, bool]]] = field(default_factory=dict)
    """Of each Message-ID, to whom it was judged: the highest log odds, and whether it is held."""

    def judged(self, exchange: Exchange, log_odds: float) -> bool:
        """Say whether a message of these highest *log_odds* is held."""
        day = exchange.at.toordinal()
        if day != self._day:
            self._day, self._recent = day, recent(self._counts, day)
        from_ = threshold(self.channel, self._recent, self.budget).log_odds
        held = log_odds >= from_
        self._judged.setdefault(exchange.message_id, {})[_people(exchange)] = log_odds, held
        return held

    def sent(self, exchange: Exchange) -> None:
        """Count a message if it was judged; the others of its Message-ID were not sent."""
        judged = self._judged.pop(exchange.message_id, {}).get(_people(exchange))
        if judged is not None:
            log_odds, held = judged
            day = exchange.at.toordinal()
            self._counts.add([Count(day, step_of(log_odds), 1, int(held))])


def _people(exchange: Exchange) -> _People:
    return frozenset(one.address.key for one in exchange.recipients)
