"""What a submission says, file by file, for detectors that read it themselves."""

from collections.abc import Iterator

from guard.detect.inspection import Inspection
from guard.model.extract import Passage


def texts(inspection: Inspection) -> Iterator[tuple[str, tuple[Passage, ...]]]:
    """
    Give each file's name with its passages; the mail's own words come first, without a name.

    A text that is sent as plain and as HTML stands there twice: count what differs.
    """
    message = inspection.message
    own = [Passage(place="", text=body.text) for body in message.bodies]
    own.append(Passage(place="subject", text=message.subject))
    yield "", tuple(own)
    for extract in inspection.extracts:
        yield extract.file, extract.passages
