"""ZIP archives made for one test."""

import io
import zipfile
from collections.abc import Mapping


def packed(members: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP archive with these members."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, octets in members.items():
            archive.writestr(name, octets)
    return target.getvalue()
