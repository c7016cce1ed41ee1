"""
The process that children are forked from: ``python -m guard.sandbox.zygote FD MEMORY CPU``.

Single-threaded, with the readers imported. It talks with the guard over a SOCK_SEQPACKET pair, one
JSON object a packet: ``{"fork": 1}`` and ``{"kill": PID}`` come in; ``{"kept_from": […]}`` (once:
what the system keeps children from), ``{"born": PID}`` (with the guard's end of the child's socket)
and ``{"ended": PID, "status": …}`` go out. When the guard is
gone it ends, and its children with it.
"""

import gc
import json
import os
import selectors
import signal
import socket
import sys
from typing import Final

from guard.sandbox import seccomp, worker
from guard.sandbox.confinement import confine, leave_network, renounce
from guard.sandbox.landlock import leave_files

_PACKET: Final = 4096
_CODECS: Final = (
    "utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "utf-7", "ascii",
    "cp437", "cp932", "cp949", "cp950", "cp1252", "cp1254", "cp874", "iso2022_jp", "euc_jp",
    "euc_jis_2004", "gb18030", "big5hkscs", "iso8859_8", "koi8-r", "cp1251", "hz",
)  # fmt: skip
"""Python imports codecs on demand; children should find them imported."""


class Zygote:
    """Forks, kills and buries children, as the guard says."""

    def __init__(
        self, control: socket.socket, *, memory_bytes: int, cpu_s: int, calls: bytes | None
    ) -> None:
        self._control = control
        self._calls = calls
        self._memory_bytes = memory_bytes
        self._cpu_s = cpu_s
        self._selector = selectors.DefaultSelector()
        self._children: dict[int, int] = {}
        """Process id to pidfd."""

    def run(self) -> None:
        """Serve until the guard closes its end."""
        self._selector.register(self._control, selectors.EVENT_READ)
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is not self._control:
                    self._bury(key.data)
                elif packet := self._control.recv(_PACKET):
                    self._obey(json.loads(packet))
                else:
                    return

    def kill_all(self) -> None:
        """Leave no child behind."""
        for pid in tuple(self._children):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)

    def _obey(self, order: dict[str, int]) -> None:
        if "fork" in order:
            self._fork()
        elif order.get("kill") in self._children:
            os.kill(order["kill"], signal.SIGKILL)

    def _fork(self) -> None:
        theirs, ours = socket.socketpair()
        zygote = os.getpid()
        pid = os.fork()
        if pid == 0:
            self._live(ours, zygote)
        ours.close()
        pidfd = os.pidfd_open(pid)
        self._children[pid] = pidfd
        self._selector.register(pidfd, selectors.EVENT_READ, data=pid)
        socket.send_fds(self._control, [json.dumps({"born": pid}).encode()], [theirs.fileno()])
        theirs.close()

    def _live(self, connection: socket.socket, zygote: int) -> None:
        """Be a child. Never returns."""
        status = 1
        try:
            os.dup2(connection.fileno(), 3)
            os.closerange(4, os.sysconf("SC_OPEN_MAX"))
            quiet = os.open(os.devnull, os.O_RDWR)
            for standard in (0, 1, 2):  # a panic of native code prints what it read
                os.dup2(quiet, standard)
            os.close(quiet)
            confine(memory_bytes=self._memory_bytes, cpu_s=self._cpu_s, parent=zygote)
            if self._calls is not None and not seccomp.install(self._calls):
                return  # it was told that children are confined like that
            worker.serve(socket.socket(fileno=3))
            status = 0
        finally:
            os._exit(status)

    def _bury(self, pid: int) -> None:
        pidfd = self._children.pop(pid)
        self._selector.unregister(pidfd)
        os.close(pidfd)
        _, status = os.waitpid(pid, 0)
        self._control.send(json.dumps({"ended": pid, "status": status}).encode())


def main(control_fd: int, memory_bytes: int, cpu_s: int) -> None:
    """Run a zygote on an inherited socket."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the guard's business
    for name in _CODECS:
        "".encode(name)
    renounce()
    calls = seccomp.program() if seccomp.works() else None
    control = socket.socket(fileno=control_fd)
    kept = {"network": leave_network(), "files": leave_files(), "calls": calls is not None}
    ready = {"kept_from": [name for name, done in kept.items() if done]}
    try:
        control.send(json.dumps(ready).encode())
    except OSError:
        return  # the guard went away while we came up
    # What is alive now stays: the collector need not touch, and so copy, its pages in each child.
    gc.collect()
    gc.freeze()
    zygote = Zygote(control, memory_bytes=memory_bytes, cpu_s=cpu_s, calls=calls)
    try:
        zygote.run()
    except OSError:
        pass  # the guard went away in the middle of a word
    finally:
        zygote.kill_all()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))
