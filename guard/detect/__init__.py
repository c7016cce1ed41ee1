"""Detectors: evidence out of an `Inspection`, one module each."""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Final

from guard.detect.customer_rows import customer_rows
from guard.detect.greeting import greeting
from guard.detect.inspection import Inspection, Searched
from guard.detect.list_like import list_like
from guard.detect.lookalike import lookalike
from guard.detect.mark import mark
from guard.detect.other_company import other_company
from guard.detect.protected_numbers import protected_numbers
from guard.detect.sender import sender
from guard.detect.unread import unread
from guard.detect.wrong_file import wrong_file
from guard.model.finding import DetectorFailed, Finding, ListLike, Mark, ProtectedNumbers

__all__ = ["DETECTORS", "Inspection", "Searched", "inspect"]

Detector = Callable[[Inspection], Iterator[Finding]]

DETECTORS: Final[tuple[Detector, ...]] = (
    lookalike,
    customer_rows,
    wrong_file,
    unread,
    greeting,
    other_company,
    sender,
    list_like,
    protected_numbers,
    mark,
)


ON_DEMAND: Final[Mapping[Detector, type[Finding]]] = {
    list_like: ListLike,
    protected_numbers: ProtectedNumbers,
    mark: Mark,
}
"""Those that read every text once more, for what few policies ask for; with what they find."""


def inspect(
    inspection: Inspection, *, wanted: Collection[type[Finding]] | None = None
) -> tuple[Finding, ...]:
    """
    Run every detector; one that raises is reported as ``detector.failed``.

    Of those `ON_DEMAND`, only those run that find what is *wanted*; all of them without it.
    """
    findings: list[Finding] = []
    for detector in DETECTORS:
        finds = ON_DEMAND.get(detector)
        if finds is not None and wanted is not None and finds not in wanted:
            continue
        try:
            findings.extend(detector(inspection))
        except Exception as error:  # noqa: BLE001 -- a crash must not open the gate
            name = getattr(detector, "__name__", "detector")
            findings.append(DetectorFailed(detector=name, error=type(error).__name__))
    return tuple(findings)
