"""
One hold, from the sender's word to its end: view, decide, undo, release, return, expire.

The other half of the story that `pipeline` begins. The page calls the `Desk`, the worker calls the
`Courier`; both move holds only by `HoldStore.advance`, so that of two on any number of nodes one
succeeds. `Links` makes the key to a hold.
"""

from guard.release.answer import Answer, Unconfirmed
from guard.release.courier import Courier
from guard.release.desk import Desk
from guard.release.judge import Judge
from guard.release.links import Links

__all__ = ["Answer", "Courier", "Desk", "Judge", "Links", "Unconfirmed"]
