"""Names of files within files: for people to read, never for opening anything."""

import re
from typing import Final

from guard.parse.charset import guess

_LONGEST: Final = 255
"""Characters; longer ones keep their ends, where what a file is stands."""

_CONTROLS: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
)
"""What breaks a line, or turns the order of letters around: ``cod.exe`` for ``exe.doc``."""


def inner_name(raw: bytes | str) -> str:
    """Give a name that is safe to show; its octets may be in any encoding, often CP932."""
    name = guess(raw) if isinstance(raw, bytes) else raw
    name = _CONTROLS.sub("\ufffd", name.replace("\\", "/"))
    steps = [step for step in name.split("/") if step not in ("", ".")]
    name = "/".join(steps)
    return name if len(name) <= _LONGEST else "…" + name[-_LONGEST:]
