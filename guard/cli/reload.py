"""``guard reload``: running guards read policy, keys and certificates again, and say what came."""

import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from guard.cli.errors import AWAY, FOUND_PROBLEMS, TEMPORARY, fail
from guard.cli.options import config_option, json_option
from guard.cli.policy_show import process_as_dict

if TYPE_CHECKING:
    from guard.config import Settings
    from guard.store.policy_processes import PolicyProcesses, Process

LOOK_S: Final = 0.2


@click.command()
@click.option(
    "--wait",
    "wait_s",
    type=click.FloatRange(1, 600),
    default=20,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for an answer.",
)
@json_option
@config_option
def reload(*, wait_s: float, as_json: bool, config: Path) -> None:
    """
    Have every running guard on the store read policy, keys and certificates again, and wait.

    Ends with 0 and the hash of the policy that all have now; with 1 where the policy has errors,
    which are told, or where nodes have different ones; with 69 where none runs, and with 75 where
    one did not answer.
    """
    from guard.config import load

    done, silent = asyncio.run(_reloaded(load(config), wait_s))
    if as_json:
        for each in (*done, *silent):
            click.echo(json.dumps(process_as_dict(each), ensure_ascii=False))
    if not done and not silent:
        fail("no guard runs on this store", AWAY)
    problems = dict.fromkeys(problem for each in done for problem in each.problems)
    hashes = dict.fromkeys(each.policy for each in done)
    if problems:
        for problem in problems:
            click.echo(problem, err=True)
        fail(f"the policy was refused; still in force: {', '.join(hashes)}", FOUND_PROBLEMS)
    for each in silent:
        click.echo(f"guard: {each.node}, process {each.pid}: no answer", err=True)
    if len(hashes) > 1:
        for each in done:
            click.echo(f"{each.node}, process {each.pid}: policy {each.policy}", err=True)
        fail("the folders of the nodes have different policies", FOUND_PROBLEMS)
    if not as_json and done:
        count = len(done)
        click.echo(f"policy {done[0].policy} ({done[0].mode}) in {_many(count)}")
    sys.exit(TEMPORARY if silent else 0)


async def _reloaded(
    settings: "Settings", wait_s: float
) -> "tuple[Sequence[Process], Sequence[Process]]":
    """Ask, and give the processes that did it and those that were not heard."""
    from guard.cli.stored import ground_of
    from guard.store.policy_processes import PolicyProcesses

    async with ground_of(settings) as ground:
        running = PolicyProcesses(ground.database)
        if not await running.alive():
            return (), ()
        wish = await running.ask_reload()
        try:
            async with asyncio.timeout(wait_s):
                while (await _answers(running, wish))[1]:  # noqa: ASYNC110 -- another process
                    await asyncio.sleep(LOOK_S)
        except TimeoutError:
            pass
        return await _answers(running, wish)


async def _answers(
    running: "PolicyProcesses", wish: int
) -> "tuple[Sequence[Process], Sequence[Process]]":
    alive = await running.alive()
    return (
        [each for each in alive if each.reload >= wish],
        [each for each in alive if each.reload < wish],
    )


def _many(count: int) -> str:
    return f"{count} process{'' if count == 1 else 'es'}"
