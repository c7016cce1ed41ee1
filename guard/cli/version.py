"""``guard version``."""

import json
import platform

import click

from guard import __version__
from guard.cli.options import json_option


@click.command()
@json_option
def version(*, as_json: bool) -> None:
    """Print the version of Guard and of the Python it runs on."""
    if as_json:
        click.echo(json.dumps({"guard": __version__, "python": platform.python_version()}))
    else:
        click.echo(f"guard {__version__} · Python {platform.python_version()}")
