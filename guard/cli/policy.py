"""``guard policy``: check the YAML, try it on mails, and ask why a mail is judged as it is."""

import click

from guard.cli.policy_check import check
from guard.cli.policy_explain import explain
from guard.cli.policy_schema import schema
from guard.cli.policy_test import test


@click.group()
def policy() -> None:
    """Check the rules, and ask why a mail is judged as it is."""


policy.add_command(check)
policy.add_command(explain)
policy.add_command(schema)
policy.add_command(test)
