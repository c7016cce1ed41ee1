"""A clock on the wall that is set wrong, for a process that is started with it."""

from datetime import timedelta
from pathlib import Path

from faults.disk import built

SOURCE = Path(__file__).with_name("clock.c")


def wrong_by(off: timedelta, folder: Path) -> dict[str, str]:
    """
    Give what a process needs whose clock is *off*: ahead, or behind where that is negative.

    In *folder* the library is built that lies to it.
    """
    seconds = int(off.total_seconds())
    return {"LD_PRELOAD": str(built(folder, SOURCE)), "CLOCK_OFF_S": str(seconds)}
