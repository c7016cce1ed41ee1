"""
Which system calls a child may make: a seccomp filter ([seccomp(2)]), built once, in the zygote.

No reader opens a socket, starts a program or a process, looks into another, or asks the kernel for
anything rare. Such a call fails with EPERM, as it would for want of a privilege.
"""

import ctypes
import errno
import platform
import struct
from typing import Final

from guard.sandbox.kernel import prctl

_PR_SET_SECCOMP: Final = 22
_SECCOMP_MODE_FILTER: Final = 2

_ALLOW: Final = 0x7FFF_0000
_ERRNO: Final = 0x0005_0000
_KILL: Final = 0x8000_0000

_LOAD: Final = 0x20
_JUMP_EQUAL: Final = 0x15
_JUMP_GREATER: Final = 0x35
_JUMP_BITS: Final = 0x45
_RETURN: Final = 0x06

_NUMBER_AT: Final = 0
_ARCH_AT: Final = 4
_FIRST_ARGUMENT_AT: Final = 16
"""In ``struct seccomp_data``; the machines below are little-endian, so these are the low halves."""

_CLONE_THREAD: Final = 0x0001_0000
_X32: Final = 0x4000_0000
"""Numbers from here on are the same calls again under the x32 interface of x86-64."""

_INSTRUCTION: Final = struct.Struct("HBBI")

_FORBIDDEN: Final = {
    "x86_64": (
        0xC000_003E, 56,
        (41, 42, 43, 49, 50, 53, 288, 57, 58, 59, 322, 62, 101, 155, 161, 165, 166, 175, 246, 248,
         249, 250, 272, 298, 304, 308, 310, 311, 313, 319, 321, 323, 425, 429, 430, 438, 442,
         76, 77, 90, 91, 92, 93, 94, 132, 188, 189, 190, 235, 260, 261, 268, 280, 85, 133, 200,
         234, 129, 297, 424, 302, 141, 203, 29, 64, 68),
    ),
    "aarch64": (
        0xC000_00B7, 220,
        (198, 199, 200, 201, 202, 203, 242, 221, 281, 129, 117, 39, 40, 41, 51, 97, 104, 105, 217,
         218, 219, 241, 265, 268, 270, 271, 273, 279, 280, 282, 425, 429, 430, 438, 442,
         45, 46, 52, 53, 54, 55, 88, 5, 6, 7, 130, 131, 138, 240, 424, 261, 140, 122, 194, 186,
         190),
    ),
}  # fmt: skip
"""
Audit number of the machine, its ``clone``, and what is refused.

Sockets: socket, socketpair, connect, bind, listen, accept, accept4. Programs and processes: fork,
vfork, execve, execveat, kill, ptrace, process_vm_readv, process_vm_writev, pidfd_getfd. The system:
mount, umount2, pivot_root, chroot, setns, unshare, init_module, finit_module, kexec_load, bpf,
perf_event_open, userfaultfd, io_uring_setup, memfd_create, open_by_handle_at, add_key,
request_key, keyctl, open_tree, move_mount, mount_setattr. What needs no descriptor that may write:
truncate, ftruncate, chmod, chown, utime, setxattr, creat, mknod and their kin. Other ways to a
process: tkill, tgkill, sigqueue, pidfd_send_signal, prlimit, setpriority, sched_setaffinity; memory
and queues that outlive a child.
"""

_CLONE3: Final = 435
"""Its flags cannot be looked at; the C library goes back to ``clone`` where it is unknown."""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def program() -> bytes | None:
    """Build the filter for this machine, or `None` for one that is not known here."""
    known = _FORBIDDEN.get(platform.machine())
    if known is None:
        return None
    audit, clone, forbidden = known
    code = [
        _INSTRUCTION.pack(_LOAD, 0, 0, _ARCH_AT),
        _INSTRUCTION.pack(_JUMP_EQUAL, 1, 0, audit),
        _INSTRUCTION.pack(_RETURN, 0, 0, _KILL),
        _INSTRUCTION.pack(_LOAD, 0, 0, _NUMBER_AT),
        *_when(_JUMP_GREATER, _X32, errno.ENOSYS),
        *_when(_JUMP_EQUAL, _CLONE3, errno.ENOSYS),
    ]
    for number in forbidden:
        code += _when(_JUMP_EQUAL, number, errno.EPERM)
    code += [
        _INSTRUCTION.pack(_JUMP_EQUAL, 1, 0, clone),
        _INSTRUCTION.pack(_RETURN, 0, 0, _ALLOW),
        _INSTRUCTION.pack(_LOAD, 0, 0, _FIRST_ARGUMENT_AT),
        _INSTRUCTION.pack(_JUMP_BITS, 1, 0, _CLONE_THREAD),  # a thread, not a process
        _INSTRUCTION.pack(_RETURN, 0, 0, _ERRNO | errno.EPERM),
        _INSTRUCTION.pack(_RETURN, 0, 0, _ALLOW),
    ]
    return b"".join(code)


def _when(test: int, value: int, error: int) -> tuple[bytes, bytes]:
    """Refuse with *error* where the test holds; the accumulator stays."""
    return (
        _INSTRUCTION.pack(test, 0, 1, value),
        _INSTRUCTION.pack(_RETURN, 0, 0, _ERRNO | error),
    )


def works() -> bool:
    """Tell whether this system filters calls, by asking for a filter that is none."""
    # A filter at no address is refused with EFAULT where there are filters, else with EINVAL.
    return prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, None) == errno.EFAULT


def install(code: bytes) -> bool:
    """Put the filter on this thread for good (``no_new_privs`` is set); say whether it worked."""
    given = _Program(len(code) // _INSTRUCTION.size, code)
    return prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(given)) == 0
