"""Calls to the kernel that Python has no words for (Linux; elsewhere, ENOSYS)."""

import ctypes
import errno
from typing import Any


def prctl(option: int, *values: Any) -> int:
    """Change what this process may and is told; 0, or the error number."""
    return _called("prctl", option, *values, *(0,) * (4 - len(values)))


def unshare(flags: int) -> int:
    """Leave what is shared with others; 0, or the error number."""
    return _called("unshare", flags)


def _called(name: str, *values: Any) -> int:
    call = getattr(ctypes.CDLL(None, use_errno=True), name, None)
    if call is None:
        return errno.ENOSYS
    return 0 if call(*values) == 0 else ctypes.get_errno()
