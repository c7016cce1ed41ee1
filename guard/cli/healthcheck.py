"""``guard healthcheck``: is a running guard well? For containers and supervisors."""

import urllib.error
import urllib.request
from pathlib import Path

import click

from guard.cli.errors import AWAY, fail
from guard.cli.options import config_option


@click.command()
@config_option
def healthcheck(*, config: Path) -> None:
    """Ask a running guard's /readyz; exits 0 when it is well, 69 when not."""
    from guard.config import load

    address = load(config).admin.address
    try:
        with urllib.request.urlopen(f"http://{address}/readyz", timeout=5) as answer:
            click.echo(answer.read().decode().strip())
    except urllib.error.HTTPError as error:
        fail(f"not ready: {error.read().decode(errors='replace').strip()}", AWAY)
    except OSError as error:
        fail(f"nothing answers at {address}: {error}", AWAY)
