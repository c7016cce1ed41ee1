"""What judging asks, opened together: the sandbox, the contacts and the lists."""

import asyncio
import math
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import structlog

from guard.app.list_nightly import keeping_lists
from guard.app.nightly import nightly
from guard.config import Settings
from guard.detect.channel import read_channel
from guard.examine import Knowledge
from guard.sandbox import Limits, ReadersAtOnce, RememberedReaders, Sandbox
from guard.store.contacts import ContactStore
from guard.store.lists import ListFolder
from guard.store.opening import Ground
from guard.store.private import require_private_folder
from guard.store.suspicions import SqlSuspicions

log = structlog.get_logger()


@asynccontextmanager
async def knowledge_of(
    settings: Settings,
    ground: Ground,
    *,
    keeps_up: bool = False,
    forget_after: Callable[[], timedelta] | None = None,
    sources: Callable[[], Sequence[str]] = tuple,
) -> AsyncIterator[Knowledge]:
    """
    Open it for the block.

    Where it *keeps_up*, the sources of contacts and lists are read when they are due, and the
    suspicions of late again and again.

    Contacts to whom nobody wrote for *forget_after* are forgotten meanwhile. Of the sources of
    contacts only *sources* are read, all where that is empty.

    Raises:
        StoreError: The contacts cannot be read, or others can open the folder of lists.
        RuntimeError: The processes that open attachments did not come up.
    """
    require_private_folder(settings.lists.folder)
    key_id, key = ground.keys.current("lists")
    lists = ListFolder(
        settings.lists.folder,
        key,
        key_id,
        database=ground.database,
        older=lambda older_id: ground.keys.get("lists", older_id),
    )
    # The workers of a guard share the processors.
    sandbox = Sandbox(
        slots=math.ceil((os.cpu_count() or 1) / settings.workers),
        limits=Limits(ocr_pages=settings.attachments.ocr_pages),
    )
    async with AsyncExitStack() as parts:
        parts.push_async_callback(sandbox.stop)
        starting = asyncio.create_task(
            sandbox.start()
        )  # half a second, in which the rest is opened
        parts.callback(starting.cancel)
        contacts = await ContactStore.open(
            ground.database,
            forget_after=forget_after,
            # Of the oldest subkey: what was learned before a rotation goes on to be known.
            file_key=lambda: ground.keys.first("lists"),
        )
        parts.push_async_callback(contacts.close)
        channel = read_channel(settings.contacts.weights)
        suspicions = await SqlSuspicions.open(ground.database, channel, keeps_up=keeps_up)
        parts.push_async_callback(suspicions.close)
        await starting
        if keeps_up:
            if missing := sandbox.not_kept_from:
                log.warning("sandbox.weak", not_kept_from=sorted(missing))
            await parts.enter_async_context(
                nightly(settings, contacts, ground.database, named=sources)
            )
            await parts.enter_async_context(keeping_lists(settings, ground.keys, ground.database))
        yield Knowledge(
            readers=RememberedReaders(ReadersAtOnce(sandbox)),
            contacts=contacts,
            lists=lists,
            channel=channel,
            suspicions=suspicions,
        )
