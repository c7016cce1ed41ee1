"""What a process gives up before it opens a stranger's file (Linux; elsewhere, what there is)."""

import os
import resource
import signal
from typing import Final

from guard.sandbox.kernel import prctl, unshare

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_DUMPABLE: Final = 4
_PR_SET_NO_NEW_PRIVS: Final = 38
_CLONE_NEWUSER: Final = 0x1000_0000
_CLONE_NEWNET: Final = 0x4000_0000

_FILES: Final = 64


def leave_network() -> bool:
    """
    Move into a network namespace with nothing in it; say whether the system allowed it.

    Unprivileged processes need a user namespace for it, which some systems forbid.
    """
    return any(unshare(flags) == 0 for flags in (_CLONE_NEWNET, _CLONE_NEWUSER | _CLONE_NEWNET))


def renounce() -> None:
    """Gain no privilege any more by whatever program is started; children inherit it."""
    prctl(_PR_SET_NO_NEW_PRIVS, 1)


def confine(*, memory_bytes: int, cpu_s: int, parent: int) -> None:
    """
    Give up what a reader does not need, for good.

    The process dies with *parent*, cannot write a file or start a process, leaves no core, and is
    killed by the kernel beyond its memory and processor time.
    """
    prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    prctl(_PR_SET_DUMPABLE, 0)
    if os.getppid() != parent:
        os._exit(1)  # the parent died before the kernel was told to watch it
    os.environ.clear()
    os.chdir("/")
    for which, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_FSIZE, 0),  # no reader writes files; one that is taken over cannot either
        (resource.RLIMIT_NOFILE, _FILES),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        _, hard = resource.getrlimit(which)
        soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
        # A hard limit of processor time kills; the soft one, a second before, says why.
        spare = 1 if which == resource.RLIMIT_CPU and hard == resource.RLIM_INFINITY else 0
        resource.setrlimit(which, (soft, soft + spare))
