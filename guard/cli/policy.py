"""``guard policy``: check the YAML, try it on mails, and ask why a mail is judged as it is."""

import click

from guard.cli.policy_check import check
from guard.cli.policy_exceptions import exceptions
from guard.cli.policy_explain import explain
from guard.cli.policy_fatigue import fatigue
from guard.cli.policy_new import new
from guard.cli.policy_schema import schema
from guard.cli.policy_show import show
from guard.cli.policy_test import test
from guard.cli.policy_try import try_
from guard.cli.policy_upgrade import upgrade


@click.group()
def policy() -> None:
    """Check the rules, and ask why a mail is judged as it is."""


for command in (check, explain, test, try_, fatigue, show, exceptions, new, upgrade, schema):
    policy.add_command(command)
