"""
What systemd gives a service and is told by it: `sd_listen_fds(3)` and `sd_notify(3)`.

Both come in the environment. They are taken out of it, so that no child speaks or listens for us.
"""

import contextlib
import os
import re
import socket
import time
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Final

from guard.model.errors import SettingsError
from guard.problems import Problem

FIRST_DESCRIPTOR: Final = 3
"""Where the sockets that were handed over begin (``SD_LISTEN_FDS_START``)."""

PATIENCE_S: Final = 1.0
"""Seconds that a message waits for room in a full queue, before it is let go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceManager:
    """Who started us and wants to know how we are: systemd, or nobody."""

    address: str | bytes | None = None
    """Of its datagram socket; `None`: there is none, and nothing that is said goes anywhere."""

    beat_s: float | None = None
    """Seconds between signs of life: half of what it waits for one. `None`: it waits for none."""

    @classmethod
    def of(cls, environ: MutableMapping[str, str]) -> "ServiceManager":
        """Take its wishes out of *environ*."""
        path = environ.pop("NOTIFY_SOCKET", "")
        microseconds = environ.pop("WATCHDOG_USEC", "")
        whose = environ.pop("WATCHDOG_PID", "") or str(os.getpid())
        if path[:1] not in {"/", "@"}:  # vsock: is for virtual machines
            return cls()
        waits = microseconds.isdecimal() and int(microseconds) > 0 and whose == str(os.getpid())
        return cls(
            # An abstract name: the kernel's begin with NUL (unix(7)).
            address=b"\0" + os.fsencode(path[1:]) if path.startswith("@") else path,
            beat_s=int(microseconds) / 2_000_000 if waits else None,
        )

    def ready(self, status: str = "") -> None:
        """Say that we serve, at the start and after `reloading`; *status* is for people."""
        self._tell("READY=1", *([f"STATUS={status}"] if status else []))

    def reloading(self) -> None:
        """Say that settings are read again; `ready` ends this."""
        now = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        self._tell("RELOADING=1", f"MONOTONIC_USEC={now}")

    def stopping(self) -> None:
        """Say that we end by ourselves."""
        self._tell("STOPPING=1", "STATUS=running work is finished")

    def alive(self) -> None:
        """Give a sign of life; due every `beat_s` seconds."""
        self._tell("WATCHDOG=1")

    def status(self, text: str) -> None:
        """Say in a line how things stand."""
        self._tell(f"STATUS={text}")

    def _tell(self, *lines: str) -> None:
        if self.address is None:
            return
        # It may be gone for a moment, as when it is upgraded: no reason to end.
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as way,
        ):
            way.settimeout(PATIENCE_S)
            way.sendto("\n".join(lines).encode(), self.address)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inherited:
    """A socket that systemd opened for us."""

    name: str
    """Of the unit or its ``FileDescriptorName=``."""

    socket: socket.socket


def inherited(environ: MutableMapping[str, str]) -> tuple[Inherited, ...]:
    """
    Take over the sockets that *environ* tells of; none if they are for another process.

    Raises:
        SettingsError: It tells of what is no socket, or not of how many there are.
    """
    count = environ.pop("LISTEN_FDS", "")
    names = environ.pop("LISTEN_FDNAMES", "").split(":")
    if environ.pop("LISTEN_PID", "") != str(os.getpid()):
        return ()
    if not re.fullmatch("[0-9]{1,9}", count):
        raise _wrong("is no number")
    found: list[Inherited] = []
    for place in range(int(count)):
        descriptor = FIRST_DESCRIPTOR + place
        name = names[place] if place < len(names) else ""
        try:
            os.set_inheritable(descriptor, False)
            sock = socket.socket(fileno=descriptor)
        except OSError:
            for each in found:
                each.socket.close()
            raise _wrong(f"is {count}, but descriptor {descriptor} is no socket") from None
        found.append(Inherited(name=name or "unknown", socket=sock))
    return tuple(found)


def _wrong(message: str) -> SettingsError:
    hint = "let systemd set it, by the .socket unit of the service"
    return SettingsError([Problem(file="LISTEN_FDS", line=0, message=message, hint=hint)], {})
