"""
The life of a held message: every state, and every move between two of them.

                    ┌───────────────── asked again ─────────────────┐
                    ▼                                               │
    (put) ──▶ waiting ──send──▶ undo ──time──▶ releasing ──▶ delivered
                 │ │ ▲            │               ▲    │  └──▶ failed ───┐
                 │ │ └─taken back─┤               │    └─────▶ unknown   │ once more,
                 │ │              │               │              │       │ or by an
                 │ │              │               └──────────────┴───────┘ administrator
                 │ └──send──▶ second_person ──agrees──▶ undo, releasing
                 │                │   │
                 ├── cancel, ─────┴───┼──▶ returned
                 │   refuse           │
                 └── time ────────────┴──▶ expired ──by an administrator──▶ releasing, returned

Whoever stores holds refuses every other move. Nothing leads to ``releasing`` but a person's word;
the end of the undo window only carries it out. The one hold that is put as ``releasing`` is the
copy for the recipients whom no rule doubted, where a rule says ``hold_only: doubtful_recipients``.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class HoldState(StrEnum):
    """Where a held message stands."""

    WAITING = "waiting"
    SECOND_PERSON = "second_person"
    """The sender said send; somebody else has to agree."""

    UNDO = "undo"
    """The sender said send; until `Hold.release_at` it can be taken back."""

    RELEASING = "releasing"
    DELIVERED = "delivered"
    FAILED = "failed"
    """The upstream refused every recipient for good, or tries ran out."""

    UNKNOWN = "unknown"
    """The octets went out, but the reply was lost (RFC 5321 §4.5.3.2.6); tried once more."""

    RETURNED = "returned"
    EXPIRED = "expired"

    @property
    def is_open(self) -> bool:
        """Whether something can still become of it."""
        return self not in ENDED

    def may_become(self, new: "HoldState") -> bool:
        """Whether there is a move from this state to *new*."""
        return new in MOVES[self]


MOVES: Final[Mapping[HoldState, frozenset[HoldState]]] = {
    HoldState.WAITING: frozenset(
        {
            HoldState.WAITING,  # other recipients or another file: what is new is asked about
            HoldState.SECOND_PERSON,
            HoldState.UNDO,
            HoldState.RELEASING,
            HoldState.RETURNED,
            HoldState.EXPIRED,
        }
    ),
    HoldState.SECOND_PERSON: frozenset(
        {HoldState.UNDO, HoldState.RELEASING, HoldState.RETURNED, HoldState.EXPIRED}
    ),
    HoldState.UNDO: frozenset({HoldState.WAITING, HoldState.RELEASING, HoldState.RETURNED}),
    HoldState.RELEASING: frozenset({HoldState.DELIVERED, HoldState.FAILED, HoldState.UNKNOWN}),
    # Heard of after all: the worker that sent it lived on, and could say so only now.
    HoldState.UNKNOWN: frozenset({HoldState.RELEASING, HoldState.DELIVERED, HoldState.FAILED}),
    HoldState.FAILED: frozenset({HoldState.RELEASING, HoldState.RETURNED}),
    HoldState.EXPIRED: frozenset({HoldState.RELEASING, HoldState.RETURNED}),
    HoldState.DELIVERED: frozenset(),
    HoldState.RETURNED: frozenset(),
}
"""What may become of a hold in each state."""

ENDED: Final = frozenset(
    {HoldState.DELIVERED, HoldState.FAILED, HoldState.RETURNED, HoldState.EXPIRED}
)
"""States in which nothing more happens by itself."""

DESTROYABLE: Final = ENDED | {HoldState.UNKNOWN}
"""States in which the octets may be destroyed, once retention is over."""
