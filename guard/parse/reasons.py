"""Why a message was not read whole, in the words that are used for files."""

from collections.abc import Mapping
from typing import Final

from guard.model.extract import Reason
from guard.model.message import Defect

_REASONS: Final[Mapping[str, Reason]] = {
    "encrypted": Reason.ENCRYPTED,
    "too-deep": Reason.LIMIT,
    "too-many-parts": Reason.LIMIT,
    "too-many-embedded": Reason.LIMIT,
    "header-too-long": Reason.LIMIT,
}
"""What programs read in different ways is `Reason.DEFECT`."""


def reason_of(defect: Defect) -> Reason:
    """Say why content may stand where *defect* is that nobody could read."""
    return _REASONS.get(defect.code, Reason.DEFECT)
