"""How a command ends when something is wrong: words on stderr and the exit code that fits."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NoReturn

import click

from guard.model.errors import GuardError, KeyFileError, SettingsError, SourceError
from guard.problems import count, render

FOUND_PROBLEMS: Final = 1
AWAY: Final = 69
MISCONFIGURED: Final = 78


@contextmanager
def told() -> Iterator[None]:
    """Tell of Guard's own errors in words, and end with their exit code."""
    try:
        yield
    except SettingsError as error:
        click.echo(render(error.problems, error.sources), err=True)
        click.echo(f"\n{count(error.problems)} Nothing was started.", err=True)
        sys.exit(MISCONFIGURED)
    except KeyFileError as error:
        fail(str(error), MISCONFIGURED)
    except SourceError as error:
        fail(str(error), FOUND_PROBLEMS)
    except GuardError as error:
        fail(str(error) or error.reply.text, AWAY)


def fail(message: str, code: int) -> NoReturn:
    """Say *message* on stderr and exit with *code*."""
    click.echo(f"guard: {message}", err=True)
    sys.exit(code)
