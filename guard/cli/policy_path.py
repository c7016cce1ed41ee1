"""Which policy a command is about, where none is named."""

from pathlib import Path
from typing import Final

import click

from guard.model.errors import SettingsError

DEFAULT: Final = Path("policies")
SETTINGS: Final = Path("guard.toml")

policy_path = click.Path(path_type=Path, exists=True)
"""A policy's folder or file, on the command line."""


def configured(settings: Path = SETTINGS) -> Path:
    """Give the policy that *settings* name; a policy can be checked without them."""
    from guard.config import load

    if settings.is_file():
        try:
            named = load(settings).policies
        except SettingsError:
            return DEFAULT
        here = Path.cwd()
        return named.relative_to(here) if named.is_relative_to(here) else named
    return DEFAULT
