"""What a child cannot do, whatever the octets in it make it try."""

import platform
import socket
import subprocess
import sys
from pathlib import Path

from guard.sandbox import Sandbox, seccomp
from guard.sandbox.nursery import KEPT_FROM

START = """
import os, socket, sys, ctypes, threading
from guard.sandbox import seccomp
from guard.sandbox.confinement import confine, leave_network, renounce
from guard.sandbox.landlock import leave_files

def refused(call):
    try:
        call()
    except OSError as error:
        return error.errno
    return 0
"""


def probe(code: str, *arguments: str) -> int:
    """Run *code* in a process of its own; give its exit code."""
    return subprocess.run([sys.executable, "-c", START + code, *arguments], check=False).returncode


def test_limits(tmp_path: Path) -> None:
    """It cannot write a file, reach the network or see the environment."""
    code = """
cut = leave_network()
renounce()
pid = os.fork()
if pid:
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
confine(memory_bytes=1 << 30, cpu_s=5, parent=os.getppid())
assert not os.environ

def write():
    with open(sys.argv[2], "wb", buffering=0) as file:
        file.write(b"x")

assert refused(write)
if cut:
    assert refused(lambda: socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=5))
assert "NoNewPrivs:\\t1" in open("/proc/self/status").read()
"""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        assert probe(code, port, str(tmp_path / "probe")) == 0


def test_calls() -> None:
    """No socket, program, process or signal; threads, and all that reading takes, go on."""
    assert seccomp.program() is not None, f"no list of calls for {platform.machine()}"
    code = """
import errno
renounce()
if not seccomp.works():
    sys.exit(0)
assert seccomp.install(seccomp.program())
assert refused(socket.socket) == errno.EPERM
assert refused(os.fork) == errno.EPERM
assert refused(lambda: os.execv(sys.executable, ["python"])) == errno.EPERM
assert refused(lambda: os.kill(os.getppid(), 0)) == errno.EPERM
assert refused(lambda: os.truncate('/nowhere/at/all', 0)) == errno.EPERM
assert refused(lambda: os.chmod('/nowhere/at/all', 0o755)) == errno.EPERM
assert ctypes.CDLL(None, use_errno=True).syscall(234, os.getppid(), os.getppid(), 0) == -1
assert ctypes.CDLL(None).ptrace(0, 0, 0, 0) == -1
ran = []
thread = threading.Thread(target=lambda: ran.append(open(sys.executable, "rb").read(4)))
thread.start()
thread.join()
assert ran
"""
    assert probe(code) == 0


def test_a_filter_that_is_none_is_not_believed() -> None:
    assert seccomp.install(b"") is False


async def test_other_files(tmp_path: Path) -> None:
    """Keys and mail lie where only the guard's user can read, which is the reader's user too."""
    (tmp_path / "guard.key").write_text("secret")
    code = """
import errno
renounce()
if not leave_files():
    sys.exit(77)
assert refused(lambda: open(sys.argv[1])) == errno.EACCES
assert refused(lambda: os.listdir("/etc")) == errno.EACCES
import xml.dom.minidom  # what is not imported yet can be
with open(os.devnull, "r+"):
    pass
"""
    no_landlock = 77  # as on kernels before 5.13
    assert probe(code, str(tmp_path / "guard.key")) in {0, no_landlock}


async def test_the_sandbox_says_what_it_cannot_do() -> None:
    """Whatever this system is, what is not kept from is some of all there is."""
    sandbox = Sandbox(slots=1)
    assert sandbox.not_kept_from == KEPT_FROM
    await sandbox.start()
    try:
        missing = sandbox.not_kept_from
        assert missing < KEPT_FROM
        assert ("calls" in missing) is not seccomp.works()
    finally:
        await sandbox.stop()
