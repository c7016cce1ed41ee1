"""Files, and parts of a mail's structure, that could not be inspected whole: never a silence."""

from collections.abc import Iterator

from guard.detect.inspection import Inspection
from guard.model.extract import ReadState
from guard.model.finding import Unread
from guard.parse import reason_of


def unread(inspection: Inspection) -> Iterator[Unread]:
    """
    Report every attachment that is not `READ`, and every defect that may hide content.

    Small inline images (a logo in a signature) are what their reader says they are: it is the
    extractor that exempts them, by `READ` with nothing in it.
    """
    for extract in inspection.extracts:
        if extract.state is not ReadState.READ:
            yield Unread(file=extract.file, state=extract.state, reasons=extract.reasons)
    reasons = dict.fromkeys(
        reason_of(defect) for defect in inspection.message.defects if defect.hides_content
    )
    if reasons:
        yield Unread(file="", state=ReadState.PARTIAL, reasons=tuple(reasons))
