"""Options that several commands share."""

from pathlib import Path

import click

config_option = click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("guard.toml"),
    show_default=True,
    help="Settings file; every key can also be a variable like GUARD_UPSTREAM__ADDRESS.",
)

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON lines.")
