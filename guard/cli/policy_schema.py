"""``guard policy schema``: the language as a JSON Schema, for editors."""

import json

import click


@click.command()
@click.option("--tests", is_flag=True, help="Of files of policy tests.")
def schema(*, tests: bool) -> None:
    """
    Print the JSON Schema of policy files.

    A line on top of a file tells editors of it, where the schema lies beside:

        # yaml-language-server: $schema=policy.schema.json
    """
    from guard.policy.json_schema import policy_schema, schema_of
    from guard.policy_tests.schema import Suite

    shape = schema_of(Suite, "Tests of a policy of Guard") if tests else policy_schema()
    click.echo(json.dumps(shape, ensure_ascii=False, indent=1))
