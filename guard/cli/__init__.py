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
    "demo": "A working loop to look at, nothing to set up.",
    "init": "Write guard.toml and policies/ into this folder.",
    "run": "Relay mail, hold what looks like a slip, ask.",
    "reload": "Have running guards read policy, keys and certificates again.",
    "policy": "Check a policy, explain a decision.",
    "held": "Look at held mail; send it or give it back.",
    "audit": "Who did what to held mail, and proof of it.",
    "keys": "The subkeys of the key file: new ones, old ones.",
    "db": "Upgrade, check, back up, restore or move the database.",
    "contacts": "Whom people here write to.",
    "lists": "The customer lists that must not leave.",
    "users": "The file of logins, for clients that Guard checks itself.",
    "extract": "Show what Guard reads in a file.",
    "healthcheck": "Ask a running guard whether it is well.",
    "version": "Print the version.",
}
"""In the order of `guard --help`. Each is a click command of its own name in `guard.cli.NAME`."""


class Commands(click.Group):
    """Imports a command's module when it is called, not for `guard --help`."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Give the names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the command called *cmd_name*."""
        if cmd_name not in COMMANDS:
            return None
        command = getattr(importlib.import_module(f"guard.cli.{cmd_name}"), cmd_name)
        assert isinstance(command, click.Command)  # noqa: S101 -- the table above is ours
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


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
        sys.exit(guard(standalone_mode=False))
