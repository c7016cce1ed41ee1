"""Values as one line of YAML, which `document` reads as the same."""

import json
import re
from typing import Final

from guard.policy.document import Scalar, is_text

_PLAIN: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 _.+-]*[A-Za-z0-9])?")


def scalar(value: Scalar) -> str:
    """Write a value, with quotes where it needs them: JSON's are YAML's, too."""
    if isinstance(value, str):
        needs_none = _PLAIN.fullmatch(value) and is_text(value)
        return value if needs_none else json.dumps(value, ensure_ascii=False)
    return json.dumps(value)
