"""``guard policy schema``: the language as a JSON Schema, for editors."""

import json

import click


@click.command()
def schema() -> None:
    """
    Print the JSON Schema of policy files.

    A line on top of a file tells editors of it, where the schema lies beside:

        # yaml-language-server: $schema=policy.schema.json
    """
    from guard.policy.json_schema import policy_schema

    click.echo(json.dumps(policy_schema(), ensure_ascii=False, indent=1))
