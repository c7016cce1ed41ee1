"""``guard policy show``: which policy runs where, and what it says with every default filled."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from guard.cli.errors import AWAY, fail
from guard.cli.options import config_option, json_option
from guard.cli.policy_path import policy_path
from guard.cli.stored import ground_of
from guard.model.errors import SettingsError
from guard.policy import Policy
from guard.policy.effective import Group, Items, Leaf, Tree, effective, lines
from guard.policy.load import read
from guard.problems import Level

if TYPE_CHECKING:
    from guard.policy.document import Node
    from guard.store.policy_processes import Process

COLUMN = 48
"""Where the origins stand, for lines that are not longer."""


@click.command()
@click.argument("path", type=policy_path, required=False)
@click.option("--effective", "whole", is_flag=True, help="Every setting, with where it comes from.")
@json_option
@config_option
def show(path: Path | None, *, whole: bool, as_json: bool, config: Path) -> None:
    """
    Say which policy each running guard has; with --effective, print the policy itself.

    That has every default filled, and exceptions of the database where no PATH is given; each value
    says where it comes from. It is YAML that loads again. Without PATH it is what the settings
    name, which a running guard has too, unless something is wrong with it.
    """
    if not whole and path is None:
        _show_running(config, as_json=as_json)
        return
    policy, root = _read(path, config)
    tree = effective(policy, root)
    if as_json:
        told = {"policy": policy.hash, "settings": _as_dict(tree)}
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    click.echo(f"# policy {policy.hash}")
    for line, origin in lines(tree):
        click.echo(f"{line:<{COLUMN}}  # {origin}" if origin else line)


def _read(path: Path | None, config: Path) -> "tuple[Policy, Node]":
    """Read a policy; that of the settings with the exceptions of the database."""
    settings = None
    if path is None:
        from guard.config import load

        settings = load(config)
        here = Path.cwd()
        path = settings.policies
        path = path.relative_to(here) if path.is_relative_to(here) else path
    reading = read(path)
    if reading.policy is None or reading.tree is None:
        wrong = [problem for problem in reading.problems if problem.level is Level.ERROR]
        raise SettingsError(wrong, reading.sources)
    policy = reading.policy
    if settings is not None:
        from guard.app.granted import with_exceptions

        policy = asyncio.run(with_exceptions(settings, policy))
    return policy, reading.tree


def _show_running(config: Path, *, as_json: bool) -> None:
    running = asyncio.run(_running(config))
    for each in running:
        if as_json:
            click.echo(json.dumps(process_as_dict(each), ensure_ascii=False))
            continue
        since = each.loaded_at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
        click.echo(
            f"{each.node}  process {each.pid}: policy {each.policy}, mode {each.mode},"
            f" loaded {since}"
        )
        for problem in each.problems:
            click.echo(f"    the newer one is refused: {problem}")
    if not running:
        fail("no guard runs on this store; guard policy show --effective reads the files", AWAY)


async def _running(config: Path) -> "Sequence[Process]":
    from guard.config import load
    from guard.store.policy_processes import PolicyProcesses

    async with ground_of(load(config)) as ground:
        return await PolicyProcesses(ground.database).alive()


def process_as_dict(process: "Process") -> dict[str, Any]:
    """Give what ``--json`` prints of one process of a running guard."""
    return {
        "node": process.node,
        "pid": process.pid,
        "policy": process.policy,
        "mode": process.mode,
        "loaded_at": process.loaded_at.isoformat(timespec="seconds"),
        "problems": list(process.problems),
    }


def _as_dict(tree: Tree) -> Any:
    match tree:
        case Leaf(value, origin):
            return {"value": value, "origin": origin}
        case Group(parts):
            return {name: _as_dict(part) for name, part in parts.items()}
        case Items(several):
            return [_as_dict(part) for part in several]
