"""``guard version``."""

import json
import platform

import click

from guard import __version__


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print an object instead of a line.")
def version(*, as_json: bool) -> None:
    """Print the version of Guard and of the Python it runs on."""
    if as_json:
        click.echo(json.dumps({"guard": __version__, "python": platform.python_version()}))
    else:
        click.echo(f"guard {__version__} · Python {platform.python_version()}")
