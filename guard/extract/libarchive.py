"""
The part of libarchive that readers need, with every return code looked at.

libarchive-c is used for finding the library; its own functions log warnings and go on, but a
warning is all that libarchive says of a checksum that does not fit (7-Zip, LZH).
"""

import ctypes
import locale
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from guard.extract.budget import Budget
from guard.extract.pieces import UnreadError
from guard.model.extract import Reason

try:
    from libarchive.ffi import libarchive as _library
except (ImportError, OSError, TypeError, AttributeError):
    _library = None  # the system has none: archives are `UNSUPPORTED`, and all else is read

_OK: Final = 0
_EOF: Final = 1
_WARN: Final = -20
_CHUNK: Final = 1024 * 1024
_FILE_TYPE: Final = 0o170000
_DIRECTORY: Final = 0o040000
_REGULAR: Final = 0o100000
_POINTER: Final = ctypes.c_void_p
_NOT_READ: Final = ("unsupported", "not supported", "unavailable", "unknown codec", "not available")
_LOCKED: Final = ("encrypt", "passphrase", "crypto")


def _function(name: str, result: Any, *arguments: Any) -> Any:
    if _library is None:
        return None
    # By index: an object of its own, so that libarchive-c's error checks are not on it.
    function = _library[f"archive_{name}"]
    function.restype = result
    function.argtypes = arguments
    return function


_read_new: Final = _function("read_new", _POINTER)
_read_free: Final = _function("read_free", ctypes.c_int, _POINTER)
_open_memory: Final = _function(
    "read_open_memory", ctypes.c_int, _POINTER, ctypes.c_char_p, ctypes.c_size_t
)
_set_options: Final = _function("read_set_options", ctypes.c_int, _POINTER, ctypes.c_char_p)
_add_passphrase: Final = _function("read_add_passphrase", ctypes.c_int, _POINTER, ctypes.c_char_p)
_next_header: Final = _function(
    "read_next_header", ctypes.c_int, _POINTER, ctypes.POINTER(_POINTER)
)
_read_data_block: Final = _function(
    "read_data_block",
    ctypes.c_int,
    _POINTER,
    ctypes.POINTER(_POINTER),
    ctypes.POINTER(ctypes.c_size_t),
    ctypes.POINTER(ctypes.c_longlong),
)
_error_string: Final = _function("error_string", ctypes.c_char_p, _POINTER)
_filter_bytes: Final = _function("filter_bytes", ctypes.c_longlong, _POINTER, ctypes.c_int)
_pathname: Final = _function("entry_pathname", ctypes.c_char_p, _POINTER)
_pathname_wide: Final = _function("entry_pathname_w", ctypes.c_wchar_p, _POINTER)
_hardlink: Final = _function("entry_hardlink", ctypes.c_char_p, _POINTER)
_symlink: Final = _function("entry_symlink", ctypes.c_char_p, _POINTER)
_file_type: Final = _function("entry_filetype", ctypes.c_int, _POINTER)
_size: Final = _function("entry_size", ctypes.c_longlong, _POINTER)
_size_is_set: Final = _function("entry_size_is_set", ctypes.c_int, _POINTER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What stands in the header of one file in an archive."""

    name: str | bytes
    """Octets where the archive does not say which encoding they are in."""

    link: bytes | None
    """Where a link points to; links are never followed."""

    regular: bool
    """Whether this may have content; a hard link may, in some formats."""

    folder: bool
    size: int | None
    """Octets, as the header says; `None` if it does not."""


class Unpacker:
    """An archive that is unpacked from its beginning to its end, once."""

    def __init__(self, handle: int, budget: Budget) -> None:
        self._handle = handle
        self._budget = budget
        self.damaged = False
        """libarchive warned of something, and went on."""

    def entries(self) -> Iterator[Entry]:
        """
        Give header after header; between them, `unpack` gives the file's octets.

        Raises:
            UnreadError: What follows cannot be read.
        """
        pointer = _POINTER()
        while (code := _next_header(self._handle, ctypes.byref(pointer))) != _EOF:
            self._check(code)
            wide = _pathname_wide(pointer)
            kind = _file_type(pointer) & _FILE_TYPE
            link = _hardlink(pointer) or _symlink(pointer)
            yield Entry(
                name=_pathname(pointer) or wide or b"",
                link=link,
                regular=kind in (_REGULAR, 0),
                folder=kind == _DIRECTORY,
                size=_size(pointer) if _size_is_set(pointer) else None,
            )

    def unpack(self, packed: int) -> Iterator[bytes]:
        """
        Unpack the file whose header was given last, which takes *packed* octets at most.

        Raises:
            UnreadError: The rest cannot be read, or is too much.
        """
        at = 0
        where, size, offset = _POINTER(), ctypes.c_size_t(), ctypes.c_longlong()
        while True:
            # Not read_data, which stops before it has looked at the checksum of a RAR file, and
            # throws away what it got when it comes to damage.
            code = _read_data_block(self._handle, where, size, offset)
            if code == _EOF:
                return
            self._check(code)
            for block in _with_hole(at, offset.value, where.value, size.value):
                at += len(block)
                self._budget.foresee(at, packed)
                self._budget.expand(len(block))
                yield block

    @property
    def consumed(self) -> int:
        """Octets of the archive that were used up to now, where it is read in order."""
        return int(_filter_bytes(self._handle, 0))

    def _check(self, code: int) -> None:
        if code >= _OK:
            return
        if code == _WARN:
            self.damaged = True
            return
        said = (_error_string(self._handle) or b"").decode("ascii", "replace").lower()
        if any(word in said for word in _LOCKED):
            raise UnreadError(Reason.ENCRYPTED)
        if any(word in said for word in _NOT_READ):
            raise UnreadError(Reason.UNSUPPORTED)
        raise UnreadError(Reason.CORRUPT)


def _with_hole(at: int, offset: int, where: int | None, size: int) -> Iterator[bytes]:
    """Give a block, and zeros in front of it where a sparse file has nothing, in small pieces."""
    while at < offset:
        yield bytes(min(_CHUNK, offset - at))
        at += _CHUNK
    if where and size:
        yield ctypes.string_at(where, size)


@contextmanager
def unpacking(
    octets: bytes,
    budget: Budget,
    *,
    formats: tuple[str, ...],
    filters: tuple[str, ...] = (),
    options: str = "",
    password: bytes = b"",
) -> Iterator[Unpacker]:
    """
    Open an archive that is known to be one of *formats*: libarchive is not left to guess.

    Raises:
        UnreadError: It is none of them (`CORRUPT`), or the system has no libarchive.
    """
    if _library is None:
        raise UnreadError(Reason.UNSUPPORTED)
    handle = _read_new()
    if not handle:
        raise MemoryError
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        # Without it, names that are not ASCII cannot be told.
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
        for kind, names in (("format", formats), ("filter", filters)):
            for name in names:
                _function(f"read_support_{kind}_{name}", ctypes.c_int, _POINTER)(handle)
        if options:
            _set_options(handle, options.encode("ascii"))
        if password:
            _add_passphrase(handle, password)
        if _open_memory(handle, octets, len(octets)) < _WARN:
            raise UnreadError(Reason.CORRUPT)
        yield Unpacker(handle, budget)
    finally:
        _read_free(handle)
        locale.setlocale(locale.LC_CTYPE, before)
