"""
The command line: one module a command group, loaded only when it is called.

Data goes to stdout, talk to stderr. Exit codes: 0 done, 1 worked and found problems, 2 wrong
usage, 69 something needed is away, 78 settings or policy are invalid.
"""

import importlib
import sys
from typing import Final

import click

from guard import __version__
from guard.cli.errors import told

COMMANDS: Final = {
    # name: (module, attribute); the order is that of `guard --help`
    "demo": ("guard.cli.demo", "demo"),
    "init": ("guard.cli.init", "init"),
    "run": ("guard.cli.run", "run"),
    "policy": ("guard.cli.policy", "policy"),
    "held": ("guard.cli.held", "held"),
    "contacts": ("guard.cli.contacts", "contacts"),
    "lists": ("guard.cli.lists", "lists"),
    "extract": ("guard.cli.extract", "extract"),
    "healthcheck": ("guard.cli.healthcheck", "healthcheck"),
    "version": ("guard.cli.version", "version"),
}


class Commands(click.Group):
    """Imports a command's module when it is asked for: `guard --help` starts in no time."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Give the names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the command called *cmd_name*."""
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name]
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)  # noqa: S101 -- the table above is ours
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", prog_name="guard")
def guard() -> None:
    """
    Outbound mail misdelivery guard.

    Stands between mail clients and the real mail server, and asks the sender before a mail goes to
    the wrong person.  Try it: guard demo
    """


def main() -> None:
    """Run the command line; errors that Guard knows end in words, not in a traceback."""
    with told():
        sys.exit(guard(standalone_mode=True))
