"""The alarm about a list that a running guard could not make anew from its source."""

from typing import Final

from guard.app.losses import tells_of_loss
from guard.model.job import Job, JobKind
from guard.release.means import ADMINISTRATORS
from guard.store.clock import machine_time

KEPT: Final = "list_kept"
FAILED: Final = "list_failed"


def list_alarm(name: str, before: str, *, error: str) -> Job | None:
    """
    Give the alarm about *error* of the list *name*; `None` where it is known already.

    *before* is how the last reading went wrong, empty where it went well. A source is tried each
    hour, and told of once; that it has lost rows is told once, too, for that waits for a person.
    """
    lost = tells_of_loss(error)
    if before and tells_of_loss(before) >= lost:
        return None
    return Job(
        kind=JobKind.ALARM,
        hold_id="",
        list_name=name,
        due_at=machine_time(),
        person=ADMINISTRATORS,
        note=KEPT if lost else FAILED,
    )
