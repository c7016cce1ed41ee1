"""
Which files the zygote and its children may open: Landlock ([landlock(7)], Linux 5.13).

A reader that was taken over must not read the keys, the mail or the settings of the guard, which
its user can. What it may read is the interpreter with its packages, and what the system has for
everybody; it may write nothing anyhow.
"""

import ctypes
import os
import site
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

_CREATE_RULESET: Final = 444
_ADD_RULE: Final = 445
_RESTRICT_SELF: Final = 446
"""System calls, the same numbers on all machines."""

_VERSION: Final = 1
_PATH_BENEATH: Final = 1

_EXECUTE: Final = 1 << 0
_WRITE_FILE: Final = 1 << 1
_READ_FILE: Final = 1 << 2
_READ_DIR: Final = 1 << 3
_ALL: Final = (1 << 13) - 1
"""All rights of the first version; later ones add to writing, which limits forbid already."""

_SYSTEM: Final = ("/usr", "/lib", "/lib64", "/dev/urandom", "/etc/ld.so.cache")
_PACKAGE: Final = str(Path(__file__).parents[1])


class _Ruleset(ctypes.Structure):
    _fields_ = (("handled_access_fs", ctypes.c_uint64),)


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


def leave_files() -> bool:
    """
    Open nothing else from now on, for good; say whether the system could be told so.

    Who calls this has given up gaining privileges (``no_new_privs``).
    """
    call = ctypes.CDLL(None, use_errno=True).syscall
    if call(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION)) < 1:
        return False
    handled = _Ruleset(_ALL)
    size = ctypes.c_size_t(ctypes.sizeof(handled))
    rules = call(_CREATE_RULESET, ctypes.byref(handled), size, ctypes.c_uint32(0))
    if rules < 0:
        return False
    try:
        for path in _readable():
            with suppress(OSError):
                directory = _READ_DIR if Path(path).is_dir() else 0
                _allow(call, rules, path, _READ_FILE | _EXECUTE | directory)
        with suppress(OSError):
            _allow(call, rules, os.devnull, _READ_FILE | _WRITE_FILE)
        return bool(call(_RESTRICT_SELF, ctypes.c_int(rules), ctypes.c_uint32(0)) == 0)
    finally:
        os.close(rules)


def _readable() -> Iterable[str]:
    """
    Give what readers may still have to import or to map.

    Not all of `sys.path`: the working folder may be on it, which is where a guard keeps its data.
    """
    ours = {sys.prefix, sys.base_prefix, site.getusersitepackages(), _PACKAGE}
    return (*_SYSTEM, *sorted(ours))


def _allow(call: Callable[..., int], rules: int, path: str, rights: int) -> None:
    """
    Give *rights* to *path* and all below it.

    Raises:
        OSError: It is not there.
    """
    handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = _PathBeneath(rights, handle)
        call(_ADD_RULE, ctypes.c_int(rules), _PATH_BENEATH, ctypes.byref(rule), ctypes.c_uint32(0))
    finally:
        os.close(handle)
