"""The demo's stage: a guard that knows sample people and lists, a catcher behind, a page beside."""

import json
import tomllib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from guard.app.running import Guard
from guard.config import Settings
from guard.demo.catcher import Catcher, catching
from guard.demo.customers import as_csv, customers
from guard.demo.journal import Journal
from guard.demo.page import create_page
from guard.demo.people import DOMAIN, history, ties
from guard.demo.ports import ANY, HOST, Ports, free, unused
from guard.demo.words import Language
from guard.lists.build import build
from guard.lists.sources import source
from guard.policy import load, shipped
from guard.store.contacts import ContactStore
from guard.store.opening import opened
from guard.web.server import WebServer

SETTINGS: Final = """\
policies = {policies}
drain_s = 2

[[listen]]
address = "{host}:{mail_in}"

[upstream]
address = "{host}:{mail_out}"

[web]
address = "{host}:{confirm}"
public_url = "http://{host}:{confirm}"

[store]
url = {database}
key_file = {key_file}

[lists]
folder = {lists}

[admin]
address = "{host}:0"

[notices]
from = "Guard <guard@{domain}>"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A running demo."""

    journal: Journal
    catcher: Catcher
    mail_in: tuple[str, int]
    mail_out: tuple[str, int]
    page: str
    """Host and port."""

    contacts: int
    customers: int
    rules: int


@asynccontextmanager
async def staged(
    folder: Path, journal: Journal, *, ports: Ports = ANY, language: Language = "en"
) -> AsyncIterator[Stage]:
    """
    Set everything up in *folder* and take it down after the block; the folder is left as it is.

    A port that is taken moves to the next free one.
    """
    catcher = Catcher()
    async with AsyncExitStack() as parts:
        mail_out = await parts.enter_async_context(catching(catcher, HOST, free(ports.mail_out)))
        settings = _settings(folder, ports, mail_out[1])
        known, rows = await _stock(settings, folder)
        guard = await Guard.start(settings, observer=journal.observe)
        parts.push_async_callback(guard.stop)
        mail_in = guard.submission_addresses[0]
        page = WebServer(
            create_page(
                journal,
                catcher,
                mail_in=mail_in,
                confirm_url=settings.web.public_url or "",
                language=language,
            ),
            f"{HOST}:{free(ports.page)}",
        )
        await page.start()
        parts.push_async_callback(page.stop)
        policy = load(settings.policies)
        yield Stage(
            journal=journal,
            catcher=catcher,
            mail_in=mail_in,
            mail_out=mail_out,
            page=page.address,
            contacts=known,
            customers=rows,
            rules=len(policy.rules),
        )


def _settings(folder: Path, ports: Ports, mail_out: int) -> Settings:
    """Write a guard.toml that the other commands can be used with, and give what it says."""
    text = SETTINGS.format(
        policies=_quoted(shipped()),
        database=_quoted(f"sqlite:///{folder}/guard.db"),
        key_file=_quoted(folder / "guard.key"),
        lists=_quoted(folder / "lists"),
        host=HOST,
        domain=DOMAIN,
        mail_in=free(ports.mail_in),
        mail_out=mail_out,
        confirm=free(ports.confirm) or unused(),
    )
    (folder / "guard.toml").write_text(text, "utf-8")
    # Not `config.load`: the visitor's own GUARD_… variables have no say here.
    return Settings.model_validate(tomllib.loads(text))


def _quoted(value: object) -> str:
    """Give a TOML string; its escapes are those of JSON."""
    return json.dumps(str(value), ensure_ascii=False)


async def _stock(settings: Settings, folder: Path) -> tuple[int, int]:
    """Fill contacts and customer list as an administrator would; gives how many of each."""
    now = datetime.now(UTC)
    known = ties()
    table = folder / "customers.csv"
    table.write_text(as_csv(customers()), "utf-8")
    async with opened(settings.store.url, settings.store.key_file) as ground:
        contacts = await ContactStore.open(ground.database)
        try:
            await contacts.add([each.contact for each in known])
            await contacts.learn_many(history(known, now=now))
        finally:
            await contacts.close()
        key_id, key = ground.keys.current("lists")
        with source(table) as rows:
            imported = build(
                rows.rows,
                rows.columns,
                folder=settings.lists.folder,
                name="customers",
                key=key,
                key_id=key_id,
                now=now,
            )
    return len(known), imported.kept
