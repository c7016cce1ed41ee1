"""Held mail as commands reach it: in the store of the settings, by the number that people see."""

import os
import pwd
import socket
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

from guard.cli.errors import FOUND_PROBLEMS, fail
from guard.model.errors import NoSuchHoldError
from guard.model.hold import Hold

if TYPE_CHECKING:
    from guard.config import Settings
    from guard.store.holds import SqlHoldStore
    from guard.store.opening import Ground
    from guard.store.outbox import SqlOutbox


def ground_of(settings: "Settings") -> AbstractAsyncContextManager["Ground"]:
    """Open database and key ring."""
    from guard.store.opening import opened

    return opened(settings.store.url, settings.store.key_file)


def store_on(ground: "Ground") -> tuple["SqlHoldStore", "SqlOutbox"]:
    """Give held mail and outbox."""
    from guard.store.holds import SqlHoldStore
    from guard.store.outbox import SqlOutbox

    outbox = SqlOutbox(ground.database)
    return SqlHoldStore(ground.database, ground.keys, outbox), outbox


async def named(ground: "Ground", number: str) -> Hold:
    """Give the held mail with *number*, however it was typed, or end the command."""
    try:
        return await store_on(ground)[0].by_number(whole(number))
    except NoSuchHoldError:
        fail(f"no held mail has the number {whole(number)}", FOUND_PROBLEMS)


def whole(number: str) -> str:
    """Write a number as it stands in mails, however somebody typed it: ``H-7K3Q-M2``."""
    bare = number.upper().removeprefix("H-").replace("-", "")
    return f"H-{bare[:4]}-{bare[4:]}"


def administrator() -> str:
    """Say who sits at this terminal, as the audit log names them."""
    try:
        # Not what LOGNAME says, which anybody can set.
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a user id without a name, as in a container
        name = str(os.getuid())
    return f"admin:{name}@{socket.gethostname()}"
