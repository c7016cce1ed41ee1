"""How a command ends when something is wrong: words on stderr and the exit code that fits."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NoReturn

import click

from guard.model.errors import GuardError, KeyFileError, SettingsError, SourceError
from guard.problems import render

AWAY: Final = 69
TRY_LATER: Final = 75
MISCONFIGURED: Final = 78


@contextmanager
def told() -> Iterator[None]:
    """Tell of Guard's own errors in words, and end with their exit code."""
    try:
        yield
    except SettingsError as error:
        click.echo(render(error.problems, error.sources), err=True)
        count = len(error.problems)
        click.echo(f"\n{count} problem{'' if count == 1 else 's'}. Nothing was started.", err=True)
        sys.exit(MISCONFIGURED)
    except KeyFileError as error:
        fail(str(error), MISCONFIGURED)
    except SourceError as error:
        fail(str(error), 1)
    except GuardError as error:
        fail(str(error) or error.reply.text, AWAY)


def fail(message: str, code: int) -> NoReturn:
    """Say *message* on stderr and exit with *code*."""
    click.echo(f"guard: {message}", err=True)
    sys.exit(code)
