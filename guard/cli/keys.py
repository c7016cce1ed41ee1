"""``guard keys``: the subkeys of the key file, which rotate alone."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar

import click

from guard.cli.errors import FOUND_PROBLEMS, fail
from guard.cli.options import config_option, json_option
from guard.cli.stored import administrator, ground_of

if TYPE_CHECKING:
    from guard.config import Settings
    from guard.ports import AuditEntry
    from guard.store.keys import Purpose
    from guard.store.opening import Ground

T = TypeVar("T")

PURPOSES: Final = ("holds", "links", "lists", "logs")
"""As `guard.store.keys` has them, which is not imported for ``guard keys --help``."""

_PURPOSE: Final = click.Choice(PURPOSES)


@click.group()
def keys() -> None:
    """
    Look after the key file: holds, links, lists and logs have subkeys of their own.

    A new subkey seals what is new; the ones before go on opening what they sealed, until nothing
    needs them and they are retired.
    """


@keys.command("list")
@json_option
@config_option
def list_(*, as_json: bool, config: Path) -> None:
    """Show every subkey, and how many held mails, open links or lists need it."""
    for row in _on(config, _listed):
        if as_json:
            click.echo(json.dumps(row, ensure_ascii=False))
        else:
            used = "-" if row["used"] is None else row["used"]
            line = (row["purpose"], row["id"], row["state"], row["created"], used)
            click.echo("\t".join(map(str, line)))


@keys.command()
@click.argument("purpose", type=_PURPOSE)
@config_option
def rotate(*, purpose: Any, config: Path) -> None:
    """
    Make a new active subkey for PURPOSE; the one before opens what it sealed.

    A running guard takes it when it is reloaded (SIGHUP). Of several nodes give every one the new
    file first, and reload them then.
    """

    async def rotated(ground: "Ground", settings: "Settings") -> None:
        from guard.store.key_use import listed
        from guard.store.rotation import rotate as change

        before, fresh = change(settings.store.key_file, purpose)
        await _note(ground, "keys.rotated", purpose, fresh.id)
        click.echo(f"{purpose}: {fresh.id} is active, {before.id} still opens", err=True)
        _remind(settings)
        if purpose == "lists" and (old := listed(settings.lists.folder)):
            names = ", ".join(sorted(name for each in old.values() for name in each))
            click.echo(
                f"the fingerprints of {names} stay under their old key, and are searched as ever, "
                "until each list is imported again: guard lists import NAME FILE",
                err=True,
            )

    _on(config, rotated)


@keys.command()
@click.argument("purpose", type=_PURPOSE)
@click.argument("key_id", metavar="ID")
@click.option("--force", is_flag=True, help="Give up what still needs it.")
@config_option
def retire(*, purpose: Any, key_id: str, force: bool, config: Path) -> None:
    """
    Take a subkey out of the key file for good. Ends with 1 while something needs it.

    With --force: every link that a subkey for links made stops working; held mail that is over and
    sealed with a subkey for holds is forgotten, its octets with it, while the audit log stays. Mail
    that is not over yet always keeps its key. The active subkey stays: rotate first. Reload every
    guard after the rotation and before this.
    """

    async def retired(ground: "Ground", settings: "Settings") -> None:
        from guard.store import rotation

        path = settings.store.key_file
        with rotation.changing(path) as ring:
            subkey = rotation.find(ring, purpose, key_id)
            if subkey is None:
                fail(f"there is no subkey “{key_id}” for {purpose}", FOUND_PROBLEMS)
            if subkey.state == "active":
                fail(f"“{key_id}” is active; first: guard keys rotate {purpose}", FOUND_PROBLEMS)
            await _make_free(ground, settings, purpose, key_id, force=force)
            rotation.write(path, rotation.without(ring, purpose, key_id))
            if purpose == "holds" and await _needing(ground, settings, purpose, key_id):
                rotation.write(path, ring)
                fail(
                    f"a running guard still seals with “{key_id}”, which stays; reload it (SIGHUP)",
                    FOUND_PROBLEMS,
                )
        await _note(ground, "keys.retired", purpose, key_id)
        click.echo(f"{purpose}: {key_id} is gone", err=True)
        _remind(settings)
        click.echo("older copies of the key file still have it: destroy them", err=True)

    _on(config, retired)


async def _make_free(
    ground: "Ground", settings: "Settings", purpose: "Purpose", key_id: str, *, force: bool
) -> None:
    """See to it that nothing needs a subkey, or end the command."""
    from guard.store.key_use import Sealed, forget_links, forget_sealed, sealed

    entry = _entry(key_id)
    if purpose == "holds":
        needing = (await sealed(ground)).get(key_id, Sealed())
        if needing.undecided:
            _refuse(key_id, f"{needing.undecided} held mails that are not over yet need it")
        lost = (
            f"{needing.whole} held mails with their octets, and what is known of "
            f"{needing.known} whose octets are destroyed"
        )
        if needing.all and not force:
            _refuse(key_id, f"with it would be lost: {lost} (--force)")
        await forget_sealed(ground, key_id, entry)
        if needing.all:
            click.echo(f"forgotten: {lost}", err=True)
        return
    count = await _needing(ground, settings, purpose, key_id)
    if purpose == "links":
        if count and not force:
            _refuse(key_id, f"links of {count} held mails were made with it (--force kills them)")
        if force:
            killed = await forget_links(ground, key_id, entry)
            click.echo(f"killed: the links of {killed} held mails", err=True)
            if count:
                click.echo(
                    f"{count} of them are not over, and their senders have no link to answer by; "
                    "decide for them: guard held list --state waiting",
                    err=True,
                )
    elif count:
        _refuse(key_id, f"{count} lists need it; import them again (guard lists status)")


async def _needing(
    ground: "Ground", settings: "Settings", purpose: "Purpose", key_id: str
) -> int | None:
    """Count what needs a subkey; `None` where nothing can."""
    from guard.store.key_use import Sealed, linked, listed, sealed

    match purpose:
        case "holds":
            return (await sealed(ground)).get(key_id, Sealed()).all
        case "links":
            return len((await linked(ground, ended=False)).get(key_id, ()))
        case "lists":
            return len(listed(settings.lists.folder).get(key_id, ()))
        case "logs":
            return None


async def _listed(ground: "Ground", settings: "Settings") -> list[dict[str, Any]]:
    from guard.store.keys import RingFile

    ring = RingFile.read(settings.store.key_file)
    return [
        {
            "purpose": purpose,
            "id": subkey.id,
            "state": subkey.state,
            "created": subkey.created.isoformat(timespec="seconds"),
            "used": await _needing(ground, settings, purpose, subkey.id),
        }
        for purpose, subkeys in ring.keys.items()
        for subkey in subkeys
    ]


def _refuse(key_id: str, why: str) -> NoReturn:
    fail(f"“{key_id}” stays: {why}", FOUND_PROBLEMS)


def _remind(settings: "Settings") -> None:
    click.echo(
        f"now copy {settings.store.key_file} to its backup and to every node, then reload each "
        "guard (SIGHUP)",
        err=True,
    )


def _entry(key_id: str) -> Callable[[str, str], "AuditEntry"]:
    from guard.ports import AuditEntry

    return lambda hold_id, event: AuditEntry(
        event=event,
        hold_id=hold_id,
        at=datetime.now(UTC),
        actor=administrator(),
        details={"key": key_id},
    )


async def _note(ground: "Ground", event: str, purpose: str, key_id: str) -> None:
    """Have it in the audit log, where it is of no single hold."""
    from guard.ports import AuditEntry
    from guard.store.audit import append

    entry = AuditEntry(
        event=event,
        hold_id="",
        at=datetime.now(UTC),
        actor=administrator(),
        details={"purpose": purpose, "key": key_id},
    )
    async with ground.database.write() as conn:
        await append(conn, entry)


def _on(config: Path, work: Callable[["Ground", "Settings"], Awaitable[T]]) -> T:
    """Do *work* on the store of the settings, whose key file must be there."""

    async def done() -> T:
        from guard.config import load
        from guard.store.keys import RingFile

        settings = load(config)
        RingFile.read(settings.store.key_file)  # or one would be made
        async with ground_of(settings) as ground:
            return await work(ground, settings)

    return asyncio.run(done())
