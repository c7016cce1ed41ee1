"""What is kept of mail that was judged, so that another policy can be tried on it."""

from typing import Protocol

from guard.policy.past.features import Features


class Past(Protocol):
    """Features of judged mail, for some weeks."""

    def keep(self, features: Features) -> None:
        """
        Keep what is known of one mail; at once, for it is written later.

        Never raises and never waits: what cannot be written is counted and let go.
        """


class Forgotten:
    """`Past` where nothing is to be kept."""

    def keep(self, features: Features) -> None:
        """Forget it."""
